// See snmp_notification.hpp.
#include "libha/runtime/snmp_notification.hpp"

// The order is the library's.
// clang-format off
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
// clang-format on

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <vector>

namespace ha::runtime {
namespace {

using Oid = std::vector<oid>;

/// netSnmpPlaypen of the NET-SNMP project, which is for such uses, and our place in it.
const Oid kBase = {1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 1000};
const Oid kUpTime = {1, 3, 6, 1, 2, 1, 1, 3, 0};
const Oid kContact = {1, 3, 6, 1, 2, 1, 1, 4, 0};
const Oid kName = {1, 3, 6, 1, 2, 1, 1, 5, 0};
const Oid kLocation = {1, 3, 6, 1, 2, 1, 1, 6, 0};
const Oid kTrap = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
/// Longer texts are cut: a notification has to fit into a datagram.
constexpr std::size_t kMaximumText = 1000;

Oid below_base(std::initializer_list<oid> rest) {
    Oid name = kBase;
    name.insert(name.end(), rest);
    return name;
}
Oid object(oid number) {
    return below_base({1, number, 0});
}

struct CloseSession {
    void operator()(void* session) const { snmp_sess_close(session); }
};
struct FreePdu {
    void operator()(snmp_pdu* pdu) const { snmp_free_pdu(pdu); }
};
using Pdu = std::unique_ptr<snmp_pdu, FreePdu>;

void add(const Pdu& pdu, const Oid& name, u_char type, const void* value, std::size_t size) {
    snmp_pdu_add_variable(pdu.get(), name.data(), name.size(), type, value, size);
}
void add(const Pdu& pdu, const Oid& name, const std::string& text) {
    add(pdu, name, ASN_OCTET_STR, text.data(), std::min(text.size(), kMaximumText));
}

Pdu make_pdu(const Notification& notification) {
    Pdu pdu(snmp_pdu_create(SNMP_MSG_TRAP2));
    const auto hundredths = notification.uptime / std::chrono::milliseconds{10};
    const auto ticks = static_cast<u_long>(hundredths & 0xffffffff);
    add(pdu, kUpTime, ASN_TIMETICKS, &ticks, sizeof ticks);
    const Oid trap = below_base({0, notification.number});
    add(pdu, kTrap, ASN_OBJECT_ID, trap.data(), trap.size() * sizeof(oid));
    const events::Event& event = notification.event;
    add(pdu, kName, event.node);
    if (!notification.contact.empty())
        add(pdu, kContact, notification.contact);
    if (!notification.location.empty())
        add(pdu, kLocation, notification.location);
    add(pdu, object(1), event.name);
    counter64 sequence{};
    sequence.high = static_cast<u_long>(event.sequence >> 32U);
    sequence.low = static_cast<u_long>(event.sequence & 0xffffffffU);
    add(pdu, object(2), ASN_COUNTER64, &sequence, sizeof sequence);
    const auto severity = static_cast<std::int64_t>(event.severity);
    add(pdu, object(3), ASN_INTEGER, &severity, sizeof severity);
    add(pdu, object(4), event.message);
    return pdu;
}

std::string error_of(void* session) {
    char* text = nullptr;
    snmp_sess_error(session, nullptr, nullptr, &text);
    std::string error = text == nullptr ? "unknown error" : text;
    std::free(text);
    return error;
}

void keep_library_silent() {
    // It would write to standard error otherwise.
    static const bool kOnce =
        netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, LOG_DEBUG) != nullptr;
    static_cast<void>(kOnce);
}

}  // namespace

std::string send_notification(const std::string& address, std::uint16_t port,
                              const std::string& community, const Notification& notification) {
    keep_library_silent();
    snmp_session settings{};
    snmp_sess_init(&settings);
    std::string peer = "udp:" + address + ":" + std::to_string(port);
    std::vector<u_char> name(community.begin(), community.end());
    settings.version = SNMP_VERSION_2c;
    settings.peername = peer.data();
    settings.community = name.data();
    settings.community_len = name.size();
    const std::unique_ptr<void, CloseSession> session(snmp_sess_open(&settings));
    if (!session)
        return "no socket for " + peer;
    Pdu pdu = make_pdu(notification);
    if (snmp_sess_send(session.get(), pdu.get()) == 0)
        return error_of(session.get());
    static_cast<void>(pdu.release());  // the library's now
    return {};
}

}  // namespace ha::runtime
