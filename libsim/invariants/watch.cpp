// Watch: what happens becomes facts, and the invariants are told. See watch.hpp; what the facts say
// of cables and health is in health.cpp.
#include "libsim/invariants/watch.hpp"

#include <algorithm>

#include "libha/wire/layout.hpp"
#include "libha/wire/seal.hpp"
#include "libsim/invariants/all.hpp"

namespace sim::invariants {

using namespace ha;

namespace {

std::optional<PairState> parse_state(const std::string& text) {
    for (std::size_t index = 0; index < redundancy::kPairStateCount; ++index) {
        const auto state = static_cast<PairState>(index);
        if (redundancy::to_string(state) == text)
            return state;
    }
    return std::nullopt;
}

wire::FrameType type_of(const wire::Bytes& payload) {
    return payload.size() > wire::kTypeOffset
               ? static_cast<wire::FrameType>(payload[wire::kTypeOffset])
               : wire::FrameType{};
}

/// What the invariants want to know of what reaches a supervisor.
bool is_pair_frame(wire::FrameType type) {
    return type == wire::FrameType::hello || type == wire::FrameType::heartbeat_request ||
           type == wire::FrameType::heartbeat_response || type == wire::FrameType::leaving;
}

bool is_gasp(const wire::Frame& frame) {
    const auto* leaving = std::get_if<wire::Leaving>(&frame.message);
    return leaving != nullptr && leaving->reason == wire::LeaveReason::crash;
}

}  // namespace

void Coverage::add(const Coverage& other) {
    for (std::size_t from = 0; from < transitions.size(); ++from)
        for (std::size_t to = 0; to < transitions[from].size(); ++to)
            transitions[from][to] += other.transitions[from][to];
    for (std::size_t id = 0; id < reports.size(); ++id)
        reports[id] += other.reports[id];
    lives += other.lives;
    changes_asked += other.changes_asked;
    changes_made += other.changes_made;
    frames += other.frames;
    steps += other.steps;
}

Watch::Watch(const World& world, WatchOptions options) : world_(world), options_(options) {
    const WorldOptions& given = world.options();
    facts_.now = world.now();
    facts_.wake_jitter = given.wake_jitter;
    facts_.restart_delay = given.restart_delay;
    facts_.store_delay = given.store_delay + given.store_jitter;
    invariants_ = make_all(facts_, options_.liveness);
}

Watch::~Watch() = default;

bool Watch::is_whole() const {
    return !facts_.pairs.empty() && facts_.pairs.front().whole_since.has_value();
}

void Watch::make_room(NodeIndex node) {
    while (facts_.names.size() <= node)
        facts_.names.push_back(world_.name(facts_.names.size()));
    if (facts_.supervisors.size() <= node)
        facts_.supervisors.resize(node + 1);
    if (facts_.modules.size() <= node)
        facts_.modules.resize(node + 1);
}

void Watch::on_sent(const Frame& frame) {
    facts_.now = world_.now();
    ++coverage_.frames;
    if (!facts_.knows(frame.from))
        return;
    const auto read = wire::decode(*frame.payload);
    if (!read) {
        facts_.violate("true-claims", facts_.names[frame.from] + " sent a frame that no receiver " +
                                          "takes: " + std::string(to_string(read.error())));
        return;
    }
    const Sent sent{frame.from, &frame, &*read};
    for (const auto& invariant : invariants_)
        is_gasp(*read) ? invariant->on_gasp_sent(sent) : invariant->on_sent(sent);
}

void Watch::on_lost(const Frame& frame, Loss /*why*/) {
    facts_.injected = facts_.injected || frame.from == kNoNode;
}

void Watch::on_arrived(const Frame& frame) {
    facts_.now = world_.now();
    facts_.injected = facts_.injected || frame.from == kNoNode;
    if (!facts_.knows(frame.to) || !is_pair_frame(type_of(*frame.payload)))
        return;
    const auto read = wire::decode(*frame.payload);
    if (!read)
        return;
    if ((facts_.spoiled || frame.from == kNoNode) &&
        !wire::verify(*frame.payload, frame.source, facts_.supervisors[frame.to].keyring))
        return;
    const Arrived arrived{frame.from, frame.to, &frame, &*read};
    for (const auto& invariant : invariants_)
        is_gasp(*read) ? invariant->on_gasp_arrived(arrived) : invariant->on_arrived(arrived);
}

void Watch::on_input(NodeIndex node, const supervisor::Input& input) {
    facts_.now = world_.now();
    ++coverage_.steps;
    make_room(node);
    // The first input of a new life comes before anything else of it.
    if (const auto* machine = world_.supervisor(node);
        machine != nullptr && facts_.supervisors[node].incarnation != machine->brief().incarnation)
        begin_life(node, *machine);
    if (std::holds_alternative<supervisor::Tick>(input)) {
        for (const auto& invariant : invariants_)
            invariant->on_tick(node);
    } else if (const auto* stored = std::get_if<supervisor::StoreCompleted>(&input)) {
        if (!stored->ok)
            facts_.supervisors[node].write_failed = true;
    } else if (const auto* keys = std::get_if<supervisor::KeyringChanged>(&input)) {
        facts_.supervisors[node].keyring = keys->keyring;
        look_at_wires();
        unsettle(node);
    } else if (const auto* asked = std::get_if<supervisor::RoleRequested>(&input)) {
        // At once only here (ROLE-2); any other life has its role from its beginning.
        SupervisorFacts& supervisor = facts_.supervisors[node];
        if (supervisor.state == PairState::standalone && asked->role == Role::primary) {
            supervisor.role = Role::primary;
            join_pair(node);
        }
        unsettle(node);
    } else if (const auto* change = std::get_if<supervisor::ChangeRequested>(&input)) {
        ++coverage_.changes_asked;
        for (const auto& invariant : invariants_)
            invariant->on_change(node, *change);
    } else if (std::holds_alternative<supervisor::SwitchoverRequested>(input)) {
        unsettle(node);
        for (const auto& invariant : invariants_)
            invariant->on_switchover_asked(node);
    } else if (std::holds_alternative<supervisor::StopRequested>(input) ||
               std::holds_alternative<supervisor::ReloadRequested>(input) ||
               std::holds_alternative<supervisor::ClearPeerMac>(input)) {
        unsettle(node);
    }
}

void Watch::on_effects(NodeIndex node, const supervisor::Effects& effects) {
    for (const supervisor::Effect& effect : effects) {
        if (const auto* report = std::get_if<catalog::Report>(&effect))
            tell_report(node, *report);
        if (const auto* completed = std::get_if<supervisor::ChangeCompleted>(&effect)) {
            coverage_.changes_made += completed->error.empty() ? 1 : 0;
            for (const auto& invariant : invariants_)
                invariant->on_completed(node, *completed);
        }
    }
}

void Watch::tell_report(NodeIndex node, const catalog::Report& report) {
    ++coverage_.reports[static_cast<std::size_t>(report.id) % coverage_.reports.size()];
    if (report.id == catalog::MessageId::state_changed)
        tell_state(node, report);
    if (report.id == catalog::MessageId::domain_changed && world_.is_supervisor(node)) {
        const DomainId domain = world_.supervisor(node)->snapshot().pair.domain;
        facts_.supervisors[node].domain = domain;
        for (PairFacts& pair : facts_.pairs)
            if (pair.members[0] == node || pair.members[1] == node)
                pair.domain = domain;
        unsettle(node);
    }
    if (report.id == catalog::MessageId::peer_mac_learnt ||
        report.id == catalog::MessageId::peer_mac_cleared) {
        const auto ports = world_.supervisor(node)->snapshot().pair.peer.ports;
        for (std::size_t port = 0; port < kPortCount; ++port)
            facts_.supervisors[node].learnt[port] = ports[port].learnt_mac;
        look_at_recognition();
        look_at_wires();
    }
    for (const auto& invariant : invariants_)
        invariant->on_report(node, report);
    if (report.id != catalog::MessageId::split_brain_resolved)
        return;
    const auto outcome = world_.supervisor(node)->snapshot().pair.last_arbitration;
    if (!outcome)
        return;
    for (const auto& invariant : invariants_)
        invariant->on_verdict(node, *outcome);
}

/// "sup-1: active-alone -> active-syncing on EVENT: REASON".
void Watch::tell_state(NodeIndex node, const catalog::Report& report) {
    if (report.arguments.size() < 5)
        return;
    const auto from = parse_state(report.arguments[1]);
    const auto to = parse_state(report.arguments[2]);
    if (!from || !to)
        return;
    SupervisorFacts& supervisor = facts_.supervisors[node];
    if (redundancy::is_active(*to) && !redundancy::is_active(supervisor.state))
        supervisor.active_since = facts_.now;
    supervisor.state = *to;
    supervisor.state_since = facts_.now;
    if (facts_.pair_of(node) != nullptr)
        ++coverage_.transitions[static_cast<std::size_t>(*from)][static_cast<std::size_t>(*to)];
    const StateChange change{*from, *to, report.arguments[3], report.arguments[4]};
    for (const auto& invariant : invariants_)
        invariant->on_state(node, change);
}

void Watch::on_stepped(NodeIndex node) {
    facts_.now = world_.now();
    make_room(node);
    if (world_.is_supervisor(node))
        update_supervisor(node);
    else
        update_module(node);
    update_addresses();
    look_at_recognition();
    look_at_health();
    for (const auto& invariant : invariants_)
        invariant->on_stepped(node);
}

void Watch::update_supervisor(NodeIndex node) {
    const auto* machine = world_.supervisor(node);
    SupervisorFacts& supervisor = facts_.supervisors[node];
    if (machine == nullptr || !supervisor.known)
        return;
    const std::uint64_t before = supervisor.brief.revision;
    supervisor.brief = machine->brief();
    if (supervisor.brief.revision != before && redundancy::is_active(supervisor.brief.state))
        facts_.revisions.insert_or_assign({supervisor.incarnation, supervisor.brief.revision},
                                          machine->records());
    if (supervisor.brief.state != supervisor.state) {
        supervisor.state = supervisor.brief.state;  // of a machine that does not report it
        supervisor.state_since = facts_.now;
    }
}

void Watch::update_module(NodeIndex node) {
    const auto* machine = world_.module(node);
    if (machine == nullptr)
        return;
    ModuleFacts& module = facts_.modules[node];
    if (!module.known || module.incarnation != machine->incarnation())
        begin_module(node, *machine);
    module.state = machine->state();
    module.supervisor = machine->supervisor_incarnation();
    module.number = machine->number();
}

void Watch::update_addresses() {
    for (const PairFacts& pair : facts_.pairs)
        for (const NodeIndex member : pair.members)
            if (member != kNoNode)
                facts_.supervisors[member].has_address = world_.has_address(member);
}

void Watch::begin_life(NodeIndex node, const supervisor::Supervisor& machine) {
    const supervisor::Snapshot snapshot = machine.snapshot();
    const SupervisorSettings& settings = world_.supervisor_settings(node);
    SupervisorFacts& supervisor = facts_.supervisors[node];
    const std::uint64_t torn = supervisor.disks_torn;
    const bool was_full = supervisor.write_failed;
    const Incarnation newest = std::max(supervisor.newest, machine.brief().incarnation);
    supervisor = {};
    supervisor.known = true;
    supervisor.disks_torn = torn;
    supervisor.newest = newest;
    supervisor.domain = snapshot.pair.domain;
    supervisor.role = snapshot.pair.operational_role;
    supervisor.policy = snapshot.pair.peer_mac_policy;
    supervisor.authenticated = snapshot.authenticated;
    supervisor.heartbeat_interval = snapshot.pair.heartbeat_interval;
    supervisor.loss_interval = snapshot.pair.loss_interval;
    supervisor.address_lease = settings.address_lease;
    supervisor.lives = true;
    supervisor.runs = true;
    supervisor.process = world_.process(node);
    supervisor.process_since = facts_.now;
    supervisor.incarnation = snapshot.pair.incarnation;
    supervisor.began = facts_.now;
    supervisor.state = snapshot.pair.state;
    supervisor.state_since = facts_.now;
    supervisor.brief = machine.brief();
    supervisor.stored = &world_.stored(node);
    supervisor.disk_full = world_.is_disk_full(node);
    supervisor.write_failed = supervisor.disk_full;
    supervisor.disk_was_full = was_full || supervisor.disk_full;
    supervisor.keyring = settings.options.keyring;
    for (const PortKind port : kPortKinds) {
        supervisor.macs[index_of(port)] = world_.mac(node, port);
        supervisor.learnt[index_of(port)] = snapshot.pair.peer.ports[index_of(port)].learnt_mac;
    }
    ++coverage_.lives;
    join_pair(node);
    look_at_recognition();
    look_at_wires();
    for (const auto& invariant : invariants_)
        invariant->on_life(node);
}

void Watch::begin_module(NodeIndex node, const vem::module::Module& machine) {
    const vem::module::Snapshot snapshot = machine.snapshot();
    ModuleFacts& module = facts_.modules[node];
    module = {};
    module.known = true;
    module.domain = snapshot.domain;
    module.host = snapshot.host;
    module.headless_after = world_.module_settings(node).options.headless_after;
    module.runs = true;
    module.began = facts_.now;
    module.incarnation = machine.incarnation();
    look_at_wires();
    for (PairFacts& pair : facts_.pairs)
        if (pair.well_since && pair.domain == module.domain)
            pair.well_since = std::max(*pair.well_since, facts_.now);
}

void Watch::join_pair(NodeIndex node) {
    const SupervisorFacts& supervisor = facts_.supervisors[node];
    if (supervisor.role == Role::standalone || facts_.pair_of(node) != nullptr)
        return;
    const std::size_t place = supervisor.role == Role::primary ? 0 : 1;
    auto pair = std::find_if(facts_.pairs.begin(), facts_.pairs.end(),
                             [&](const auto& known) { return known.domain == supervisor.domain; });
    if (pair == facts_.pairs.end()) {
        facts_.pairs.emplace_back();
        facts_.pairs.back().domain = supervisor.domain;
        paths_.emplace_back();
        pair = facts_.pairs.end() - 1;
    }
    if (pair->members[place] != kNoNode) {
        facts_.strangers = true;
        return;
    }
    pair->members[place] = node;
    pair->heartbeat_interval = std::max(pair->heartbeat_interval, supervisor.heartbeat_interval);
    pair->loss_interval = std::max(pair->loss_interval, supervisor.loss_interval);
}

void Watch::on_process(NodeIndex node, ProcessState state, const std::string& what) {
    facts_.now = world_.now();
    make_room(node);
    SupervisorFacts& supervisor = facts_.supervisors[node];
    if (supervisor.lives && world_.supervisor(node) == nullptr)
        end_life(node, what);
    supervisor.runs = supervisor.lives && state == ProcessState::running;
    supervisor.process = state;
    supervisor.process_since = facts_.now;
    ModuleFacts& module = facts_.modules[node];
    if (module.known)
        module.runs = state == ProcessState::running && world_.module(node) != nullptr;
    look_at_wires();
}

void Watch::end_life(NodeIndex node, const std::string& how) {
    for (const auto& invariant : invariants_)
        invariant->on_end(node, how);
    facts_.supervisors[node].lives = false;
}

void Watch::on_changed(NodeIndex node) {
    facts_.now = world_.now();
    make_room(node);
    SupervisorFacts& supervisor = facts_.supervisors[node];
    supervisor.disk_full = world_.is_disk_full(node);
    supervisor.write_failed = supervisor.write_failed || supervisor.disk_full;
    supervisor.disks_torn = world_.disks_torn(node);
    for (const PortKind port : kPortKinds) {
        MacAddress& mac = supervisor.macs[index_of(port)];
        if (supervisor.known && mac != world_.mac(node, port))
            change_address(node);
        mac = world_.mac(node, port);
    }
    look_at_cables(node);
    look_at_recognition();
    look_at_wires();
}

}  // namespace sim::invariants
