// Watch: whether frames can pass between the members of a pair, whether anything is wrong with
// what they run on, and whether the domain is whole.
#include <algorithm>

#include "libsim/invariants/watch.hpp"

namespace sim::invariants {

using namespace ha;

namespace {

Duration longest(const WireQuality& quality) {
    return quality.delay + quality.jitter;
}

/// Each takes what the other's first key proves.
bool share_keys(const wire::Keyring& one, const wire::Keyring& other) {
    const auto takes = [](const wire::Keyring& keys, const wire::Keyring& proof) {
        return std::any_of(keys.keys.begin(), keys.keys.end(), [&](const wire::Key& key) {
            return key.id == proof.keys.front().id && key.secret == proof.keys.front().secret;
        });
    };
    if (one.keys.empty() || other.keys.empty())
        return one.keys.empty() && other.keys.empty();
    return takes(one, other) && takes(other, one);
}

/// Slower cables are a fault.
Duration slowest_healthy(const PairFacts& pair) {
    return pair.heartbeat_interval / 4;
}

}  // namespace

/// The longest a frame takes from `one` to `other`; absent when it may get lost or spoiled.
std::optional<Duration> Watch::clean_delay(NodeIndex one, NodeIndex other, PortKind port) const {
    if (!world_.is_connected(one, other, port))
        return std::nullopt;
    const WireQuality out = world_.quality(one, port, Direction::out);
    const WireQuality in = world_.quality(other, port, Direction::in);
    if (out.loss_ppm != 0 || in.loss_ppm != 0 || out.corrupt_ppm != 0 || in.corrupt_ppm != 0 ||
        out.wire_version != in.wire_version || in.wire_version != ha::wire::kVersion)
        return std::nullopt;
    return world_.options().wire_delay + longest(out) + longest(in);
}

void Watch::look_at_wires() {
    for (std::size_t index = 0; index < facts_.pairs.size(); ++index) {
        if (!facts_.pairs[index].is_complete())
            continue;
        look_at_path(index);
        PairFacts& pair = facts_.pairs[index];
        const Duration lag = lag_of(pair);
        if (lag != pair.lag) {
            pair.lag_before = std::max(pair.lag_lately(facts_.now), pair.lag);
            pair.lag = lag;
            pair.lag_changed_at = facts_.now;
        }
        pair.understood = share_keys(facts_.supervisors[pair.members[0]].keyring,
                                     facts_.supervisors[pair.members[1]].keyring);
        if (!is_well(pair))
            pair.well_since.reset();
        else if (!pair.well_since)
            pair.well_since =  // when all that is on its way has come
                std::max({facts_.now, drained(), not_before_});
    }
    facts_.stranger_runs = false;
    for (NodeIndex node = 0; node < facts_.supervisors.size(); ++node) {
        const SupervisorFacts& supervisor = facts_.supervisors[node];
        if (supervisor.known && supervisor.role != Role::standalone &&
            supervisor.process != ProcessState::killed &&
            supervisor.process != ProcessState::stopped && facts_.pair_of(node) == nullptr)
            facts_.stranger_runs = true;
    }
}

/// The cables of a node may have become slower or faster.
void Watch::look_at_cables(NodeIndex node) {
    if (slowness_.size() <= node)
        slowness_.resize(node + 1);
    for (const PortKind port : kPortKinds) {
        Duration delay{};
        for (const Direction direction : {Direction::in, Direction::out}) {
            const WireQuality quality = world_.quality(node, port, direction);
            facts_.spoiled = facts_.spoiled || quality.corrupt_ppm != 0 ||
                             quality.wire_version != ha::wire::kVersion;
            delay = std::max(delay, longest(quality));
        }
        Slowness& slowness = slowness_[node][index_of(port)];
        // A frame passes another cable as well.
        Duration other{};
        for (NodeIndex index = 0; index < slowness_.size(); ++index)
            if (index != node)
                other = std::max(other, slowness_[index][index_of(port)].delay);
        slowness.drained = std::max(slowness.drained, facts_.now + slowness.delay + other);
        slowness.delay = delay;
    }
}

Duration Watch::lag_of(const PairFacts& pair) const {
    Duration lag{};
    for (const PortKind port : kPortKinds) {
        Duration sum = world_.options().wire_delay;
        for (const NodeIndex member : pair.members)
            if (member < slowness_.size())
                sum += slowness_[member][index_of(port)].delay;
        lag = std::max(lag, sum);
    }
    return lag;
}

/// When everything that cables held back before now has come.
Instant Watch::drained() const {
    Instant latest;
    for (const auto& ports : slowness_)
        for (const Slowness& slowness : ports)
            latest = std::max(latest, slowness.drained);
    return latest;
}

/// Whether each would take the other's frames for its peer's, by their MACs.
void Watch::look_at_recognition() {
    for (PairFacts& pair : facts_.pairs) {
        if (!pair.is_complete())
            continue;
        bool recognized = !facts_.supervisors[pair.members[0]].counts_back() &&
                          !facts_.supervisors[pair.members[1]].counts_back();
        for (std::size_t place = 0; place < 2; ++place) {
            const SupervisorFacts& one = facts_.supervisors[pair.members[place]];
            const SupervisorFacts& other = facts_.supervisors[pair.members[1 - place]];
            for (std::size_t port = 0; port < kPortCount; ++port)
                recognized = recognized &&
                             (one.learnt[port].is_zero() || one.learnt[port] == other.macs[port]);
        }
        if (recognized == pair.recognized)
            continue;
        pair.recognized = recognized;
        look_at_wires();
    }
}

/// A port on which the peer was never met is closed to it once it is known on another, until the
/// same life is heard on both (BOOT-5, COL-3).
bool Watch::is_open(const PairFacts& pair, PortKind port) const {
    for (const NodeIndex member : pair.members) {
        const auto& learnt = facts_.supervisors[member].learnt;
        const bool knows_peer = !learnt[0].is_zero() || !learnt[1].is_zero();
        if (knows_peer && learnt[index_of(port)].is_zero())
            return false;
    }
    return true;
}

void Watch::look_at_path(std::size_t index) {
    PairFacts& pair = facts_.pairs[index];
    const auto [one, other] = pair.members;
    const bool both_run = facts_.supervisors[one].runs && facts_.supervisors[other].runs;
    pair.path_since.reset();
    for (const PortKind port : kPortKinds) {
        PortPath& path = paths_[index][index_of(port)];
        const auto there = clean_delay(one, other, port);
        const auto back = clean_delay(other, one, port);
        if (!both_run || !there || !back || !pair.recognized || !is_open(pair, port)) {
            path = {};
            continue;
        }
        // When a path becomes slower nothing arrives for a while; when it becomes faster, what is
        // on its way is in front of what is sent now.
        const Duration delay = std::max(*there, *back);
        if (!path.since)
            path.since = std::max(facts_.now, drained());
        else if (delay != path.delay)
            path.since = std::max(*path.since, facts_.now + std::max(delay, path.delay));
        path.delay = std::max(delay, path.delay);
        if (!pair.path_since || *path.since < *pair.path_since) {
            pair.path_since = path.since;
            pair.delay = path.delay;
        }
    }
}

bool Watch::is_well(const PairFacts& pair) const {
    if (!pair.recognized || !pair.understood)
        return false;
    const auto clean = [&](NodeIndex one, NodeIndex other, PortKind port) {
        const auto there = clean_delay(one, other, port);
        const auto back = clean_delay(other, one, port);
        const Duration limit = slowest_healthy(pair);
        return there && back && *there <= limit && *back <= limit;
    };
    for (const NodeIndex member : pair.members)
        if (facts_.supervisors[member].process != ProcessState::running ||
            facts_.supervisors[member].disk_full)
            return false;
    for (const PortKind port : kPortKinds)
        if (!clean(pair.members[0], pair.members[1], port))
            return false;
    for (NodeIndex node = 0; node < facts_.modules.size(); ++node) {
        const ModuleFacts& module = facts_.modules[node];
        if (!module.known || module.domain != pair.domain)
            continue;
        if (!module.runs || !clean(node, pair.members[0], PortKind::control) ||
            !clean(node, pair.members[1], PortKind::control))
            return false;
    }
    return true;
}

bool Watch::is_whole(const PairFacts& pair) const {
    if (!pair.is_complete())
        return false;
    const SupervisorFacts* active = &facts_.supervisors[pair.members[0]];
    const SupervisorFacts* standby = &facts_.supervisors[pair.members[1]];
    if (active->state != PairState::active_ha)
        std::swap(active, standby);
    if (active->state != PairState::active_ha || standby->state != PairState::standby_ha ||
        !active->runs || !standby->runs)
        return false;
    std::size_t modules = 0;
    for (const ModuleFacts& module : facts_.modules) {
        if (!module.known || module.domain != pair.domain || !module.runs)
            continue;
        ++modules;
        if (module.state != vem::module::State::attached ||
            module.supervisor != active->incarnation)
            return false;
    }
    return active->brief.modules_online == modules;
}

void Watch::look_at_health() {
    for (PairFacts& pair : facts_.pairs) {
        const bool whole = is_whole(pair);
        if (!whole)
            pair.whole_since.reset();
        else if (!pair.whole_since)
            pair.whole_since = facts_.now;
    }
}

/// Somebody asked a node for something: what follows is not its own doing.
void Watch::unsettle(NodeIndex node) {
    for (PairFacts& pair : facts_.pairs)
        if (pair.well_since && (pair.members[0] == node || pair.members[1] == node))
            pair.well_since = std::max(*pair.well_since, facts_.now);
}

/// A supervisor speaks from another address now: to a module that is somebody else, until its own
/// has been silent for long enough (VEM-5).
void Watch::change_address(NodeIndex node) {
    facts_.readdressed = true;
    for (PairFacts& pair : facts_.pairs) {
        if (pair.members[0] != node && pair.members[1] != node)
            continue;
        Duration headless{};
        for (const ModuleFacts& module : facts_.modules)
            if (module.known && module.domain == pair.domain)
                headless = std::max(headless, module.headless_after);
        not_before_ = facts_.now + headless + 7 * pair.heartbeat_interval;
        if (pair.well_since)
            pair.well_since = std::max(*pair.well_since, not_before_);
    }
}

}  // namespace sim::invariants
