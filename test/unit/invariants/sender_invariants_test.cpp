// What must always hold of what one supervisor says, stores and holds: each invariant lets the
// nearest harmless story pass and tells the first one that is not.
#include "test/unit/invariants/bench.hpp"

using namespace sim;
using namespace sim::invariants;
using namespace sim::invariants::test;
using ha::catalog::MessageId;
using ha::wire::ClaimedState;
using ha::wire::ModuleRecord;

namespace {

ha::supervisor::StoredState disk_with_module() {
    ha::supervisor::PersistentState state;
    state.modules = {ModuleRecord{kHost, ha::Slot{3}, "host"}};
    return ha::supervisor::StoredState(state);
}

}  // namespace

TEST_CASE("A module is accepted only under a number that is stored", "[invariants][VEM-1]") {
    Bench bench(make_durable_numbers);
    ha::supervisor::StoredState disk = disk_with_module();
    bench.a().stored = &disk;
    bench.accept(3);
    CHECK(bench.held());
    bench.accept(4);
    CHECK(bench.broken());
    bench.a().write_failed = true;
    bench.accept(4);
    CHECK(bench.held());
}

TEST_CASE("A revision is claimed only when its records are stored", "[invariants][SYNC-1]") {
    Bench bench(make_durable_revisions);
    ha::supervisor::StoredState disk = disk_with_module();
    bench.b().stored = &disk;
    bench.facts.revisions[{bench.a().incarnation, 4}] = disk.records();
    bench.facts.revisions[{bench.a().incarnation, 5}] = {};
    bench.claim(4);
    CHECK(bench.held());
    bench.claim(5);
    CHECK(bench.broken());
    bench.claim(5);
    CHECK(bench.held());  // told once
}

TEST_CASE("Who takes over holds what it acknowledged", "[invariants][SYNC-1]") {
    Bench bench(make_kept_records);
    ha::supervisor::StoredState disk = disk_with_module();
    bench.b().stored = &disk;
    bench.facts.revisions[{bench.a().incarnation, 4}] = disk.records();
    bench.claim(4);
    bench.change(kB, PairState::standby_ha, PairState::active_alone);
    CHECK(bench.held());
    disk = {};
    bench.change(kB, PairState::standby_ha, PairState::active_alone);
    CHECK(bench.broken());
}

TEST_CASE("A number that both have stored stays with its host", "[invariants][VEM-1]") {
    Bench bench(make_kept_numbers);
    ha::supervisor::StoredState disk = disk_with_module();
    bench.a().stored = &disk;
    bench.b().stored = &disk;
    bench.invariant->on_tick(kA);
    bench.accept(3);
    bench.send(kA, ha::wire::ModuleHeartbeat{ha::Incarnation{3}, ha::Slot{3}, 1, {}});
    CHECK(bench.held());
    bench.accept(4);
    CHECK(bench.broken());
    bench.facts.modules[kModule].host = kOtherHost;
    bench.send(kA, ha::wire::ModuleHeartbeat{ha::Incarnation{3}, ha::Slot{3}, 2, {}});
    CHECK(bench.broken());
    // A disk that loses what it held ends the promise.
    disk = {};
    ++bench.b().disks_torn;
    bench.invariant->on_life(kB);
    bench.accept(3);
    CHECK(bench.held());
}

TEST_CASE("A life is newer than those before it", "[invariants][ROLE-5]") {
    Bench bench(make_newer_lives);
    bench.a().incarnation = ha::Incarnation{9ULL << 32U};
    bench.invariant->on_life(kA);
    CHECK(bench.held());
    bench.invariant->on_life(kA);
    CHECK(bench.broken());
    ++bench.a().disks_torn;
    bench.a().incarnation = ha::Incarnation{1};
    bench.invariant->on_life(kA);
    CHECK(bench.held());
}

TEST_CASE("A dying gasp speaks for a life that is over", "[invariants][HB-8]") {
    Bench bench(make_true_gasps);
    const ha::Incarnation old = bench.a().incarnation;
    bench.a().lives = true;
    bench.gasp(kA, kB, old);
    CHECK(bench.broken());
    bench.a().lives = false;
    bench.gasp(kA, kB, old);
    bench.change(kB, PairState::standby_ha, PairState::active_alone, "peer-crashed");
    CHECK(bench.held());
    // The next life has been heard: nobody believes the gasp of the one before any more.
    bench.a().lives = true;
    bench.a().incarnation = ha::Incarnation{static_cast<std::uint64_t>(old) + (1ULL << 32U)};
    bench.arrive(kA, kB);
    bench.gasp(kA, kB, old);
    CHECK(bench.held());
    bench.change(kB, PairState::active_ha, PairState::active_alone, "peer-crashed");
    CHECK(bench.broken());
}

