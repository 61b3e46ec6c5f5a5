// See interface_rules.hpp.
#include "daemons/vsmd/interface_rules.hpp"

#include <utility>

#include "libha/runtime/address_requests.hpp"

namespace vsmd {

using namespace ha;
using namespace ha::runtime;

namespace {

std::string address_text(const config::InterfaceSettings& settings) {
    return settings.address + "/" + std::to_string(settings.prefix_length);
}

InterfaceOrder order_of(const config::InterfaceSettings& settings,
                        const std::vector<InterfaceAddress>& installed) {
    InterfaceOrder order;
    order.is_shut_down = settings.is_shut_down;
    const auto configured = settings.address.empty()
                                ? tl::unexpected(std::string("none"))
                                : InterfaceAddress::parse(address_text(settings));
    if (configured) {
        order.addresses.push_back(*configured);
    }
    for (const InterfaceAddress& address : installed) {
        if (!configured || address.family != InterfaceAddress::Family::ipv4) {
            order.addresses.push_back(address);
        }
    }
    return order;
}

/// What is asked of an interface that was not asked before.
bool asks_for_more(const config::InterfaceSettings& before,
                   const config::InterfaceSettings& after) {
    return (after.is_shut_down && !before.is_shut_down) ||
           (!after.address.empty() &&
            (after.address != before.address || after.prefix_length != before.prefix_length));
}

std::string address_fault(const std::string& name, const config::InterfaceSettings& settings) {
    if (settings.address.empty()) {
        return {};
    }
    const auto parsed = InterfaceAddress::parse(address_text(settings));
    return parsed ? std::string() : name + ": " + parsed.error();
}

}  // namespace

InterfaceOrders interface_orders(const SupervisorConfiguration& configuration,
                                 const config::Settings& settings) {
    InterfaceOrders orders;
    orders[index_of(PortKind::control)] = order_of(settings.control, {});
    orders[index_of(PortKind::mgmt)] = order_of(settings.mgmt, configuration.addresses);
    return orders;
}

std::string interface_fault(const SupervisorConfiguration& configuration,
                            const config::Settings& before, const config::Settings& after) {
    const bool more_of_mgmt = asks_for_more(before.mgmt, after.mgmt);
    if (!more_of_mgmt && !asks_for_more(before.control, after.control)) {
        return {};
    }
    if (more_of_mgmt && !configuration.mgmt) {
        return "mgmt0: this supervisor has no interface for it (interfaces.mgmt of its file)";
    }
    const bool shared =
        configuration.mgmt && configuration.mgmt->name == configuration.control.name;
    if (shared && (after.mgmt.is_shut_down || after.control.is_shut_down)) {
        return "control0 and mgmt0 are VLANs of one interface, " + configuration.control.name +
               ": shut down it would carry neither";
    }
    for (std::string fault :
         {address_fault("mgmt0", after.mgmt), address_fault("control0", after.control)}) {
        if (!fault.empty()) {
            return fault;
        }
    }
    AddressRequests requests;
    if (const auto opened = requests.open(); !opened) {
        return opened.error();
    }
    const std::string missing = requests.missing_permission();
    return missing.empty() ? std::string() : "This " + missing;
}

}  // namespace vsmd
