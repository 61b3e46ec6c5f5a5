// The networks: which frame reaches whom, when, and in what condition. See world.hpp.
#include <algorithm>

#include "libha/wire/layout.hpp"
#include "libsim/world/implementation.hpp"

namespace sim {

using namespace ha;

void World::Implementation::index_addresses() {
    for (auto& addresses : listeners_)
        addresses.clear();
    for (NodeIndex index = 0; index < nodes_.size(); ++index)
        for (const PortKind kind : kPortKinds)
            if (nodes_[index]->port(kind).interface.exists)
                listeners_[index_of(kind)][nodes_[index]->port(kind).interface.mac].push_back(
                    index);
}

bool World::Implementation::is_connected(NodeIndex from, NodeIndex to, PortKind port) const {
    const Port* near = from == kNoNode ? nullptr : &nodes_[from]->port(port);
    const Port* far = to == kNoNode ? nullptr : &nodes_[to]->port(port);
    if (near != nullptr && (!near->is_usable() || near->cut_out))
        return false;
    if (far != nullptr && (!far->is_usable() || far->cut_in))
        return false;
    if (near == nullptr || far == nullptr)
        return true;
    return near->interface.vlan == far->interface.vlan &&
           near->interface.ether_type == far->interface.ether_type &&
           !separated_.contains({from, to, port});
}

void World::Implementation::transmit(NodeIndex from, PortKind kind, const MacAddress& destination,
                                     wire::Bytes payload) {
    emit(wrap(from, kind, destination, std::move(payload)));
}

std::shared_ptr<const Transit> World::Implementation::wrap(NodeIndex from, PortKind kind,
                                                           const MacAddress& destination,
                                                           wire::Bytes payload) const {
    const Interface& interface = nodes_[from]->port(kind).interface;
    return std::make_shared<Transit>(Transit{kind, from, interface.mac, destination, interface.vlan,
                                             interface.ether_type, std::move(payload)});
}

void World::Implementation::emit(const std::shared_ptr<const Transit>& transit) {
    const Frame frame{now_,
                      transit->port,
                      transit->from,
                      kNoNode,
                      transit->source,
                      transit->destination,
                      &transit->payload};
    for (Observer* observer : observers_)
        observer->on_sent(frame);
    broadcast(transit, &nodes_[transit->from]->port(transit->port).out);
}

void World::Implementation::broadcast(const std::shared_ptr<const Transit>& transit,
                                      const WireQuality* out) {
    const auto& listeners = listeners_[index_of(transit->port)];
    if (!transit->destination.is_group()) {
        const auto found = listeners.find(transit->destination);
        if (found != listeners.end())
            for (const NodeIndex to : found->second)
                carry(transit, to, out);
        return;
    }
    for (NodeIndex to = 0; to < nodes_.size(); ++to)
        if (nodes_[to]->port(transit->port).interface.exists)
            carry(transit, to, out);
}

/// What keeps a frame from leaving, or from reaching that node, now.
std::optional<Loss> World::Implementation::obstacle(const Transit& transit, NodeIndex to) const {
    const Port& far = nodes_[to]->port(transit.port);
    if (transit.from != kNoNode) {
        const Port& near = nodes_[transit.from]->port(transit.port);
        if (!near.is_up())
            return Loss::interface_down;
        if (!near.carrier)
            return Loss::no_carrier;
        if (near.cut_out || separated_.contains({transit.from, to, transit.port}))
            return Loss::cut;
    }
    if (far.cut_in)
        return Loss::cut;
    if (far.interface.ether_type != transit.ether_type)
        return Loss::other_vlan;
    return std::nullopt;
}

void World::Implementation::carry(const std::shared_ptr<const Transit>& transit, NodeIndex to,
                                  const WireQuality* out) {
    if (to == transit->from)
        return;
    if (const auto why = obstacle(*transit, to))
        return tell_lost(*transit, to, *why);
    const WireQuality& in = nodes_[to]->port(transit->port).in;
    const bool lost =
        (out != nullptr && chance_.happens(out->loss_ppm)) || chance_.happens(in.loss_ppm);
    if (lost)
        return tell_lost(*transit, to, Loss::chance);
    const auto spoken = relabel(transit, out, in);
    const bool corrupt =
        (out != nullptr && chance_.happens(out->corrupt_ppm)) || chance_.happens(in.corrupt_ppm);
    const bool twice = (out != nullptr && chance_.happens(out->duplicate_ppm)) ||
                       chance_.happens(in.duplicate_ppm);
    const auto arriving = corrupt ? spoil(spoken) : spoken;
    plan_arrival(arriving, to, out, in);
    if (twice)
        plan_arrival(arriving, to, out, in);
}

void World::Implementation::plan_arrival(const std::shared_ptr<const Transit>& transit,
                                         NodeIndex to, const WireQuality* out,
                                         const WireQuality& in) {
    const auto wait = [this](const WireQuality& quality) {
        const auto jitter = static_cast<std::uint64_t>(quality.jitter.count());
        return quality.delay + Duration{static_cast<Duration::rep>(chance_.below(jitter + 1))};
    };
    Instant at = now_ + options_.wire_delay + wait(in);
    if (out != nullptr)
        at += wait(*out);
    const bool reorder = in.reorder || (out != nullptr && out->reorder);
    if (!reorder) {
        Instant& latest = latest_arrival_[{transit->from, to, transit->port}];
        latest = at = std::max(at, latest);
    }
    agenda_.add({at, Event::Kind::arrival, to, 0, 0, transit});
}

std::shared_ptr<const Transit> World::Implementation::relabel(
    const std::shared_ptr<const Transit>& transit, const WireQuality* out, const WireQuality& in) {
    const bool at_exit = out != nullptr && out->wire_version != wire::kVersion;
    if ((!at_exit && in.wire_version == wire::kVersion) ||
        transit->payload.size() <= wire::kVersionOffset)
        return transit;
    auto relabelled = std::make_shared<Transit>(*transit);
    relabelled->payload[wire::kVersionOffset] = at_exit ? out->wire_version : in.wire_version;
    return relabelled;
}

std::shared_ptr<const Transit> World::Implementation::spoil(
    const std::shared_ptr<const Transit>& transit) {
    auto spoiled = std::make_shared<Transit>(*transit);
    const std::uint64_t flips = 1 + chance_.below(8);
    for (std::uint64_t flip = 0; flip < flips && !spoiled->payload.empty(); ++flip) {
        auto& octet = spoiled->payload[chance_.below(spoiled->payload.size())];
        octet = static_cast<std::uint8_t>(octet ^ (1U << chance_.below(8)));
    }
    return spoiled;
}

void World::Implementation::tell_lost(const Transit& transit, NodeIndex to, Loss why) {
    const Frame frame{now_,           transit.port,        transit.from,    to,
                      transit.source, transit.destination, &transit.payload};
    for (Observer* observer : observers_)
        observer->on_lost(frame, why);
}

void World::Implementation::on_arrival(const Event& event) {
    Node& node = *nodes_[event.node];
    const Transit& transit = *event.transit;
    const Port& port = node.port(transit.port);
    if (!port.is_up())
        return tell_lost(transit, event.node, Loss::interface_down);
    if (!port.carrier)
        return tell_lost(transit, event.node, Loss::no_carrier);
    if (!node.is_alive())
        return tell_lost(transit, event.node, Loss::no_process);
    if (node.process == ProcessState::frozen) {
        if (node.waiting.frames.size() >= options_.queue_limit)
            return tell_lost(transit, event.node, Loss::queue_full);
        node.waiting.frames.push_back({event.transit, now_});
        return;
    }
    take_frame(event.node, transit, now_);
}

void World::Implementation::take_frame(NodeIndex index, const Transit& transit, Instant arrived) {
    Node& node = *nodes_[index];
    if (!node.takes_inputs())
        return tell_lost(transit, index, Loss::no_process);
    const Frame frame{arrived,        transit.port,        transit.from,    index,
                      transit.source, transit.destination, &transit.payload};
    for (Observer* observer : observers_)
        observer->on_arrived(frame);
    const Instant received_at = node.clock.local(arrived);
    const Instant now = node.clock.local(now_);
    if (transit.vlan != node.port(transit.port).interface.vlan) {
        tell_lost(transit, index, Loss::other_vlan);
        if (node.supervisor)
            step(index,
                 supervisor::FramesDropped{transit.port, wire::DropReason::vlan_mismatch, 1, now});
        return;
    }
    if (node.supervisor) {
        tell_stall(index);
        step(index, supervisor::FrameReceived{transit.port, transit.source, transit.payload,
                                              received_at, now});
    } else if (node.module) {
        step(index, vem::module::FrameReceived{transit.source, transit.payload, received_at, now});
    }
}

void World::Implementation::thaw(NodeIndex index) {
    Node& node = *nodes_[index];
    if (node.process != ProcessState::frozen)
        return;
    node.process = ProcessState::running;
    tell_process(index, "thawed");
    tell_stall(index);
    Waiting waiting = std::exchange(node.waiting, {});
    for (const Waiting::Arrival& arrival : waiting.frames)
        take_frame(index, *arrival.transit, arrival.at);
    for (const PortKind kind : kPortKinds)
        if (waiting.link_news[index_of(kind)])
            tell_link(index, kind);
    if (waiting.port_news)
        tell_ports(index);
    if (waiting.stored && node.is_alive())
        on_stored(index, *waiting.stored);
    if (waiting.stop)
        stop(index);
    node.wake_at = kNever;
    if (node.takes_inputs()) {
        tick(index);
        rearm(index);
    }
}

}  // namespace sim
