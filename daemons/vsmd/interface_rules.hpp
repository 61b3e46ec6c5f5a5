// What the configuration makes of this host's interfaces, and what this host cannot do of it.
#pragma once

#include <string>

#include "libha/config/settings.hpp"
#include "libha/runtime/configuration.hpp"
#include "libha/runtime/interface_keeper.hpp"

namespace vsmd {

/// `interface mgmt0` and `control0`. An address there replaces the IPv4 ones that the file gives.
ha::runtime::InterfaceOrders interface_orders(
    const ha::runtime::SupervisorConfiguration& configuration,
    const ha::config::Settings& settings);

/// Empty, or why this host cannot do what is new in `after`. Asks the kernel, so not for the thread
/// that answers heartbeats.
std::string interface_fault(const ha::runtime::SupervisorConfiguration& configuration,
                            const ha::config::Settings& before, const ha::config::Settings& after);

}  // namespace vsmd
