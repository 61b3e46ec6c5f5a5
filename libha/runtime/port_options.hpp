// How a supervisor opens the ports that are configured.
#pragma once

#include <cstdint>

#include "libha/base/identity.hpp"
#include "libha/runtime/configuration_parts.hpp"
#include "libha/runtime/l2_port.hpp"

namespace ha::runtime {

/// Bulk has a queue of its own on the ports that carry it.
L2PortOptions supervisor_port(PortKind kind, const PortSettings& settings,
                              std::uint16_t ether_type);

}  // namespace ha::runtime
