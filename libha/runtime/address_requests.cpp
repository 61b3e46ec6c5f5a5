#include "libha/runtime/address_requests.hpp"

#include <linux/if_addr.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace ha::runtime {

namespace {

struct FreeMessage {
    void operator()(nl_msg* message) const { nlmsg_free(message); }
};
using Message = std::unique_ptr<nl_msg, FreeMessage>;

constexpr const char* kNoSocket = "no route socket can be opened";
constexpr const char* kNeedsAdministrator =
    "needs the capability CAP_NET_ADMIN, which this process does not have";

std::string explain(int status, const std::string& interface_name,
                    const InterfaceAddress& address) {
    switch (-status) {
        case NLE_PERM:
            return kNeedsAdministrator;
        case NLE_NODEV:
            return "interface " + interface_name + " does not exist";
        case NLE_NOACCESS:
            if (address.family == InterfaceAddress::Family::ipv6)
                return "IPv6 is disabled on interface " + interface_name;
            break;
        default:
            break;
    }
    return "interface " + interface_name + " refuses it: " + nl_geterror(status);
}

/// The part that adding and removing share.
Message address_message(int type, int flags, unsigned index, const InterfaceAddress& address) {
    Message message{nlmsg_alloc_simple(type, flags)};
    ifaddrmsg header{};
    const bool ipv4 = address.family == InterfaceAddress::Family::ipv4;
    header.ifa_family = ipv4 ? AF_INET : AF_INET6;
    header.ifa_prefixlen = address.prefix_length;
    header.ifa_index = index;
    header.ifa_scope = RT_SCOPE_UNIVERSE;
    // The address was another node's a moment ago; waiting to see whether anybody objects would
    // cost a second of every takeover.
    header.ifa_flags = ipv4 ? 0 : IFA_F_NODAD;
    const auto bytes = address.bytes();
    if (!message || nlmsg_append(message.get(), &header, sizeof header, NLMSG_ALIGNTO) != 0 ||
        nla_put(message.get(), IFA_LOCAL, static_cast<int>(bytes.size()), bytes.data()) != 0 ||
        nla_put(message.get(), IFA_ADDRESS, static_cast<int>(bytes.size()), bytes.data()) != 0)
        return nullptr;
    return message;
}

bool put_broadcast(nl_msg* message, const InterfaceAddress& address) {
    if (address.family == InterfaceAddress::Family::ipv6 || address.prefix_length > 30)
        return true;
    std::array<std::uint8_t, 4> broadcast{};
    for (std::size_t octet = 0; octet < 4; ++octet) {
        const int network_bits =
            std::clamp(address.prefix_length - static_cast<int>(octet) * 8, 0, 8);
        broadcast.at(octet) =
            static_cast<std::uint8_t>(address.octets.at(octet) | (0xffU >> network_bits));
    }
    return nla_put(message, IFA_BROADCAST, 4, broadcast.data()) == 0;
}

int execute(nl_sock* socket, nl_msg* message) {
    const int sent = nl_send_auto(socket, message);
    return sent < 0 ? sent : nl_wait_for_ack(socket);
}

NetlinkSocket connect_route() {
    NetlinkSocket socket{nl_socket_alloc()};
    if (!socket || nl_connect(socket.get(), NETLINK_ROUTE) != 0)
        return nullptr;
    return socket;
}

}  // namespace

void CloseNetlink::operator()(nl_sock* socket) const {
    nl_socket_free(socket);
}

tl::expected<void, std::string> AddressRequests::open() {
    socket_ = connect_route();
    if (!socket_)
        return tl::unexpected(std::string{kNoSocket});
    // Answers are short and known in size: no look at their length first.
    nl_socket_disable_msg_peek(socket_.get());
    return {};
}

tl::expected<void, std::string> AddressRequests::add(const std::string& interface_name,
                                                     const InterfaceAddress& address,
                                                     std::uint32_t lease_seconds) {
    if (!socket_)
        return tl::unexpected(std::string{kNoSocket});
    const unsigned index = if_nametoindex(interface_name.c_str());
    if (index == 0)
        return tl::unexpected("interface " + interface_name + " does not exist");
    const Message message =
        address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK, index, address);
    ifa_cacheinfo lease{};
    lease.ifa_prefered = lease_seconds;
    lease.ifa_valid = lease_seconds;
    if (!message || !put_broadcast(message.get(), address) ||
        nla_put(message.get(), IFA_CACHEINFO, sizeof lease, &lease) != 0)
        return tl::unexpected(std::string{"out of memory"});
    const int status = execute(socket_.get(), message.get());
    if (status < 0)
        return tl::unexpected(explain(status, interface_name, address));
    return {};
}

