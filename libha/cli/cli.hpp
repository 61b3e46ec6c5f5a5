// The operator's commands of a supervisor: a line and a snapshot in, text and perhaps an action
// out. The daemon answers its control socket with this; docs/json.md documents the data of every
// command.
//
// Pure: it never changes the snapshot, asks for no time and carries out no action. Safe to call
// from any thread with a Context of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libha/cli/engine.hpp"
#include "libha/supervisor/supervisor.hpp"

namespace ha::cli {

struct Context {
    supervisor::Snapshot snapshot;
    Instant now;        ///< ages are shown against this
    WallTime wall_now;  ///< dates are shown against this
    std::string hostname = "switch";
    std::string version;
    Duration kernel_uptime{};
    std::vector<std::string> log;    ///< oldest first, without line ends
    std::uint16_t control_vlan = 0;  ///< 0: untagged
    std::string management_address;  ///< "10.0.0.10", empty: none; shown while it is held
    std::string kernel;              ///< "Linux 6.1.0-18-amd64", empty: not known
};

Result execute(std::string_view line, const Context& context);

}  // namespace ha::cli
