// The steps of a scenario, one function each. See implementation.hpp.
#include <algorithm>

#include "libsim/play/implementation.hpp"

namespace sim::play {

using namespace sim::scenario;

namespace {

constexpr Duration kStopLimit = std::chrono::seconds{10};
constexpr Duration kChangeLimit = std::chrono::seconds{30};
constexpr const char* kGone = "the supervisor ended before it answered";
/// vsmsh: no answer from the daemon.
constexpr int kNoAnswer = 3;

sim::Direction direction_of(scenario::Direction direction) {
    switch (direction) {
        case scenario::Direction::both:
            return sim::Direction::both;
        case scenario::Direction::in:
            return sim::Direction::in;
        case scenario::Direction::out:
            return sim::Direction::out;
    }
    return sim::Direction::both;
}

DiskFault fault_of(PowerOff::Disk disk) {
    switch (disk) {
        case PowerOff::Disk::kept:
            return DiskFault::kept;
        case PowerOff::Disk::lost:
            return DiskFault::lost;
        case PowerOff::Disk::torn:
            return DiskFault::torn;
    }
    return DiskFault::kept;
}

bool is_alive(const World& world, NodeIndex node) {
    return world.process(node) == ProcessState::running ||
           world.process(node) == ProcessState::frozen;
}

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \n\t");
    if (first == std::string::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \n\t") - first + 1);
}

}  // namespace

tl::expected<Actor*, std::string> Player::Implementation::existing(const std::string& name) {
    if (Actor* actor = stage_.find(name))
        return actor;
    return tl::unexpected("the lab has no node " + name);
}

using Refusal = std::optional<std::string>;

Refusal Player::Implementation::act(const Nothing&) {
    return std::nullopt;
}
Refusal Player::Implementation::act(const Repeat&) {
    return std::nullopt;
}
Refusal Player::Implementation::act(const Expect&) {
    return std::nullopt;
}

// -- processes

Refusal Player::Implementation::start(const std::string& name, const Setting* config) {
    Actor* actor = stage_.find(name);
    if (actor == nullptr)
        actor = &stage_.add(name);
    if (is_alive(stage_.world, actor->node))
        return name + " is running already";
    stage_.start(*actor, config);
    return std::nullopt;
}

Refusal Player::Implementation::act(const Start& wanted) {
    for (const std::string& name : wanted.nodes)
        if (auto refusal = start(name, wanted.config ? &*wanted.config : nullptr))
            return refusal;
    return std::nullopt;
}

/// A frozen daemon would never see the signal, so it is thawed for it.
Refusal Player::Implementation::stop(Actor& actor) {
    World& world = stage_.world;
    const bool is_frozen = world.process(actor.node) == ProcessState::frozen;
    world.stop(actor.node);
    if (is_frozen)
        stage_.thaw(actor);
    const Instant limit = world.now() + kStopLimit;
    while (is_alive(world, actor.node)) {
        const Instant next = world.next_event();
        if (next > limit || !world.run_until(next))
            return "waited 10 s for " + actor.name + " to end after SIGTERM";
        after_moment();
    }
    return std::nullopt;
}

Refusal Player::Implementation::signal(Signal::Kind kind, const std::string& name) {
    const auto actor = existing(name);
    if (!actor)
        return actor.error();
    if (!is_alive(stage_.world, (*actor)->node))
        return name + " is not running (" + stage_.process(**actor) + ")";
    switch (kind) {
        case Signal::Kind::stop:
            return stop(**actor);
        case Signal::Kind::kill:
            stage_.world.kill((*actor)->node);
            break;
        case Signal::Kind::crash:
            stage_.world.crash((*actor)->node);
            break;
        case Signal::Kind::freeze:
            stage_.freeze(**actor);
            break;
        case Signal::Kind::thaw:
            stage_.thaw(**actor);
            break;
        case Signal::Kind::hang_up:
            stage_.reread(**actor);
            break;
    }
    return std::nullopt;
}

Refusal Player::Implementation::act(const Signal& wanted) {
    for (const std::string& name : wanted.nodes)
        if (auto refusal = signal(wanted.kind, name))
            return refusal;
    return std::nullopt;
}

Refusal Player::Implementation::act(const PowerOff& power) {
    const auto actor = existing(power.node);
    if (!actor)
        return actor.error();
    stage_.power_off(**actor, fault_of(power.disk));
    return std::nullopt;
}

Refusal Player::Implementation::act(const Disk& disk) {
    const auto actor = existing(disk.node);
    if (!actor)
        return actor.error();
    stage_.world.set_disk_full((*actor)->node, disk.full);
    return std::nullopt;
}

Refusal Player::Implementation::act(const Clock& clock) {
    const auto actor = existing(clock.node);
    if (!actor)
        return actor.error();
    if (clock.drift_ppm)
        stage_.world.set_drift((*actor)->node, *clock.drift_ppm);
    if (clock.step)
        stage_.world.step_wall_clock((*actor)->node, *clock.step);
    return std::nullopt;
}

// -- wires

Refusal Player::Implementation::act(const Cut& cut) {
    const auto actor = existing(cut.node);
    if (!actor)
        return actor.error();
    const NodeIndex node = (*actor)->node;
    NodeIndex other = kNoNode;
    if (!cut.from.empty()) {
        const auto from = existing(cut.from);
        if (!from)
            return from.error();
        other = (*from)->node;
    }
    for (const ha::PortKind port : ports_of(cut.cable)) {
        if (other != kNoNode) {
            if (cut.direction != scenario::Direction::out)
                stage_.world.separate(other, node, port);
            if (cut.direction != scenario::Direction::in)
                stage_.world.separate(node, other, port);
        } else if (cut.carrier) {
            stage_.world.set_carrier(node, port, false);
        } else {
            stage_.world.cut(node, port, direction_of(cut.direction));
        }
    }
    return std::nullopt;
}

Refusal Player::Implementation::act(const Partition& partition) {
    std::vector<std::pair<NodeIndex, std::size_t>> members;
    for (std::size_t group = 0; group < partition.groups.size(); ++group) {
        for (const std::string& name : partition.groups[group]) {
            const auto actor = existing(name);
            if (!actor)
                return actor.error();
            members.emplace_back((*actor)->node, group);
        }
    }
    for (const auto& [one, its_group] : members)
        for (const auto& [other, other_group] : members)
            if (its_group != other_group)
                for (const ha::PortKind port : ports_of(partition.cable))
                    stage_.world.separate(one, other, port);
    return std::nullopt;
}

Refusal Player::Implementation::act(const Heal& heal) {
    const auto actor = existing(heal.node);
    if (!actor)
        return actor.error();
    for (const ha::PortKind port : ports_of(heal.cable))
        stage_.world.heal((*actor)->node, port);
    return std::nullopt;
}

Refusal Player::Implementation::act(const Mend&) {
    World& world = stage_.world;
    for (Actor& actor : stage_.actors()) {
        for (const ha::PortKind port : ha::kPortKinds) {
            world.heal(actor.node, port);
            if (!actor.has_port[ha::index_of(port)])
                stage_.plug(actor, port, mac_of(actor.name, port));
            world.set_interface(actor.node, port, true);
        }
        world.set_disk_full(actor.node, false);
        world.set_drift(actor.node, 0);
    }
    for (Actor& actor : stage_.actors()) {
        if (world.process(actor.node) == ProcessState::frozen)
            stage_.thaw(actor);
        if (actor.was_started && !is_alive(world, actor.node))
            stage_.start(actor, nullptr);
    }
    return std::nullopt;
}

template <typename Change>
Refusal Player::Implementation::change_quality(const std::string& node, Cable cable,
                                               scenario::Direction direction,
                                               const Change& change) {
    const auto actor = existing(node);
    if (!actor)
        return actor.error();
    for (const ha::PortKind port : ports_of(cable)) {
        for (const auto way : {sim::Direction::in, sim::Direction::out}) {
            if (direction != scenario::Direction::both && direction_of(direction) != way)
                continue;
            WireQuality quality = stage_.world.quality((*actor)->node, port, way);
            change(quality);
            stage_.world.set_quality((*actor)->node, port, way, quality);
        }
    }
    return std::nullopt;
}

Refusal Player::Implementation::act(const scenario::Loss& loss) {
    return change_quality(loss.node, loss.cable, loss.direction,
                          [&](WireQuality& quality) { quality.loss_ppm = loss.chance; });
}

Refusal Player::Implementation::act(const Delay& delay) {
    return change_quality(delay.node, delay.cable, delay.direction, [&](WireQuality& quality) {
        quality.delay = delay.delay;
        quality.jitter = delay.jitter;
        quality.reorder = delay.reorder;
    });
}

Refusal Player::Implementation::act(const Duplicate& duplicate) {
    return change_quality(duplicate.node, duplicate.cable, duplicate.direction,
                          [&](WireQuality& quality) { quality.duplicate_ppm = duplicate.chance; });
}

Refusal Player::Implementation::act(const Corrupt& corrupt) {
    return change_quality(corrupt.node, corrupt.cable, corrupt.direction,
                          [&](WireQuality& quality) { quality.corrupt_ppm = corrupt.chance; });
}

Refusal Player::Implementation::act(const WireVersion& version) {
    return change_quality(version.node, version.cable, version.direction,
                          [&](WireQuality& quality) { quality.wire_version = version.number; });
}

Refusal Player::Implementation::act(const Link& link) {
    const auto actor = existing(link.node);
    if (!actor)
        return actor.error();
    for (const ha::PortKind port : ports_of(link.cable))
        stage_.world.set_interface((*actor)->node, port, link.up);
    return std::nullopt;
}

Refusal Player::Implementation::act(const Unplug& unplug) {
    const auto actor = existing(unplug.node);
    if (!actor)
        return actor.error();
    for (const ha::PortKind port : ports_of(unplug.cable)) {
        if (!(*actor)->has_port[ha::index_of(port)])
            return unplug.node + " has no " + std::string(to_string(port)) + " interface";
        stage_.unplug(**actor, port);
    }
    return std::nullopt;
}

Refusal Player::Implementation::act(const Plug& plug) {
    const auto actor = existing(plug.node);
    if (!actor)
        return actor.error();
    for (const ha::PortKind port : ports_of(plug.cable)) {
        if ((*actor)->has_port[ha::index_of(port)])
            return plug.node + " has a " + std::string(to_string(port)) + " interface already";
        stage_.plug(**actor, port, plug.mac.value_or(mac_of(plug.node, port)));
    }
    return std::nullopt;
}

// -- operators and strangers

Refusal Player::Implementation::act(const Command& command) {
    const auto actor = existing(command.node);
    if (!actor)
        return actor.error();
    const Session session = run(**actor, command);
    if (command.wait && session.exit_status != command.exit)
        return "'" + describe(command).substr(command.node.size() + 2) + "' on " + command.node +
               " exits " + std::to_string(session.exit_status) + ", expected " +
               std::to_string(command.exit) + ": " + trimmed(session.said);
    if (command.print)
        output_ = session.output;
    return std::nullopt;
}

/// Line after line, as vsmsh does: each waits for its answer, and the worst is the session's.
Player::Implementation::Session Player::Implementation::run(Actor& actor, const Command& command) {
    Session session;
    const auto note = [&session](int exit_status, const std::string& said) {
        session.exit_status = std::max(session.exit_status, exit_status);
        if (!said.empty())
            session.said = said;
    };
    for (const std::string& line : command.run) {
        const auto answer = stage_.ask(actor, line, session.mode);
        if (!answer) {
            note(kNoAnswer, "no answer");
            continue;
        }
        const std::string error =
            answer->action ? have_changed(actor, *answer->action, command.wait) : std::string();
        session.output += answer->output;
        note(std::min(answer->exit_status, 1),
             answer->error.empty() ? answer->output : answer->error);
        if (!error.empty())
            note(error == kGone ? kNoAnswer : 1, error);
        else if (answer->mode)
            session.mode = *answer->mode;
    }
    return session;
}

/// The error, empty when the change is made, or when nobody waits for that.
std::string Player::Implementation::have_changed(Actor& actor, const ha::cli::Request& request,
                                                 bool wait) {
    const std::uint64_t ticket = stage_.change_of(actor, request);
    if (ticket == 0 || !wait)
        return {};
    World& world = stage_.world;
    const Instant limit = world.now() + kChangeLimit;
    while (!stage_.completed(actor, ticket)) {
        if (!is_alive(world, actor.node))
            return kGone;
        const Instant next = world.next_event();
        if (next > limit || !world.run_until(next))
            return "The change is not complete after 30 s";
        after_moment();
    }
    return *stage_.completed(actor, ticket);
}

Refusal Player::Implementation::inject_bytes(const Inject& inject, Actor& to) {
    for (unsigned number = 0; number < inject.count; ++number)
        stage_.world.inject_to(to.node, inject.port, stranger(1), mac_of(inject.to, inject.port),
                               inject.bytes);
    return std::nullopt;
}

Refusal Player::Implementation::act(const Inject& inject) {
    const auto actor = existing(inject.to);
    if (!actor)
        return actor.error();
    if (!inject.kind)
        return inject_bytes(inject, **actor);
    const std::string& like =
        inject.kind == InjectKind::reflected || inject.like.empty() ? inject.to : inject.like;
    const ha::MacAddress source = mac_of(like, inject.port);
    const ha::wire::Bytes* latest = stage_.capture.latest(inject.port, source, inject.type);
    if (latest == nullptr || latest->empty())
        return "no frame of " + like + " has been seen on " + std::string(to_string(inject.port)) +
               " to make another from";
    ha::PortKind where = inject.port;
    if (inject.kind == InjectKind::wrong_port)
        where = where == ha::PortKind::control ? ha::PortKind::mgmt : ha::PortKind::control;
    const ha::wire::Bytes original = *latest;
    for (unsigned number = 0; number < inject.count; ++number) {
        HostileFrames::Made made = hostile_.make(*inject.kind, source, original, number);
        stage_.world.inject_to((*actor)->node, where, made.source, mac_of(inject.to, where),
                               std::move(made.payload));
    }
    return std::nullopt;
}

Refusal Player::Implementation::act(const Ping& ping) {
    stage_.pings.start(ping, lab_addresses());
    return std::nullopt;
}

}  // namespace sim::play
