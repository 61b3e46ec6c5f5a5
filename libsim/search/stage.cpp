// See stage.hpp.
#include "libsim/search/stage.hpp"

#include <algorithm>
#include <utility>

#include "libsim/search/settings.hpp"

namespace sim::search {

using namespace ha;
namespace language = sim::scenario;

namespace {

const supervisor::Operator kOperator{"admin", "console0"};

WorldOptions world_options(const language::Lab& lab) {
    WorldOptions options;
    options.seed = lab.seed;
    options.store_jitter = std::chrono::microseconds{lab.store_jitter_us};
    options.wake_jitter = std::chrono::microseconds{lab.wake_jitter_us};
    // Every other seed has guardians that are held up, so that a next life speaks before them.
    if (lab.seed % 2 != 0)
        options.gasp_jitter = std::chrono::milliseconds{200};
    return options;
}

Direction direction_of(language::Direction direction) {
    switch (direction) {
        case language::Direction::both:
            return Direction::both;
        case language::Direction::in:
            return Direction::in;
        case language::Direction::out:
            return Direction::out;
    }
    return Direction::both;
}

DiskFault fault_of(language::PowerOff::Disk disk) {
    switch (disk) {
        case language::PowerOff::Disk::kept:
            return DiskFault::kept;
        case language::PowerOff::Disk::lost:
            return DiskFault::lost;
        case language::PowerOff::Disk::torn:
            return DiskFault::torn;
    }
    return DiskFault::kept;
}

}  // namespace

std::string Outcome::invariant() const {
    if (!violations.empty())
        return violations.front().invariant;
    return stuck ? "stuck" : "";
}

std::string Outcome::what() const {
    if (!violations.empty())
        return violations.front().what;
    return stuck.value_or("");
}

Stage::Stage(const language::Scenario& scenario)
    : scenario_(scenario),
      units_(units_of(scenario.lab)),
      world_(world_options(scenario.lab)),
      watch_(world_),
      hostile_(scenario.lab.seed) {
    world_.add_observer(watch_);
    const bool injects =
        std::any_of(scenario.steps.begin(), scenario.steps.end(), [](const language::Step& step) {
            return std::holds_alternative<language::Inject>(step.action);
        });
    if (injects)
        world_.add_observer(*this);
    for (const std::string& name : language::default_nodes(scenario.lab.vems))
        add(name);
}

Stage::Actor& Stage::add(const std::string& name) {
    const NodeIndex index =
        language::is_module(name)
            ? world_.add_module(name, module_settings(scenario_.lab, name))
            : world_.add_supervisor(name, supervisor_settings(scenario_.lab, name));
    actors_.push_back({name, index, false, {true, !language::is_module(name)}});
    return actors_.back();
}

Stage::Actor& Stage::actor(const std::string& name) {
    const auto found = std::find_if(actors_.begin(), actors_.end(),
                                    [&](const Actor& known) { return known.name == name; });
    return found == actors_.end() ? add(name) : *found;
}

bool Stage::is_alive(NodeIndex index) const {
    const ProcessState state = world_.process(index);
    return state == ProcessState::running || state == ProcessState::frozen;
}

bool Stage::run_until(Instant until) {
    while (watch_.violations().empty() && !world_.stuck() && world_.next_event() <= until)
        world_.run_until(world_.next_event());
    return watch_.violations().empty() && world_.run_until(until);
}

Outcome Stage::play() {
    if (scenario_.lab.ready)
        for (const std::string& name : *scenario_.lab.ready)
            carry_out(language::Start{{name}, std::nullopt});
    Outcome outcome;
    const Instant begin = world_.now();
    Instant step_began = begin;
    for (const language::Step& step : scenario_.steps) {
        Instant at = step_began;
        if (step.at)
            at = begin + evaluate(*step.at, units_);
        else if (step.after)
            at = step_began + evaluate(*step.after, units_);
        if (at > world_.now() && !run_until(at))
            break;
        step_began = world_.now();
        refused_ = false;
        if (teller_)
            teller_(describe(step.action));
        std::visit([this](const auto& action) { carry_out(action); }, step.action);
        if (refused_)
            outcome.senseless.push_back(static_cast<std::size_t>(&step - scenario_.steps.data()));
        if (!watch_.violations().empty() || world_.stuck())
            break;
    }
    outcome.violations = watch_.violations();
    outcome.stuck = world_.stuck();
    outcome.took = world_.now() - kBeginning;
    return outcome;
}

void Stage::carry_out(const language::Start& start) {
    for (const std::string& name : start.nodes) {
        Actor& starting = actor(name);
        if (is_alive(starting.node))
            return refuse();
        starting.was_started = true;
        world_.start(starting.node);
    }
}

/// A frozen daemon would never see the signal, so it is thawed for it.
void Stage::stop(NodeIndex index) {
    const bool is_frozen = world_.process(index) == ProcessState::frozen;
    world_.stop(index);
    if (is_frozen)
        world_.thaw(index);
}

void Stage::signal(language::Signal::Kind kind, const std::string& name) {
    const NodeIndex index = node(name);
    if (!is_alive(index))
        return refuse();
    switch (kind) {
        case language::Signal::Kind::stop:
            return stop(index);
        case language::Signal::Kind::kill:
            return world_.kill(index);
        case language::Signal::Kind::crash:
            return world_.crash(index);
        case language::Signal::Kind::freeze:
            return world_.freeze(index);
        case language::Signal::Kind::thaw:
            return world_.thaw(index);
        case language::Signal::Kind::hang_up:
            return;
    }
}

void Stage::carry_out(const language::Signal& wanted) {
    for (const std::string& name : wanted.nodes)
        signal(wanted.kind, name);
}

void Stage::carry_out(const language::PowerOff& power) {
    world_.power_off(node(power.node), fault_of(power.disk));
}

void Stage::carry_out(const language::Disk& disk) {
    world_.set_disk_full(node(disk.node), disk.full);
}

void Stage::carry_out(const language::Clock& clock) {
    if (clock.drift_ppm)
        world_.set_drift(node(clock.node), *clock.drift_ppm);
    if (clock.step)
        world_.step_wall_clock(node(clock.node), *clock.step);
}

void Stage::carry_out(const language::Cut& cut) {
    const NodeIndex index = node(cut.node);
    for (const PortKind port : ports_of(cut.cable)) {
        if (cut.from.empty()) {
            if (cut.carrier)
                world_.set_carrier(index, port, false);
            else
                world_.cut(index, port, direction_of(cut.direction));
            continue;
        }
        const NodeIndex other = node(cut.from);
        if (cut.direction != language::Direction::out)
            world_.separate(other, index, port);
        if (cut.direction != language::Direction::in)
            world_.separate(index, other, port);
    }
}

void Stage::carry_out(const language::Partition& partition) {
    const auto& groups = partition.groups;
    for (std::size_t one = 0; one < groups.size(); ++one)
        for (std::size_t other = 0; other < groups.size(); ++other)
            for (const std::string& from : groups[one])
                for (const std::string& to : groups[other])
                    for (const PortKind port : ports_of(partition.cable))
                        if (one != other)
                            world_.separate(node(from), node(to), port);
}

void Stage::carry_out(const language::Heal& heal) {
    for (const PortKind port : ports_of(heal.cable))
        world_.heal(node(heal.node), port);
}

void Stage::carry_out(const language::Mend&) {
    for (Actor& mended : actors_) {
        for (const PortKind port : kPortKinds) {
            world_.heal(mended.node, port);
            bool& has_port = mended.has_port[index_of(port)];
            if (!has_port)
                world_.plug(mended.node, port, language::mac_of(mended.name, port));
            has_port = true;
            world_.set_interface(mended.node, port, true);
        }
        world_.set_disk_full(mended.node, false);
        world_.set_drift(mended.node, 0);
    }
    for (Actor& mended : actors_) {
        if (world_.process(mended.node) == ProcessState::frozen)
            world_.thaw(mended.node);
        if (mended.was_started && !is_alive(mended.node))
            world_.start(mended.node);
    }
}

template <typename Change>
void Stage::change_quality(const std::string& name, language::Cable cable,
                           language::Direction direction, Change change) {
    const NodeIndex index = node(name);
    for (const PortKind port : ports_of(cable)) {
        for (const Direction way : {Direction::in, Direction::out}) {
            const bool meant =
                direction == language::Direction::both || direction_of(direction) == way;
            if (!meant)
                continue;
            WireQuality quality = world_.quality(index, port, way);
            change(quality);
            world_.set_quality(index, port, way, quality);
        }
    }
}

void Stage::carry_out(const language::Loss& loss) {
    change_quality(loss.node, loss.cable, loss.direction,
                   [&](WireQuality& quality) { quality.loss_ppm = loss.chance; });
}
void Stage::carry_out(const language::Delay& delay) {
    change_quality(delay.node, delay.cable, delay.direction, [&](WireQuality& quality) {
        quality.delay = delay.delay;
        quality.jitter = delay.jitter;
        quality.reorder = delay.reorder;
    });
}
void Stage::carry_out(const language::Duplicate& duplicate) {
    change_quality(duplicate.node, duplicate.cable, duplicate.direction,
                   [&](WireQuality& quality) { quality.duplicate_ppm = duplicate.chance; });
}
void Stage::carry_out(const language::Corrupt& corrupt) {
    change_quality(corrupt.node, corrupt.cable, corrupt.direction,
                   [&](WireQuality& quality) { quality.corrupt_ppm = corrupt.chance; });
}

void Stage::carry_out(const language::WireVersion& version) {
    change_quality(version.node, version.cable, version.direction,
                   [&](WireQuality& quality) { quality.wire_version = version.number; });
}

void Stage::carry_out(const language::Link& link) {
    for (const PortKind port : ports_of(link.cable))
        world_.set_interface(node(link.node), port, link.up);
}
void Stage::carry_out(const language::Unplug& unplug) {
    Actor& unplugged = actor(unplug.node);
    for (const PortKind port : ports_of(unplug.cable)) {
        if (!unplugged.has_port[index_of(port)])
            return refuse();
        unplugged.has_port[index_of(port)] = false;
        world_.unplug(unplugged.node, port);
    }
}
void Stage::carry_out(const language::Plug& plug) {
    Actor& plugged = actor(plug.node);
    for (const PortKind port : ports_of(plug.cable)) {
        if (plugged.has_port[index_of(port)])
            return refuse();
        plugged.has_port[index_of(port)] = true;
        world_.plug(plugged.node, port, plug.mac.value_or(language::mac_of(plug.node, port)));
    }
}

void Stage::carry_out(const language::Command& command) {
    const NodeIndex index = node(command.node);
    if (world_.supervisor(index) == nullptr || world_.process(index) != ProcessState::running)
        return refuse();
    const std::string& line = command.run.back();
    if (line == kReload)
        world_.request(index, supervisor::ReloadRequested{});
    else if (line == kSwitchover)
        world_.request(index, supervisor::SwitchoverRequested{{}, kOperator});
    else if (line == kClearPeerMac)
        world_.request(index, supervisor::ClearPeerMac{});
    else if (line == kCopy)
        change(index, line, supervisor::SaveConfiguration{});
    else if (command.run.front() == kConfigure)
        change(index, line, supervisor::ConfigurationLine{"", line});
}

void Stage::change(NodeIndex index, const std::string& line, Wanted wanted) {
    world_.request(
        index,
        supervisor::ChangeRequested{
            ++last_ticket_, kOperator, line, std::move(wanted), world_.wall_time(index), {}});
}

void Stage::carry_out(const language::Inject& inject) {
    const NodeIndex to = node(inject.to);
    if (!inject.kind)
        return refuse();
    const bool is_own = inject.kind == language::InjectKind::reflected || inject.like.empty();
    const MacAddress source = language::mac_of(is_own ? inject.to : inject.like, inject.port);
    const wire::Bytes* latest = capture_.latest(inject.port, source, inject.type);
    if (latest == nullptr || latest->empty())
        return refuse();
    PortKind where = inject.port;
    if (inject.kind == language::InjectKind::wrong_port)
        where = where == PortKind::control ? PortKind::mgmt : PortKind::control;
    const wire::Bytes original = *latest;
    for (unsigned number = 0; number < inject.count; ++number) {
        auto made = hostile_.make(*inject.kind, source, original, number);
        world_.inject_to(to, where, made.source, language::mac_of(inject.to, where),
                         std::move(made.payload));
    }
}

/// The drawn scenarios expect one thing only: the domain is whole, or stays so.
void Stage::carry_out(const language::Expect& expect) {
    for (const language::Expectation& expectation : expect.expectations) {
        const Duration time = evaluate(expectation.watching.time, units_);
        if (expectation.watching.mode == language::Watching::Mode::within)
            become_whole(time);
        else
            run_until(world_.now() + time);
    }
}

/// That it does is what the invariant "recovery" demands.
void Stage::become_whole(Duration limit) {
    const Instant until = world_.now() + limit;
    while (!watch_.is_whole() && watch_.violations().empty() && world_.next_event() <= until)
        if (!world_.run_until(world_.next_event()))
            return;
}

}  // namespace sim::search
