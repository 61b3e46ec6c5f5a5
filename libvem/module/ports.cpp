// What a module does about the ports that carry traffic: takes orders of its supervisor and says
// what the ports are (VEM-8). It keeps the last orders it was given, without a supervisor and over
// its own restart; nothing else that happens to it touches a port (VEM-6).
#include <algorithm>
#include <string>
#include <utility>

#include "libvem/module/module.hpp"

namespace vem::module {

namespace catalog = ha::catalog;
namespace wire = ha::wire;
using wire::PortOrder;

namespace {

/// Reports that changes of ports draw from us in one heartbeat interval, beside the answers to
/// heartbeats.
constexpr unsigned kReportsPerInterval = 4;
/// So many changed orders are told in one line of the log.
constexpr std::size_t kMaximumTold = 8;

PortOrder order_at(const std::vector<PortOrder>& orders, std::size_t index) {
    return index < orders.size() ? orders[index] : PortOrder::none;
}

/// What is held when `orders` come: a port that nothing is said of any more goes back to what a
/// port is by default, so that a line removed from the configuration leaves nothing shut down.
std::vector<PortOrder> held_after(const std::vector<PortOrder>& held,
                                  const std::vector<PortOrder>& orders) {
    std::vector<PortOrder> after;
    const std::size_t count =
        std::min(std::max(held.size(), orders.size()), wire::kMaximumModulePorts);
    for (std::size_t index = 0; index < count; ++index) {
        const PortOrder order = order_at(orders, index);
        const bool given_up = order == PortOrder::none && order_at(held, index) != PortOrder::none;
        after.push_back(given_up ? PortOrder::no_shutdown : order);
    }
    while (!after.empty() && after.back() == PortOrder::none) {
        after.pop_back();
    }
    return after;
}

/// "1 shutdown, 3 no shutdown": the ports whose orders differ.
std::string difference(const std::vector<PortOrder>& before, const std::vector<PortOrder>& after) {
    std::string text;
    std::size_t count = 0;
    for (std::size_t index = 0; index < after.size(); ++index) {
        const PortOrder order = after[index];
        if (order == order_at(before, index) || ++count > kMaximumTold) {
            continue;
        }
        text += (text.empty() ? "" : ", ") + std::to_string(index + 1) +
                (order == PortOrder::shutdown ? " shutdown" : " no shutdown");
    }
    if (count > kMaximumTold) {
        text += ", and " + std::to_string(count - kMaximumTold) + " more";
    }
    return text;
}

}  // namespace

/// Copies, and orders that others of the same supervisor have overtaken, change nothing.
void Module::take_orders(const wire::PortOrders& orders, Effects& effects) {
    if (orders_from_ == supervisor_ && orders.number <= orders_number_) {
        return;
    }
    orders_from_ = supervisor_;
    orders_number_ = orders.number;
    std::vector<PortOrder> held = held_after(orders_, orders.ports);
    if (held == orders_) {
        return;
    }
    effects.emplace_back(
        catalog::Report{catalog::MessageId::module_ports_ordered,
                        {std::to_string(ha::number(supervisor_.slot)), difference(orders_, held)}});
    orders_ = std::move(held);
    effects.emplace_back(OrderPorts{orders_});
}

void Module::reply(Effects& effects) {
    const wire::PortReport report{orders_from_ == supervisor_ ? orders_number_ : 0, ports_};
    send(supervisor_.mac,
         wire::ModuleHeartbeatReply{supervisor_.incarnation, options_.host, module_, answered_,
                                    report},
         effects);
}

/// The supervisor learns of it at once. Should the frame be lost, the next heartbeat's answer says
/// the same.
void Module::on(const PortsChanged& input, Effects& effects) {
    if (ports_ == input.ports) {
        return;
    }
    ports_ = input.ports;
    ports_.resize(std::min(ports_.size(), wire::kMaximumModulePorts));
    if (state_ == State::attached && !joining_ && answered_ != 0 &&
        reports_.take(input.now, options_.heartbeat_interval, kReportsPerInterval)) {
        reply(effects);
    }
}

}  // namespace vem::module
