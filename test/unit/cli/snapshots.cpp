#include "test/unit/cli/snapshots.hpp"

#include <chrono>
#include <stdexcept>

using namespace std::chrono_literals;

namespace ha::cli::test {
namespace {

using redundancy::PairState;

// 2012-09-11 18:59:17.250 UTC, the afternoon of the documents' example.
const WallTime kWall{1347389957250ms};
const Instant kNow{100h};
const Uuid kHostA{{0x80, 0xc3, 0x45, 0x66, 0x7e, 0x89, 0xb6, 0x01, 0xb4, 0xf9, 0x00, 0x1a, 0x64,
                   0xdc, 0x90, 0x54}};
const Uuid kHostB{{0xc0, 0xc2, 0xea, 0x8e, 0x7e, 0x89, 0xb6, 0x01, 0xb4, 0xf9, 0x00, 0x1a, 0x64,
                   0xdc, 0x90, 0x55}};

Instant ago(Duration duration) {
    return kNow - duration;
}
MacAddress mac(std::uint8_t last) {
    return {{0x00, 0x50, 0x56, 0x97, 0x02, last}};
}

void add_links(supervisor::Snapshot& snapshot) {
    std::uint8_t last = 0x10;
    for (auto& port : snapshot.ports) {
        port.link = {true, true, true, mac(last), last == 0x10 ? "control0" : "mgmt0", ""};
        port.link_since = ago(3h + 1s);
        last = static_cast<std::uint8_t>(last + 1);
    }
}

Context base(Role role) {
    Context context;
    context.now = kNow;
    context.wall_now = kWall;
    context.version = "0.1.0";
    context.kernel_uptime = 74h + 5s;
    context.management_address = "10.0.0.10";
    context.control_vlan = 260;
    context.kernel = "Linux 6.1.0-18-amd64";
    context.processes = [] {
        return std::vector<Process>{{4711, 'S', "0", "vsmd"}, {4712, 'R', "b7f8a468", "control"}};
    };
    context.log = {"2012 Sep 11 15:59:16 switch %SYSMGR-5-STARTED: one",
                   "2012 Sep 11 15:59:19 switch %REDUNDANCY-5-STATE_CHANGE: two",
                   "2012 Sep 11 18:57:42 switch %REDUNDANCY-3-ROLE_COLLISION: three"};
    auto& snapshot = context.snapshot;
    snapshot.now = kNow;
    snapshot.started = ago(3h + 2s);
    add_links(snapshot);
    auto& pair = snapshot.pair;
    pair.administrative_role = pair.operational_role = role;
    pair.domain = DomainId{100};
    pair.incarnation = Incarnation{0x000000079f3a12c4};
    pair.heartbeat_interval = 1s;
    pair.loss_interval = 15s;
    pair.peer.reason = "never heard";
    pair.peer.since = snapshot.started;
    return context;
}

void add_modules(supervisor::Snapshot& snapshot) {
    using vem::registry::Attachment;
    vem::registry::ModuleSnapshot online;
    online.record = {kHostA, Slot{3}, "host-a"};
    online.attachment = Attachment::online;
    online.reason = "said hello";
    online.since = ago(2h + 53min + 35s);
    online.mac = mac(0x31);
    online.last_heard = ago(310ms);
    online.hellos_received = online.accepts_sent = online.insertions = 1;
    online.heartbeats_sent = 10417;
    online.heartbeats_received = 10416;
    vem::registry::ModuleSnapshot absent;
    absent.record = {kHostB, Slot{4}, "host-b"};
    absent.reason = "6 heartbeats missed";
    absent.since = ago(61s);
    absent.mac = mac(0x41);
    absent.last_heard = ago(67s);
    absent.hellos_received = absent.accepts_sent = absent.insertions = absent.removals = 2;
    absent.heartbeats_sent = 512;
    absent.heartbeats_received = 500;
    online.orders = {2,
                     {wire::PortOrder::shutdown, wire::PortOrder::none, wire::PortOrder::none,
                      wire::PortOrder::shutdown}};
    online.orders_held = 2;
    online.ports = {{{true, false, false, true, false}, ago(12s)},
                    {{true, true, true, true, false}, ago(2h + 53min)},
                    {{true, true, false, true, false}, ago(90s)}};
    absent.orders = {3, {wire::PortOrder::no_shutdown}};
    snapshot.modules.configured_ports = {{Slot{3}, online.orders.ports},
                                         {Slot{4}, absent.orders.ports}};
    snapshot.modules.active = true;
    snapshot.modules.revision = 7;
    snapshot.modules.modules = {online, absent};
}

void add_frames(supervisor::Snapshot& snapshot) {
    auto& control = snapshot.ports[index_of(PortKind::control)];
    const auto at = [](wire::FrameType type) { return static_cast<std::size_t>(type); };
    control.sent[at(wire::FrameType::heartbeat_request)] = {10800, ago(400ms)};
    control.received[at(wire::FrameType::heartbeat_response)] = {10799, ago(399ms)};
    control.received[at(wire::FrameType::hello)] = {3, ago(3h)};
    control.dropped[static_cast<std::size_t>(wire::DropReason::unlearnt_mac)] = {5,
                                                                                 ago(17min + 4s)};
    control.dropped[static_cast<std::size_t>(wire::DropReason::foreign_domain)] = {1, ago(26h)};
    auto& mgmt = snapshot.ports[index_of(PortKind::mgmt)];
    mgmt.sent[at(wire::FrameType::hello)] = {3, ago(3h)};
}

void add_peer(redundancy::Snapshot& pair, wire::ClaimedState claimed) {
    pair.peer.present = true;
    pair.peer.reason = "answered our discovery";
    pair.peer.since = ago(2h + 59min);
    pair.peer.claimed = claimed;
    pair.peer.incarnation = Incarnation{0x0000000300000001};
    pair.peer.ports[0] = {mac(0x20), ago(120ms)};
    pair.peer.ports[1] = {mac(0x21), ago(2h + 59min)};
}

void add_trace(redundancy::Snapshot& pair) {
    pair.trace = {
        {ago(3h + 2s), "discovering", "active-alone", "window-ended", "nobody answered in 3 s"},
        {ago(2h + 59min), "active-alone", "active-syncing", "peer-found", "sup-2 asks to join"},
        {ago(2h + 58min), "active-syncing", "active-ha", "synchronized",
         "revision 7 is held by the standby"}};
}

/// The active that stayed one at a split brain ten minutes ago.
void add_kept_logs(records::Database& database) {
    using records::Space;
    supervisor::KeptLog about{kWall - 10min, "sup-2 restarts: fewer modules (0 against 2)", 1, ""};
    const auto accounting = [](const std::string& command) {
        return config::encode({kWall - 12min, "admin", "console0", command, true});
    };
    database.apply(keep(database, Space::accounting_backup, about, {accounting("hostname a")}));
    database.apply(keep(
        database, Space::redundancy_trace_backup, about,
        {encode(supervisor::DatedTraceEntry{kWall - 11min, "active-alone", "active-arbitrating",
                                            "peer-active", "both are active"})}));
    about.entries = 470;
    about.lacking = "the newest only, as many as fit into 32768 bytes";
    database.apply(keep(database, Space::accounting_of_remote, about,
                        {accounting("hostname b"), accounting("hostname c")}));
    about.entries = 0;
    about.lacking = "nothing came from the other supervisor within 2500 ms";
    database.apply(keep(database, Space::redundancy_trace_of_remote, about, {}));
}

/// An active primary with an HA standby.
Context pair_active() {
    auto context = base(Role::primary);
    auto& snapshot = context.snapshot;
    snapshot.pair.state = PairState::active_ha;
    snapshot.pair.reason = "standby synchronized";
    snapshot.pair.since = ago(2h + 58min);
    snapshot.pair.active_since = ago(2h + 59min + 59s);
    snapshot.pair.revision = snapshot.pair.applied_revision = 7;
    snapshot.pair.can_switch_over = true;
    snapshot.holds_address = true;
    add_peer(snapshot.pair, wire::ClaimedState::standby_ha);
    add_modules(snapshot);
    add_frames(snapshot);
    add_trace(snapshot.pair);
    add_kept_logs(context.kept_logs);
    return context;
}

Context pair_standby() {
    auto context = base(Role::secondary);
    auto& snapshot = context.snapshot;
    context.management_address.clear();
    snapshot.pair.state = PairState::standby_ha;
    snapshot.pair.reason = "caught up with the active";
    snapshot.pair.since = ago(2h + 58min);
    add_peer(snapshot.pair, wire::ClaimedState::active);
    snapshot.authenticated = true;
    snapshot.key_ids = {1, 2};
    return context;
}

Context standalone() {
    auto context = base(Role::standalone);
    context.snapshot.pair.state = PairState::standalone;
    context.snapshot.pair.reason = "role standalone";
    context.snapshot.pair.since = context.snapshot.started;
    context.snapshot.pair.active_since = context.snapshot.started;
    return context;
}

Context syncing() {
    auto context = pair_active();
    auto& pair = context.snapshot.pair;
    pair.state = PairState::active_syncing;
    pair.can_switch_over = false;
    pair.reason = "sup-2 has 5 of 7 revisions";
    pair.since = ago(1500ms);
    pair.applied_revision = 5;
    pair.peer.claimed = wire::ClaimedState::standby_syncing;
    return context;
}

Context degraded() {
    auto context = pair_active();
    auto& pair = context.snapshot.pair;
    pair.degraded = true;
    pair.degraded_reason = "no response on control for 7.5 s";
    pair.degraded_since = ago(42s);
    pair.peer.ports[0].last_heard = ago(49500ms);
    pair.peer.ports[1].last_heard = ago(80ms);
    auto& link = context.snapshot.ports[0];
    link.link.carrier = false;
    link.link.reason = "no carrier";
    link.link_since = ago(49s);
    return context;
}

/// The documents' example: an active secondary and eight others; here a ninth was overwritten.
Context collisions() {
    auto context = pair_active();
    auto& pair = context.snapshot.pair;
    pair.administrative_role = pair.operational_role = Role::secondary;
    const std::vector<std::pair<std::uint8_t, Duration>> seen = {
        {0x3b, 0s},   {0x3c, 0s},  {0x2f, 95s}, {0x35, 91s},
        {0x29, 101s}, {0x30, 95s}, {0x36, 91s}, {0x2a, 101s}};
    for (const auto& [last, age] : seen) {
        pair.collisions.push_back({mac(last), PortKind::control, ago(age + 10min), ago(age), 4});
    }
    pair.collisions.back().port = PortKind::mgmt;
    pair.collisions_overwritten = 1;
    pair.collisions_overwritten_at = ago(0s);
    pair.collision_overwritten_mac = mac(0x28);
    return context;
}

Context split_brain() {
    auto context = pair_active();
    auto& pair = context.snapshot.pair;
    pair.state = PairState::active_arbitrating;
    pair.can_switch_over = false;
    pair.reason = "sup-2 is active as well";
    pair.since = ago(200ms);
    pair.peer.claimed = wire::ClaimedState::active;
    redundancy::ArbitrationOutcome outcome;
    outcome.at = ago(30min);
    outcome.primary.module_count = 3;
    outcome.primary.configuration_revision = 17;
    outcome.primary.active_age_ms = 121'000;
    outcome.secondary.active_age_ms = 9'500;
    outcome.loser = kSecondarySlot;
    outcome.reason = "fewer modules (0 against 3)";
    pair.last_arbitration = outcome;
    return context;
}

Context alone() {
    auto context = pair_active();
    auto& pair = context.snapshot.pair;
    pair.state = PairState::active_alone;
    pair.can_switch_over = false;
    pair.reason = "nothing heard on control and mgmt for 15 s";
    pair.since = ago(3min + 7s);
    pair.peer.present = false;
    pair.peer.reason = "nothing heard on control and mgmt for 15 s";
    pair.peer.since = ago(3min + 7s);
    pair.unlearnt_rejected = 5;
    pair.last_rejected_mac = mac(0x66);
    pair.last_rejected_at = ago(17min + 4s);
    context.snapshot.store_failed = true;
    return context;
}

Context switching_over() {
    auto context = pair_active();
    auto& pair = context.snapshot.pair;
    pair.state = PairState::switching_over;
    pair.can_switch_over = false;
    pair.reason = "planned switchover";
    pair.since = ago(3ms);
    pair.administrative_role = Role::secondary;
    context.snapshot.holds_address = false;
    return context;
}

Context booting() {
    auto context = base(Role::secondary);
    auto& snapshot = context.snapshot;
    snapshot.started = ago(800ms);
    snapshot.pair.state = PairState::discovering;
    snapshot.pair.reason = "looking for a peer";
    snapshot.pair.since = snapshot.pair.peer.since = snapshot.started;
    snapshot.ports[1].link = {false, false, false, {}, "mgmt0", "interface mgmt0 does not exist"};
    context.log.clear();
    return context;
}

}  // namespace

std::vector<Situation> situations() {
    return {{"standalone", standalone()},
            {"pair-active", pair_active()},
            {"pair-standby", pair_standby()},
            {"syncing", syncing()},
            {"degraded", degraded()},
            {"collisions", collisions()},
            {"split-brain", split_brain()},
            {"alone", alone()},
            {"switching-over", switching_over()},
            {"booting", booting()}};
}

Context situation(const std::string& name) {
    for (auto& [known, context] : situations()) {
        if (known == name)
            return context;
    }
    throw std::invalid_argument("no situation " + name);
}

}  // namespace ha::cli::test
