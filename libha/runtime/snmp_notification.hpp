// One SNMPv2c notification made and sent with net-snmp's library. Never waits for an answer: there
// is none. For one thread at a time.
#pragma once

#include <cstdint>
#include <string>

#include "libha/base/time.hpp"
#include "libha/events/event.hpp"

namespace ha::runtime {

struct Notification {
    std::uint32_t number = 0;  ///< below vsmHaNotifications
    events::Event event;
    Duration uptime{};     ///< of this process
    std::string contact;   ///< empty: left out
    std::string location;  ///< empty: left out
};

/// Empty when it was sent, or why not.
std::string send_notification(const std::string& address, std::uint16_t port,
                              const std::string& community, const Notification& notification);

}  // namespace ha::runtime
