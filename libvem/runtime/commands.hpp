// The operator's commands of a module: a line and a snapshot in, text or data out. vemd answers its
// control socket with this. Pure: it asks for no time and changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libha/base/time.hpp"
#include "libha/cli/engine.hpp"
#include "libvem/module/module.hpp"
#include "libvem/runtime/port_setup.hpp"

namespace vem::runtime {

struct CommandContext {
    module::Snapshot snapshot;
    ha::Instant now;  ///< ages are shown against this
    ha::Instant started;
    std::string version;
    std::uint16_t control_vlan = 0;  ///< 0: untagged
    std::string control_interface;
    std::string control_link;  ///< "up", or what is wrong with it
    ha::Incarnation incarnation = ha::kNoIncarnation;
    unsigned processors = 0;
    bool authenticated = false;
    std::vector<PortStatus> ports;
    std::vector<std::string> log;  ///< oldest first, without line ends
};

ha::cli::Result execute(std::string_view line, const CommandContext& context);

}  // namespace vem::runtime