tl::expected<bool, std::string> AddressRequests::remove(const std::string& interface_name,
                                                        const InterfaceAddress& address) {
    if (!socket_)
        return tl::unexpected(std::string{kNoSocket});
    const unsigned index = if_nametoindex(interface_name.c_str());
    if (index == 0)
        return false;
    const Message message = address_message(RTM_DELADDR, NLM_F_ACK, index, address);
    if (!message)
        return tl::unexpected(std::string{"out of memory"});
    const int status = execute(socket_.get(), message.get());
    if (status >= 0)
        return true;
    if (status == -NLE_NOADDR || status == -NLE_NODEV || status == -NLE_OBJ_NOTFOUND)
        return false;
    return tl::unexpected(explain(status, interface_name, address));
}

void AddressRequests::promote_secondaries(const std::string& interface_name) {
    const Message message{nlmsg_alloc_simple(RTM_SETLINK, NLM_F_ACK)};
    ifinfomsg header{};
    header.ifi_index = static_cast<int>(if_nametoindex(interface_name.c_str()));
    if (!message || !socket_ || header.ifi_index == 0 ||
        nlmsg_append(message.get(), &header, sizeof header, NLMSG_ALIGNTO) != 0)
        return;
    nlattr* families = nla_nest_start(message.get(), IFLA_AF_SPEC);
    nlattr* inet = nla_nest_start(message.get(), AF_INET);
    nlattr* settings = nla_nest_start(message.get(), IFLA_INET_CONF);
    nla_put_u32(message.get(), IPV4_DEVCONF_PROMOTE_SECONDARIES, 1);
    nla_nest_end(message.get(), settings);
    nla_nest_end(message.get(), inet);
    nla_nest_end(message.get(), families);
    // An old kernel or a missing capability refuses; adding the address then tells of the latter.
    static_cast<void>(execute(socket_.get(), message.get()));
}

int AddressRequests::set_link(int interface_index, bool up) {
    const Message message{nlmsg_alloc_simple(RTM_SETLINK, NLM_F_ACK)};
    ifinfomsg header{};
    header.ifi_index = interface_index;
    header.ifi_flags = up ? static_cast<unsigned>(IFF_UP) : 0U;
    header.ifi_change = IFF_UP;
    if (!message || !socket_ ||
        nlmsg_append(message.get(), &header, sizeof header, NLMSG_ALIGNTO) != 0)
        return -NLE_NOMEM;
    return execute(socket_.get(), message.get());
}

tl::expected<void, std::string> AddressRequests::set_link(const std::string& interface_name,
                                                          bool up) {
    const unsigned index = if_nametoindex(interface_name.c_str());
    const int status = index == 0 ? -NLE_NODEV : set_link(static_cast<int>(index), up);
    if (status < 0)
        return tl::unexpected(explain(status, interface_name, {}));
    return {};
}

/// Asked by doing it to an interface that is not there: containers take rights away in more ways
/// than capability bits tell.
std::string AddressRequests::missing_permission() {
    if (!socket_)
        return kNoSocket;
    const bool refused = set_link(std::numeric_limits<int>::max(), true) == -NLE_PERM;
    return refused ? kNeedsAdministrator : std::string();
}

tl::expected<void, std::string> AddressEvents::open(OnRemoved on_removed) {
    on_removed_ = std::move(on_removed);
    socket_ = connect_route();
    if (!socket_)
        return tl::unexpected(std::string{kNoSocket});
    nl_socket_disable_seq_check(socket_.get());
    nl_socket_set_nonblocking(socket_.get());
    nl_socket_add_memberships(socket_.get(), RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0);
    const auto on_message = [](nl_msg* message, void* self) -> int {
        nlmsghdr* header = nlmsg_hdr(message);
        nlattr* attributes[IFA_MAX + 1];
        if (header->nlmsg_type != RTM_DELADDR ||
            nlmsg_parse(header, sizeof(ifaddrmsg), attributes, IFA_MAX, nullptr) != 0)
            return NL_OK;
        const auto* information = static_cast<const ifaddrmsg*>(nlmsg_data(header));
        const nlattr* value =
            attributes[IFA_LOCAL] != nullptr ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
        InterfaceAddress address;
        address.family = information->ifa_family == AF_INET ? InterfaceAddress::Family::ipv4
                                                            : InterfaceAddress::Family::ipv6;
        address.prefix_length = information->ifa_prefixlen;
        const auto length = address.bytes().size();
        if (value == nullptr || static_cast<std::size_t>(nla_len(value)) != length)
            return NL_OK;
        std::copy_n(static_cast<const std::uint8_t*>(nla_data(value)), length,
                    address.octets.begin());
        static_cast<AddressEvents*>(self)->on_removed_(static_cast<int>(information->ifa_index),
                                                       address);
        return NL_OK;
    };
    nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_CUSTOM, on_message, this);
    return {};
}

int AddressEvents::descriptor() const {
    return nl_socket_get_fd(socket_.get());
}

bool AddressEvents::receive() {
    bool complete = true;
    for (;;) {
        const int status = nl_recvmsgs_default(socket_.get());
        if (status == -NLE_NOMEM)
            complete = false;
        else if (status < 0)
            return complete;
    }
}

}  // namespace ha::runtime
