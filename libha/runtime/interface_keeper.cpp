// See interface_keeper.hpp.
#include "libha/runtime/interface_keeper.hpp"

#include <utility>

namespace ha::runtime {

std::string interface_name_of(PortKind port) {
    return port == PortKind::control ? "control0" : "mgmt0";
}

InterfaceKeeper::InterfaceKeeper(boost::asio::io_context& loop,
                                 const SupervisorConfiguration& configuration,
                                 AddressKeeper::Reporter report)
    : loop_(loop),
      loss_interval_(configuration.timers.loss_interval),
      report_(std::move(report)),
      switch_(configuration.directories.run, report_) {
    scheduling_.realtime_priority = configuration.scheduling.realtime_priority;
    interfaces_[index_of(PortKind::control)].name = configuration.control.name;
    if (configuration.mgmt) {
        Interface& mgmt = interfaces_[index_of(PortKind::mgmt)];
        mgmt.name = configuration.mgmt->name;
        mgmt.order.addresses = configuration.addresses;
    }
}

void InterfaceKeeper::start() {
    for (const PortKind port : kPortKinds) {
        switch_.set_up(interface_name_of(port));
        give_addresses(interfaces_[index_of(port)]);
    }
}

void InterfaceKeeper::obey(const InterfaceOrders& orders) {
    for (const PortKind port : kPortKinds) {
        Interface& one = interfaces_[index_of(port)];
        if (one.name.empty() || one.order == orders[index_of(port)])
            continue;
        one.order = orders[index_of(port)];
        give_addresses(one);
        obey(port);
    }
}

void InterfaceKeeper::hold() {
    active_ = true;
    for (const PortKind port : kPortKinds)
        obey(port);
}

void InterfaceKeeper::announce() {
    for (Interface& one : interfaces_)
        if (one.addresses && one.holding)
            one.addresses->announce();
}

void InterfaceKeeper::release() {
    active_ = false;
    for (const PortKind port : kPortKinds)
        obey(port);
}

void InterfaceKeeper::link_changed(PortKind port, const LinkState& link) {
    Interface& one = interfaces_[index_of(port)];
    const bool is_another = link.present && link.index != one.link.index;
    one.link = link;
    if (one.addresses)
        one.addresses->link_changed(link);
    if (is_another && one.shut_down)
        switch_.set_down(interface_name_of(port), one.name);
}

std::vector<Testament::Address> InterfaceKeeper::held() const {
    std::vector<Testament::Address> held;
    for (const Interface& one : interfaces_)
        if (one.addresses && one.holding)
            for (const InterfaceAddress& address : one.order.addresses)
                held.push_back({one.name, address});
    return held;
}

/// An interface that is shut down has no address: two nodes could answer for one otherwise, as the
/// kernel answers for addresses of any of its interfaces.
void InterfaceKeeper::obey(PortKind port) {
    Interface& one = interfaces_[index_of(port)];
    if (one.name.empty())
        return;
    const bool shut_down = active_ && one.order.is_shut_down;
    const bool holding = active_ && !shut_down;
    const bool was_holding = std::exchange(one.holding, holding);
    if (one.addresses && was_holding && !holding)
        one.addresses->release();
    if (std::exchange(one.shut_down, shut_down) != shut_down) {
        if (shut_down)
            switch_.set_down(interface_name_of(port), one.name);
        else
            switch_.set_up(interface_name_of(port));
    }
    if (one.addresses && holding && !was_holding)
        one.addresses->hold();
}

void InterfaceKeeper::give_addresses(Interface& one) {
    if (one.addresses)
        return one.addresses->set_addresses(one.order.addresses);
    if (one.name.empty() || one.order.addresses.empty())
        return;
    AddressKeeperOptions options{one.name, one.order.addresses, loss_interval_, scheduling_};
    one.addresses.emplace(loop_, options, report_);
    one.addresses->start();
    if (one.link.index != 0)
        one.addresses->link_changed(one.link);
    if (one.holding)
        one.addresses->hold();
}

}  // namespace ha::runtime
