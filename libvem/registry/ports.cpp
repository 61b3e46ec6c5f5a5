// The ports of modules: the orders that the configuration has for them, sent with heartbeats until
// a module says that it holds them, and what modules report of their ports (VEM-8).
#include "libvem/registry/ports.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace vem::registry {

namespace catalog = ha::catalog;
namespace wire = ha::wire;
using wire::PortOrder;

namespace {

/// Lines of the log that ports of one module may cause in this time; `show interface` has them all.
constexpr Duration kPortReportInterval = std::chrono::seconds{10};
constexpr unsigned kPortReportsPerInterval = 16;

void strip(std::vector<PortOrder>& orders) {
    orders.resize(std::min(orders.size(), wire::kMaximumModulePorts));
    while (!orders.empty() && orders.back() == PortOrder::none) {
        orders.pop_back();
    }
}

catalog::Report report_of(const std::string& name, PortStatus status) {
    if (status == PortStatus::up) {
        return {catalog::MessageId::port_up, {name}};
    }
    if (status == PortStatus::administratively_down) {
        return {catalog::MessageId::port_down_administratively, {name}};
    }
    return {catalog::MessageId::port_down, {name, std::string{to_string(status)}}};
}

}  // namespace

std::string_view to_string(PortStatus status) {
    switch (status) {
        case PortStatus::up:
            return "none";
        case PortStatus::administratively_down:
            return "Administratively down";
        case PortStatus::link_not_connected:
            return "Link not connected";
        case PortStatus::outside_bridge:
            return "Not in the bridge";
        case PortStatus::missing:
            return "Interface missing";
        case PortStatus::no_such_port:
            return "No such port";
        case PortStatus::module_removed:
            return "Module removed";
    }
    return "?";
}

PortStatus status_of(const wire::PortState& state) {
    if (!state.present) {
        return PortStatus::missing;
    }
    if (!state.admin_up) {
        return PortStatus::administratively_down;
    }
    if (!state.link) {
        return PortStatus::link_not_connected;
    }
    return state.forwards ? PortStatus::up : PortStatus::outside_bridge;
}

PortStatus status_of(const ModuleSnapshot& module, unsigned number) {
    if (module.attachment != Attachment::online) {
        return PortStatus::module_removed;
    }
    if (number == 0 || number > module.ports.size()) {
        return PortStatus::no_such_port;
    }
    return status_of(module.ports[number - 1].state);
}

PortOrder order_of(const std::vector<PortOrder>& orders, unsigned number) {
    return number == 0 || number > orders.size() ? PortOrder::none : orders[number - 1];
}

bool is_as_ordered(const ModuleSnapshot& module, unsigned number) {
    const PortOrder order = order_of(module.orders.ports, number);
    if (order == PortOrder::none) {
        return true;
    }
    if (module.orders_held != module.orders.number || number > module.ports.size()) {
        return false;
    }
    const wire::PortState& state = module.ports[number - 1].state;
    return state.present && state.admin_up == (order == PortOrder::no_shutdown);
}

const wire::PortOrders& Registry::orders_for(ha::Slot module) const {
    static const wire::PortOrders kNone{1, {}};
    const auto found = orders_.find(module);
    return found == orders_.end() ? kNone : found->second;
}

void Registry::on(const PortsConfigured& input, Effects& effects) {
    std::map<ha::Slot, std::vector<PortOrder>> wanted = input.orders;
    for (const auto& [module, orders] : orders_) {
        wanted.try_emplace(module);  // what is not said any more is taken back
    }
    for (auto& [module, ports] : wanted) {
        strip(ports);
        const wire::PortOrders& before = orders_for(module);
        if (ports == before.ports) {
            continue;
        }
        orders_[module] = {before.number + 1, std::move(ports)};
        const auto entry = modules_.find(ha::number(module));
        if (active_ && entry != modules_.end() && entry->second.accepted) {
            send_heartbeat(entry->second, effects);
        }
    }
}

/// The first report after an attachment says what is, later ones what has changed.
void Registry::take_report(Entry& entry, const wire::PortReport& report, bool is_first, Instant now,
                           Effects& effects) {
    ModuleSnapshot& shown = entry.shown;
    shown.orders_held = report.held;
    const std::size_t known = shown.ports.size();
    shown.ports.resize(report.ports.size());
    for (std::size_t index = 0; index < report.ports.size(); ++index) {
        Port& port = shown.ports[index];
        const bool is_new = index >= known;
        const PortStatus before = status_of(port.state);
        if (!is_new && port.state == report.ports[index]) {
            continue;
        }
        port.state = report.ports[index];
        const PortStatus status = status_of(port.state);
        if (is_new || status != before) {
            port.since = now;
        }
        if (!is_first && (is_new || status != before) &&
            entry.port_reports.take(now, kPortReportInterval, kPortReportsPerInterval)) {
            effects.push_back(report_of(
                std::to_string(ha::number(shown.record.module)) + "/" + std::to_string(index + 1),
                status));
        }
    }
}

}  // namespace vem::registry
