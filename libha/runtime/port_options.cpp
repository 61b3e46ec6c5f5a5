#include "libha/runtime/port_options.hpp"

#include "libha/wire/layout.hpp"
#include "libha/wire/receiver.hpp"

namespace ha::runtime {

L2PortOptions supervisor_port(PortKind kind, const PortSettings& settings,
                              std::uint16_t ether_type) {
    L2PortOptions options;
    options.interface_name = settings.name;
    options.vlan = settings.vlan;
    options.ether_type = ether_type;
    if (wire::carries(kind, wire::kBulkType))
        options.bulk = {wire::kTypeOffset, static_cast<std::uint8_t>(wire::kBulkType)};
    return options;
}

}  // namespace ha::runtime
