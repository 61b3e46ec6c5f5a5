// A supervisor in one line, for those who have no room for more: `systemctl status`.
#pragma once

#include <string>

#include "libha/supervisor/supervisor.hpp"

namespace ha::cli {

/// "primary, active, peer ha-standby, mode HA": role, state, the peer's state and the redundancy
/// mode, in the words of the product's screens; behind them what is wrong with them.
std::string status_line(const supervisor::Snapshot& snapshot);

}  // namespace ha::cli
