// Notifications to SNMP managers (SNMPv2c traps): what happened at this node, as
// configs/VSM-HA-MIB.txt describes it. Reads the events (event_log.hpp) on a thread of its own, as
// the hooks do, so neither a manager that is not there nor a busy network ever delays anything.
// What cannot be sent is tried again for a moment, for a new active has no address yet when it
// becomes one, then counted and left.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ha::runtime {

class EventLog;

struct TrapHost {
    std::string address;  ///< IPv4, "10.0.0.9"
    std::uint16_t port = 162;
    std::string community;
    friend bool operator==(const TrapHost&, const TrapHost&) = default;
};

struct TrapRules {
    std::vector<TrapHost> hosts;
    bool sends_all = false;
    bool sends_services = false;  ///< those of the group sysmgr; also with all
    std::string contact;          ///< sysContact, empty: left out
    std::string location;         ///< sysLocation, empty: left out
    friend bool operator==(const TrapRules&, const TrapRules&) = default;
};

struct TrapHostStatus {
    TrapHost host;
    std::uint64_t sent = 0;
    std::uint64_t failed = 0;  ///< could not be sent, or waited too long or with too many others
    std::string fault;         ///< why the latest could not be sent, empty: it was
};

/// An event that is a notification: its number below vsmHaNotifications, and the MIB's name for it.
struct TrapKind {
    std::string_view event;
    std::uint32_t number = 0;
    std::string_view name;
    bool is_service = false;  ///< of the group sysmgr
};
std::span<const TrapKind> trap_kinds();

class TrapSender {
public:
    /// Sends what happens from now on. `events` outlives it.
    explicit TrapSender(EventLog& events);
    /// Sends what was recorded, if that is possible at once.
    ~TrapSender();
    TrapSender(const TrapSender&) = delete;
    TrapSender& operator=(const TrapSender&) = delete;

    /// From any thread, without waiting. Hosts that were there before keep their counts.
    void set(const TrapRules& rules);
    [[nodiscard]] std::vector<TrapHostStatus> status() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ha::runtime
