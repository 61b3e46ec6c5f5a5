// Who is at the other end of the control socket, and what they may: the roles network-admin, who
// changes things, and network-operator, who looks.
#pragma once

#include <optional>
#include <string>

#include "libha/runtime/control_protocol.hpp"

namespace ha::runtime {

/// Section `access` of the configuration.
struct AccessSettings {
    std::string admin_group = "vsm-admin";
    friend bool operator==(const AccessSettings&, const AccessSettings&) = default;
};

/// Root, the daemon's own user, and members of the group. Asks the system's databases, so not for
/// the thread that answers heartbeats. A group that does not exist has no members.
bool is_network_admin(const ControlPeer& peer, const AccessSettings& settings);

/// "admin"; the number when the user has no name.
std::string user_name(const ControlPeer& peer);
/// The controlling terminal of a process as the kernel writes it, 0 without one; nothing when that
/// cannot be seen.
std::optional<std::int64_t> terminal_of(std::int32_t process);
/// The terminal of the process at the other end: "pts/3", "console0" for the machine's own; "none"
/// without one. Where other users' processes are hidden, the one that it claims to have. In front
/// of it the address from which the user came there, if any: "10.0.0.7@pts/3".
std::string origin_of(const ControlPeer& peer, std::int64_t claimed_terminal);
/// From which address this user logged in on this terminal ("pts/3"), as a list of logins has it;
/// empty where there is none. The system's list (utmp) is written by login programs only. Read as
/// the file that it is: the C library's functions share one position and set an alarm.
std::string login_address(const std::string& user, const std::string& terminal,
                          const std::string& list);
/// The same of the controlling terminal's number as the kernel writes it.
std::string terminal_name(std::int64_t number);

}  // namespace ha::runtime
