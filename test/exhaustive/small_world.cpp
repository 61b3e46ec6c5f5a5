#include "test/exhaustive/small_world.hpp"

#include <algorithm>

#include "libha/wire/seal.hpp"

namespace test::exhaustive {

using namespace ha;
using namespace ha::supervisor;
using namespace std::chrono_literals;

namespace {

constexpr Duration kHeartbeat = 1s;
constexpr Duration kLoss = 3 * kHeartbeat;  // the shortest there is
constexpr std::uint8_t kSides[] = {0, 1};

std::uint8_t other(std::uint8_t side) {
    return side == 0 ? 1 : 0;
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
    return hash ^ (hash >> 29U);
}

std::uint64_t mix(std::uint64_t hash, const wire::Bytes& bytes) {
    for (const std::uint8_t byte : bytes)
        hash = (hash ^ byte) * 0x100000001b3ULL;
    return mix(hash, bytes.size());
}

/// Frames for modules decide nothing in a world without modules.
bool is_for_modules(const wire::Bytes& payload) {
    const auto frame = wire::decode(payload);
    return frame && (std::holds_alternative<wire::ModuleBeacon>(frame->message) ||
                     std::holds_alternative<wire::SwitchRequest>(frame->message));
}

}  // namespace

std::string to_string(const Event& event) {
    static constexpr const char* kKinds[] = {"deliver", "lose", "fire",  "stall",     "detach",
                                             "store",   "boot", "crash", "switchover"};
    std::string text = kKinds[static_cast<std::size_t>(event.kind)];
    if (event.kind == Kind::deliver || event.kind == Kind::lose)
        text += " " + std::string(ha::to_string(event.port)) + " to";
    return text + (event.side == 0 ? " primary" : " secondary");
}

SmallWorld::SmallWorld(const Setup& setup)
    : setup_(setup),
      witness_(setup.timely.has_value()),
      crashes_left_(setup.crashes),
      stalls_left_(setup.stalls),
      switchovers_left_(setup.switchovers) {
    for (const std::uint8_t side : kSides)
        add(side);
    if (setup_.acquainted)
        make_acquainted();
    const std::uint8_t first = setup_.up_before[1] > setup_.up_before[0] ? 1 : 0;
    boot(first);
    const Instant second_boots = sides_[first].now + setup_.up_before[first];
    while (sides_[first].machine->next_deadline() < second_boots)
        fire(first);
    sides_[0].now = sides_[1].now = second_boots;
    boot(other(first));
    if (setup_.split)
        split();
    if (setup_.frozen)
        exchange_hellos();
    if (setup_.whole)
        make_whole();
}

MacAddress SmallWorld::mac(std::uint8_t side, PortKind port) {
    return {{0x02, 0, 0, 0, static_cast<std::uint8_t>(index_of(port) + 1),
             static_cast<std::uint8_t>(side + 1)}};
}

void SmallWorld::add(std::uint8_t side) {
    Side& added = sides_[side];
    added.options.pair.role = side == 0 ? Role::primary : Role::secondary;
    added.options.pair.domain = DomainId{100};
    added.options.pair.heartbeat_interval = kHeartbeat;
    added.options.pair.loss_interval = kLoss;
    added.options.keeps_logs = setup_.logs;
    if (setup_.with_key)
        added.options.keyring.keys.push_back({1, {7}});
    added.now = Instant{1000s};
}

/// As if they had been a pair until their wires were cut: each names the other's present life.
void SmallWorld::make_acquainted() {
    for (const std::uint8_t side : kSides) {
        PersistentState state;
        for (const PortKind port : kPortKinds)
            state.peer_macs[index_of(port)] = mac(other(side), port);
        state.peer_incarnation = Incarnation{(std::uint64_t{1} << 32U) + other(side) + 1};
        sides_[side].stored = StoredState(state);
    }
}

/// Both boot on cut wires and become active.
void SmallWorld::split() {
    cut_ = true;
    for (const std::uint8_t side : kSides) {
        while (witness_.state(side) != "active-alone")
            fire(side);
        attach_modules(side);
        sides_[side].now += setup_.active_longer[side];
        // The hello that is due now is lost as well.
        fire(side);
        while (!sides_[side].stores.empty())
            complete_store(side);
    }
    cut_ = false;
}

/// Both hear each other, freeze what they compare, and send it.
void SmallWorld::exchange_hellos() {
    for (const std::uint8_t side : kSides)
        fire(side);
    for (const std::uint8_t side : kSides)
        for (auto& wire : sides_[side].incoming)
            while (!wire.empty())
                deliver(side,
                        &wire == &sides_[side].incoming[0] ? PortKind::control : PortKind::mgmt);
    for (const std::uint8_t side : kSides)
        fire(side);
}

/// The calm that a world may begin with: the primary is active, the secondary its HA standby, and
/// nothing is under way.
void SmallWorld::make_whole() {
    if (!settles(30s))
        witness_.fault("the world does not begin with a pair");
    while (calm_event()) {
    }
    calm_for_ = {};
}

void SmallWorld::from_module(std::uint8_t to, std::uint8_t module, const wire::Message& message) {
    wire::Frame frame;
    frame.domain = sides_[to].options.pair.domain;
    frame.port = PortKind::control;
    frame.incarnation = Incarnation{100U + module};
    frame.sequence = ++module_frames_;
    frame.message = message;
    wire::Bytes payload = wire::encode(frame);
    const MacAddress source{{0x02, 0, 0, 0, 9, module}};
    wire::seal(payload, source, sides_[to].options.keyring);
    const Instant now = sides_[to].now;
    step(to, FrameReceived{PortKind::control, source, payload, now, now}, 4, &payload);
}

/// Modules that say hello, get their number and answer one heartbeat.
void SmallWorld::attach_modules(std::uint8_t index) {
    for (std::uint8_t module = 0; module < setup_.modules[index]; ++module) {
        const Uuid host{{static_cast<std::uint8_t>(index + 1), module}};
        from_module(index, module, wire::ModuleHello{host, "host", kNoSlot, false});
        while (!sides_[index].stores.empty())
            complete_store(index);
        const Slot number{static_cast<std::uint8_t>(kFirstModuleNumber + module)};
        from_module(index, module,
                    wire::ModuleHeartbeatReply{sides_[index].incarnation, host, number, 1});
    }
    sides_[index].modules = setup_.modules[index];
}

void SmallWorld::detach_modules(std::uint8_t index) {
    for (std::uint8_t module = 0; module < sides_[index].modules; ++module) {
        const Uuid host{{static_cast<std::uint8_t>(index + 1), module}};
        from_module(
            index, module,
            wire::ModuleDetach{sides_[index].incarnation, host, wire::DetachReason::stopping});
    }
    sides_[index].modules = 0;
}

void SmallWorld::boot(std::uint8_t index) {
    Side& side = sides_[index];
    const std::uint32_t boots = side.stored.state().boots + 1;
    side.stored.count_boot(boots);
    side.incarnation = Incarnation{(std::uint64_t{boots} << 32U) + index + 1};
    Options options = side.options;
    options.stored = side.stored;
    options.pair.incarnation = side.incarnation;
    side.machine = std::make_unique<Supervisor>(options, side.now);
    side.stores.clear();
    side.modules = 0;
    witness_.born(index, side.incarnation);
    for (const PortKind port : kPortKinds) {
        const bool carrier = port == PortKind::control || setup_.two_wires;
        const LinkState link{
            true, true, carrier, mac(index, port), std::string(ha::to_string(port)) + "0", ""};
        step(index, LinkChanged{port, link, side.now}, 1);
    }
}

void SmallWorld::step(std::uint8_t index, const Input& input, std::uint64_t mark,
                      const wire::Bytes* payload) {
    Side& side = sides_[index];
    side.history = mix(mix(side.history, mark),
                       static_cast<std::uint64_t>(side.now.time_since_epoch().count()));
    if (payload != nullptr)
        side.history = mix(side.history, *payload);
    Effects effects;
    side.machine->step(input, effects);
    bool restarts = false;
    for (const Effect& effect : effects) {
        carry_out(index, effect);
        restarts = restarts || std::holds_alternative<Restart>(effect);
    }
    if (!restarts)
        return;
    witness_.restarted(index, payload);
    side.machine.reset();
}

void SmallWorld::carry_out(std::uint8_t index, const Effect& effect) {
    if (const auto* send = std::get_if<SendFrame>(&effect)) {
        transmit(index, *send);
    } else if (const auto* store = std::get_if<Persist>(&effect)) {
        sides_[index].stores.push_back(*store);
    } else if (const auto* report = std::get_if<catalog::Report>(&effect)) {
        if (report->id == catalog::MessageId::state_changed)
            witness_.changed(index, *report);
        if (report->id == catalog::MessageId::split_brain_resolved)
            witness_.decided(index, sides_[index].machine->snapshot().pair);
    } else if (std::holds_alternative<Exit>(effect)) {
        witness_.fault("a supervisor stopped that nobody asked to");
    }
}

void SmallWorld::transmit(std::uint8_t from, const SendFrame& frame) {
    const std::uint8_t to = other(from);
    const bool has_booted = sides_[to].stored.state().boots > 0;
    if (cut_ || !has_booted || is_for_modules(frame.payload))
        return;
    if (frame.destination != kBroadcastMac && frame.destination != mac(to, frame.port))
        return;
    sides_[to].incoming[index_of(frame.port)].push_back(
        {++order_, sides_[from].now, frame.payload});
}

void SmallWorld::deliver(std::uint8_t to, PortKind port) {
    Side& side = sides_[to];
    auto& wire = side.incoming[index_of(port)];
    const wire::Bytes payload = std::move(wire.front().payload);
    wire.pop_front();
    step(to, FrameReceived{port, mac(other(to), port), payload, side.now, side.now},
         10 + index_of(port), &payload);
}

Duration SmallWorld::due_in(std::uint8_t index) const {
    const Side& side = sides_[index];
    if (!side.machine)
        return 1h;
    return std::clamp<Duration>(side.machine->next_deadline() - side.now, 0s, 1h);
}

bool SmallWorld::may_fire(std::uint8_t index) const {
    if (sides_[index].machine->next_deadline() == kNever)
        return false;
    if (!setup_.timely)
        return true;
    const Duration passes = due_in(index);
    if (passes > due_in(other(index)))
        return false;
    for (const std::uint8_t to : kSides) {
        const auto& wire = sides_[to].incoming[index_of(*setup_.timely)];
        if (!wire.empty() && sides_[to].now + passes - wire.front().sent_at > kHeartbeat / 2)
            return false;
    }
    return true;
}

void SmallWorld::run_clocks(Duration duration) {
    for (Side& side : sides_)
        side.now += duration;
}

void SmallWorld::fire(std::uint8_t index) {
    Side& side = sides_[index];
    if (setup_.timely)
        run_clocks(due_in(index));
    else
        side.now += due_in(index);
    step(index, Tick{side.now}, 2);
}

void SmallWorld::complete_store(std::uint8_t index) {
    Side& side = sides_[index];
    const Persist store = side.stores.front();
    side.stores.pop_front();
    side.stored.apply(store.changes);
    step(index, StoreCompleted{store.token, true, side.now}, 3);
}

std::vector<Event> SmallWorld::choices() const {
    std::vector<Event> found;
    for (const std::uint8_t index : kSides) {
        const Side& side = sides_[index];
        for (const PortKind port : kPortKinds) {
            if (side.incoming[index_of(port)].empty())
                continue;
            if (side.machine)
                found.push_back({Kind::deliver, index, port});
            if (!side.machine || setup_.timely != port)
                found.push_back({Kind::lose, index, port});
        }
        if (!side.machine) {
            found.push_back({Kind::boot, index});
            continue;
        }
        if (!side.stores.empty())
            found.push_back({Kind::store, index});
        if (may_fire(index))
            found.push_back({Kind::fire, index});
        if (side.modules > 0)
            found.push_back({Kind::detach, index});
        if (stalls_left_ > 0)
            found.push_back({Kind::stall, index});
        if (crashes_left_ > 0)
            found.push_back({Kind::crash, index});
        if (switchovers_left_ > 0 && witness_.state(index) == "active-ha")
            found.push_back({Kind::switchover, index});
    }
    return found;
}

void SmallWorld::apply(const Event& event) {
    Side& side = sides_[event.side];
    switch (event.kind) {
        case Kind::deliver:
            return deliver(event.side, event.port);
        case Kind::lose:
            side.incoming[index_of(event.port)].pop_front();
            return;
        case Kind::fire:
            return fire(event.side);
        case Kind::stall:
            --stalls_left_;
            side.now += kLoss;
            step(event.side, Tick{side.now}, 2);
            return;
        case Kind::detach:
            return detach_modules(event.side);
        case Kind::store:
            return complete_store(event.side);
        case Kind::boot:
            return boot(event.side);
        case Kind::switchover:
            --switchovers_left_;
            return step(event.side, SwitchoverRequested{side.now}, 6);
        case Kind::crash:
            --crashes_left_;
            side.history = mix(side.history, 5);
            witness_.died(event.side);
            side.machine.reset();
            return;
    }
}

Key SmallWorld::key() const {
    Key key;
    for (const std::uint8_t side : kSides) {
        key.side[side] = sides_[side].history;
        for (const auto& wire : sides_[side].incoming)
            key.rest = mix(key.rest, wire.size());
        const auto now = sides_[side].now.time_since_epoch();
        key.rest = mix(key.rest, static_cast<std::uint64_t>(now.count()));
    }
    return key;
}

/// Something that waits for nothing but its turn. False when there is nothing but time.
bool SmallWorld::calm_event() {
    for (const std::uint8_t index : kSides) {
        if (!sides_[index].machine) {
            boot(index);
            return true;
        }
        if (!sides_[index].stores.empty()) {
            complete_store(index);
            return true;
        }
    }
    std::uint64_t oldest = ~std::uint64_t{0};
    Event next{Kind::deliver, 0};
    for (const std::uint8_t index : kSides)
        for (const PortKind port : kPortKinds) {
            const auto& wire = sides_[index].incoming[index_of(port)];
            if (wire.empty() || wire.front().order >= oldest)
                continue;
            oldest = wire.front().order;
            next = {Kind::deliver, index, port};
        }
    if (oldest == ~std::uint64_t{0})
        return false;
    apply(next);
    return true;
}

/// Both clocks run until the next deadline of either.
void SmallWorld::calm_time() {
    const std::array<Duration, 2> due{due_in(0), due_in(1)};
    const Duration passes = std::min(due[0], due[1]);
    calm_for_ += passes;
    run_clocks(passes);
    for (const std::uint8_t index : kSides)
        if (due[index] == passes && sides_[index].machine)
            step(index, Tick{sides_[index].now}, 2);
}

bool SmallWorld::calm_until(const std::function<bool()>& condition, Duration limit) {
    constexpr unsigned kStepsAtMost = 100'000;
    calm_for_ = {};
    for (unsigned steps = 0; calm_for_ <= limit; ++steps) {
        if (condition())
            return true;
        if (steps == kStepsAtMost) {
            witness_.fault("time stands still");
            return false;
        }
        if (!calm_event())
            calm_time();
    }
    return false;
}

bool SmallWorld::is_whole() const {
    const std::string& one = witness_.state(0);
    const std::string& two = witness_.state(1);
    return (one == "active-ha" && two == "standby-ha") ||
           (one == "standby-ha" && two == "active-ha");
}

bool SmallWorld::settles(Duration limit) {
    return calm_until([this] { return is_whole(); }, limit);
}

bool SmallWorld::stays(Duration duration) {
    const std::string before = witness_.state(0);
    return !calm_until([&] { return !is_whole() || witness_.state(0) != before; }, duration);
}

std::string SmallWorld::describe() const {
    std::string text;
    for (const std::uint8_t index : kSides) {
        text += index == 0 ? "primary:" : "secondary:";
        if (!sides_[index].machine) {
            text += " down\n";
            continue;
        }
        text += "\n";
        for (const auto& entry : sides_[index].machine->snapshot().pair.trace)
            text += "  " + std::to_string(entry.at.time_since_epoch() / 1ms) + " " + entry.from +
                    " -> " + entry.to + " " + entry.event + ": " + entry.reason + "\n";
    }
    return text;
}

}  // namespace test::exhaustive
