#include "test/support/virtual_pair.hpp"

#include <algorithm>

namespace test {

using namespace ha;
using namespace ha::supervisor;

VirtualPair::Node& VirtualPair::add(const std::string& name, Role role,
                                    const std::function<void(Options&)>& tune) {
    auto node = std::make_unique<Node>();
    node->name = name;
    node->number = static_cast<std::uint8_t>(nodes_.size() + 1);
    node->options.pair.role = role;
    node->options.pair.domain = DomainId{100};
    if (tune)
        tune(node->options);
    return *(nodes_[name] = std::move(node));
}

MacAddress VirtualPair::mac(const Node& node, PortKind port) {
    return {{0x02, 0, 0, 0, static_cast<std::uint8_t>(index_of(port) + 1), node.number}};
}

bool VirtualPair::become_ha(const std::function<void(Options&)>& tune) {
    add("a", Role::primary, tune);
    add("b", Role::secondary, tune);
    start("a");
    start("b");
    return run_until([this] { return is_ha("a", "b"); }, std::chrono::seconds{20});
}

bool VirtualPair::settle_as_ha(const std::function<void(Options&)>& tune) {
    add("a", Role::primary, tune);
    add("b", Role::secondary, tune);
    start("a");
    const seconds limit{10};
    if (!run_until([this] { return redundancy::is_active(state("a")); }, limit))
        return false;
    start("b");
    const bool settled = run_until([this] { return is_ha("a", "b"); }, limit);
    run(seconds{2});
    return settled;
}

std::size_t VirtualPair::count(const std::string& name, catalog::MessageId id) const {
    const auto& reports = nodes_.at(name)->reports;
    return static_cast<std::size_t>(std::count_if(reports.begin(), reports.end(),
                                                  [&](const auto& one) { return one.id == id; }));
}

void VirtualPair::start(const std::string& name) {
    Node& node = this->node(name);
    const std::uint32_t boots = node.disk.state().boots + 1;
    node.disk.count_boot(boots);
    Options options = node.options;
    options.stored = node.disk;
    options.pair.incarnation = Incarnation{(std::uint64_t{boots} << 32U) + node.number};
    node.machine = std::make_unique<Supervisor>(options, now_);
    node.holds_address = false;
    for (const PortKind port : kPortKinds)
        set_carrier(name, port, true);
}

void VirtualPair::set_carrier(const std::string& name, PortKind port, bool carrier) {
    Node& node = this->node(name);
    const LinkState link{true, true, carrier, mac(node, port), std::string(to_string(port)) + "0",
                         ""};
    step(node, LinkChanged{port, link, now_});
}

void VirtualPair::thaw(const std::string& name) {
    Node& node = this->node(name);
    node.frozen = false;
    // What a real socket does: the oldest frames are kept, the rest is lost.
    for (std::size_t index = 0; !node.queued.empty(); ++index) {
        if (index < 100)
            node.queued.front()();
        node.queued.pop_front();
    }
    // The runtime notices that the process did not run, once the queue is read (HB-7).
    if (now_ - node.frozen_at >= node.options.pair.heartbeat_interval)
        step(node, Stalled{now_ - node.frozen_at, now_});
}

void VirtualPair::cut(const std::string& name, PortKind port, bool in, bool out) {
    node(name).deaf[index_of(port)] |= in;
    node(name).mute[index_of(port)] |= out;
}

void VirtualPair::heal(const std::string& name) {
    node(name).deaf.fill(false);
    node(name).mute.fill(false);
}

void VirtualPair::input(const std::string& name, const std::function<Input(Instant)>& make) {
    step(node(name), make(now_));
}

void VirtualPair::inject(PortKind port, const MacAddress& source, const MacAddress& destination,
                         wire::Bytes payload) {
    flights_.push_back({now_ + kDelay, ++order_, port, source, destination, std::move(payload)});
}

void VirtualPair::step(Node& node, const Input& input) {
    if (!node.machine)
        return;
    Effects effects;
    node.machine->step(input, effects);
    node.effects_of_last_step = effects;
    for (const Effect& effect : effects)
        carry_out(node, effect);
}

void VirtualPair::carry_out(Node& node, const Effect& effect) {
    if (const auto* send = std::get_if<SendFrame>(&effect)) {
        if (!node.mute[index_of(send->port)])
            inject(send->port, mac(node, send->port), send->destination, send->payload);
    } else if (const auto* store = std::get_if<Persist>(&effect)) {
        stores_.emplace_back(node.name, *store);
    } else if (std::holds_alternative<HoldAddress>(effect)) {
        node.holds_address = true;
    } else if (std::holds_alternative<ReleaseAddress>(effect)) {
        node.holds_address = false;
    } else if (std::holds_alternative<AnnounceAddress>(effect)) {
        ++node.announcements;
    } else if (const auto* report = std::get_if<catalog::Report>(&effect)) {
        node.reports.push_back(*report);
    } else if (const auto* run = std::get_if<RunConsole>(&effect)) {
        node.consoles.push_back(*run);
    } else if (const auto* answered = std::get_if<ConsoleCompleted>(&effect)) {
        node.console_answers[answered->ticket] = *answered;
    } else if (const auto* completed = std::get_if<ChangeCompleted>(&effect)) {
        node.completed[completed->ticket] = completed->error;
    } else if (std::holds_alternative<Restart>(effect)) {
        ++node.restarts;
    } else if (std::holds_alternative<Exit>(effect)) {
        ++node.exits;
    }
}

void VirtualPair::deliver(const Flight& flight) {
    if (record)
        seen.push_back({flight.port, flight.source, flight.destination, flight.payload});
    for (auto& [name, held] : nodes_) {
        Node* node = held.get();
        const MacAddress own = mac(*node, flight.port);
        if (flight.source == own || !node->machine || node->deaf[index_of(flight.port)])
            continue;
        if (flight.destination != kBroadcastMac && flight.destination != own)
            continue;
        if (loss_percent != 0 && random_() % 100 < loss_percent)
            continue;
        if (refuse && refuse(flight.payload))
            continue;
        const auto hand_over = [this, node, flight, received_at = now_] {
            step(*node,
                 FrameReceived{flight.port, flight.source, flight.payload, received_at, now_});
        };
        if (node->frozen)
            node->queued.emplace_back(hand_over);
        else
            hand_over();
    }
}

void VirtualPair::run(Duration duration) {
    run_until([] { return false; }, duration);
}

bool VirtualPair::run_until(const std::function<bool()>& condition, Duration limit) {
    const Instant end = now_ + limit;
    while (!condition()) {
        if (!stores_.empty()) {
            const auto [name, store] = stores_.front();
            stores_.pop_front();
            Node& node = this->node(name);
            if (node.machine) {
                node.disk.apply(store.changes);
                step(node, StoreCompleted{store.token, true, now_});
            }
            continue;
        }
        Instant next = end;
        for (auto& [name, node] : nodes_)
            if (node->machine && !node->frozen)
                next = std::min(next, std::max(now_, node->machine->next_deadline()));
        const bool frame_first = !flights_.empty() && flights_.front().at <= next;
        if (frame_first)
            next = flights_.front().at;
        if (next >= end && !frame_first) {
            now_ = end;
            return condition();
        }
        now_ = std::max(now_, next);
        if (frame_first) {
            const Flight flight = flights_.front();
            flights_.pop_front();
            deliver(flight);
        }
        for (auto& [name, node] : nodes_) {
            if (!node->machine || node->frozen)
                continue;
            if (!frame_first && node->machine->next_deadline() <= now_)
                step(*node, Tick{now_});
            if (node->exits + node->restarts > 0 &&
                node->machine->snapshot().pair.state == ha::redundancy::PairState::leaving) {
                const bool restart = node->exits == 0;
                node->machine.reset();
                if (restart)
                    start(name);
                node->exits = 0;
            }
        }
    }
    return true;
}

}  // namespace test
