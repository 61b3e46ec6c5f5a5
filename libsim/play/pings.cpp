// See pings.hpp.
#include "libsim/play/pings.hpp"

#include <algorithm>

#include "libsim/scenario/nodes.hpp"

namespace sim::play {

namespace {

constexpr std::string_view kStation = "station";
constexpr ha::PortKind kMgmt = ha::PortKind::mgmt;

bool is_machine(const std::string& place) {
    return place.ends_with("-vm1") || place.ends_with("-vm2");
}

constexpr std::size_t kUplink = 1;

/// Of its module.
std::size_t port_of(const std::string& machine) {
    return machine.ends_with("-vm1") ? 2 : 3;
}

}  // namespace

NodeIndex Pings::host_of(const std::string& machine) const {
    return world_->find(machine.substr(0, machine.rfind('-')));
}

Pings::Path Pings::path_of(const Running& ping, const scenario::Ping& wanted,
                           const std::vector<std::string>& lab_addresses) const {
    const auto is_mgmt_address = [&wanted](const std::string& address) {
        return address.substr(0, address.find('/')) == wanted.to;
    };
    if (wanted.from == kStation)
        return std::ranges::any_of(lab_addresses, is_mgmt_address) ? Path::address : Path::dead;
    if (!traffic_ || ping.from == kNoNode)
        return Path::none;
    // Virtual machines have no route to anywhere but each other.
    if (!is_machine(wanted.to))
        return Path::none;
    return ping.to == kNoNode ? Path::dead : Path::machines;
}

void Pings::start(const scenario::Ping& wanted, const std::vector<std::string>& lab_addresses) {
    Running ping;
    if (is_machine(wanted.from)) {
        ping.from = host_of(wanted.from);
        ping.from_port = port_of(wanted.from);
    }
    if (is_machine(wanted.to)) {
        ping.to = host_of(wanted.to);
        ping.to_port = port_of(wanted.to);
    }
    ping.path = path_of(ping, wanted, lab_addresses);
    ping.interval = wanted.interval;
    ping.next = world_->now();
    look(ping);
    pings_[wanted.name] = ping;
}

void Pings::set_power(NodeIndex node, bool on) {
    if (on)
        without_power_.erase(node);
    else
        without_power_.insert(node);
}

/// The ports of a module are its uplink and those of its two machines, in this order.
bool Pings::ports_forward(const Running& ping) const {
    const auto forwards = [this](NodeIndex node, std::size_t number) {
        const auto& ports = world_->module_ports(node);
        return number > ports.size() || ports[number - 1].link;
    };
    const bool uplinks =
        ping.from == ping.to || (forwards(ping.from, kUplink) && forwards(ping.to, kUplink));
    return uplinks && forwards(ping.from, ping.from_port) && forwards(ping.to, ping.to_port);
}

/// Whether a packet would be answered now.
void Pings::look(Running& ping) const {
    ping.holder = kNoNode;
    switch (ping.path) {
        case Path::none:
        case Path::dead:
            ping.stands = false;
            return;
        case Path::machines:
            ping.stands = !without_power_.contains(ping.from) &&
                          !without_power_.contains(ping.to) && ports_forward(ping);
            return;
        case Path::address:
            for (NodeIndex node = 0; node < world_->nodes(); ++node)
                if (world_->is_supervisor(node) && world_->has_address(node) &&
                    world_->is_connected(kNoNode, node, kMgmt) &&
                    world_->is_connected(node, kNoNode, kMgmt))
                    ping.holder = node;
            ping.stands = ping.holder != kNoNode;
            return;
    }
}

bool Pings::survives_chance(const Running& ping) {
    if (ping.holder == kNoNode)
        return true;
    const auto lost = [&](Direction direction) {
        return chance_.happens(world_->quality(ping.holder, kMgmt, direction).loss_ppm);
    };
    const bool request_lost = lost(Direction::in);
    return !lost(Direction::out) && !request_lost;
}

void Pings::send(Running& ping) {
    if (ping.last_lost) {
        ++ping.count.sent;
        ++ping.count.lost;
    }
    ping.last_lost = !(ping.stands && survives_chance(ping));
    if (!ping.last_lost)
        ++ping.count.sent;
    ping.next += ping.interval;
}

void Pings::advance() {
    for (auto& [name, ping] : pings_) {
        if (ping.path == Path::none)
            continue;
        while (ping.next < world_->now())
            send(ping);
        look(ping);
        while (ping.next <= world_->now())
            send(ping);
    }
}

Instant Pings::next() const {
    Instant next = ha::kNever;
    for (const auto& [name, ping] : pings_)
        if (ping.path != Path::none)
            next = std::min(next, ping.next);
    return next;
}

Pings::Count Pings::count(const std::string& name) const {
    const auto found = pings_.find(name);
    return found == pings_.end() ? Count{} : found->second.count;
}

}  // namespace sim::play
