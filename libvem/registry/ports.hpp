// A port of a module in one word, for those who show or tell it. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "libvem/registry/registry.hpp"

namespace vem::registry {

enum class PortStatus : std::uint8_t {
    up,
    administratively_down,
    link_not_connected,
    outside_bridge,  ///< up with a link, but it does not forward
    missing,         ///< the module has such a port, its host has no such interface
    no_such_port,    ///< the module has fewer ports
    module_removed,  ///< the module is not online
};
/// "Link not connected"; "none" for up. What `show interface` says.
std::string_view to_string(PortStatus status);

PortStatus status_of(const ha::wire::PortState& state);
/// `number` counts from 1.
PortStatus status_of(const ModuleSnapshot& module, unsigned number);

/// What `orders` say of the port; none beyond them. `number` counts from 1.
ha::wire::PortOrder order_of(const std::vector<ha::wire::PortOrder>& orders, unsigned number);

/// Whether the port is as it is configured, as far as the module has told.
bool is_as_ordered(const ModuleSnapshot& module, unsigned number);

}  // namespace vem::registry