TEST_CASE("A frame says what its sender is", "[invariants][HB-1]") {
    Bench bench(make_true_claims);
    const auto hello = [](ClaimedState state) {
        return ha::wire::Hello{Bench::status(state), std::nullopt};
    };
    bench.send(kA, hello(ClaimedState::active));
    bench.send(kB, ha::wire::HeartbeatResponse{Bench::status(ClaimedState::standby_ha), 1});
    CHECK(bench.held());
    bench.send(kA, hello(ClaimedState::active),
               [](ha::wire::Frame& frame, Frame&) { frame.domain = ha::DomainId{101}; });
    CHECK(bench.broken());
    bench.send(kA, hello(ClaimedState::active),
               [](ha::wire::Frame&, Frame& raw) { raw.port = ha::PortKind::mgmt; });
    CHECK(bench.broken());
    bench.send(kA, hello(ClaimedState::active),
               [](ha::wire::Frame& frame, Frame&) { frame.sequence = 1; });
    CHECK(bench.broken());
    bench.send(kA, hello(ClaimedState::waiting));
    CHECK(bench.broken());
    bench.send(kB, ha::wire::ModuleBeacon{});
    CHECK(bench.broken());
    bench.send(kA, ha::wire::ModuleHello{});
    CHECK(bench.broken());
    bench.send(kA, ha::wire::Leaving{Bench::status(ClaimedState::active), bench.a().incarnation,
                                     ha::wire::LeaveReason::stop});
    CHECK(bench.broken());
    bench.change(kA, PairState::active_ha, PairState::leaving, "stop-requested");
    bench.send(kA, ha::wire::Leaving{Bench::status(ClaimedState::active), bench.a().incarnation,
                                     ha::wire::LeaveReason::stop});
    CHECK(bench.held());
    // With the step the states before the last one are over.
    bench.invariant->on_stepped(kA);
    bench.send(kA, hello(ClaimedState::active));
    CHECK(bench.broken());
}

TEST_CASE("The address is the active's alone", "[invariants][SW-5]") {
    Bench bench(make_one_address);
    const auto stepped = [&] {
        bench.invariant->on_stepped(kA);
        return bench.held();
    };
    CHECK(stepped());
    bench.a().brief.holds_address = false;
    bench.invariant->on_stepped(kA);
    CHECK(bench.broken());
    bench.a().brief.holds_address = true;
    // An address that outlives its process is gone with its lease.
    bench.b().has_address = true;
    bench.b().runs = false;
    bench.pass(30s);
    CHECK(stepped());
    bench.pass(1s);
    bench.invariant->on_stepped(kA);
    CHECK(bench.broken());
    bench.b().runs = true;
    bench.invariant->on_stepped(kB);
    CHECK(bench.broken());
}

TEST_CASE("No supervisor spins or floods", "[invariants][ANY-1]") {
    Bench bench(make_calm);
    for (int tick = 0; tick < 40; ++tick)
        bench.invariant->on_tick(kA);
    bench.pass(1s);
    for (int tick = 0; tick < 40; ++tick)
        bench.invariant->on_tick(kA);
    CHECK(bench.held());
    bench.invariant->on_tick(kA);
    CHECK(bench.broken());
    for (int frame = 0; frame < 160 + 3 * 6; ++frame)
        bench.send(kB, ha::wire::ModuleBeacon{});
    CHECK(bench.held());
    bench.send(kB, ha::wire::ModuleBeacon{});
    CHECK(bench.broken());
}

TEST_CASE("A report of a fault has a cause", "[invariants][COL-1][HB-2]") {
    Bench bench(make_explained_errors);
    const ha::catalog::Report collision{MessageId::role_collision, {"mac", "control", "1"}};
    const ha::catalog::Report differs{MessageId::interval_differs, {"heartbeat", "1", "2"}};
    bench.invariant->on_report(kA, {MessageId::becoming_active, {}});
    CHECK(bench.held());
    bench.invariant->on_report(kA, collision);
    CHECK(bench.broken());
    bench.invariant->on_report(kA, differs);
    CHECK(bench.broken());
    bench.b().heartbeat_interval = 2s;
    bench.invariant->on_report(kA, differs);
    CHECK(bench.held());
    bench.facts.strangers = true;
    bench.invariant->on_report(kA, collision);
    CHECK(bench.held());
}

TEST_CASE("Times are told in milliseconds as short as they can be", "[invariants]") {
    CHECK(in_ms(12s) == "12000 ms");
    CHECK(in_ms(12500us) == "12.5 ms");
    CHECK(in_ms(1ms + 20us) == "1.02 ms");
}
