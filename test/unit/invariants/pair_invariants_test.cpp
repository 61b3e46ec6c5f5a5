// What must always hold of the states of a pair: each invariant lets the nearest harmless story
// pass and tells the first one that is not.
#include "libha/config/accounting.hpp"
#include "test/unit/invariants/bench.hpp"

using namespace sim;
using namespace sim::invariants;
using namespace sim::invariants::test;
using ha::wire::ArbitrationTuple;
using ha::wire::ClaimedState;

TEST_CASE("Each invariant has a name and a sentence", "[invariants]") {
    Facts facts;
    std::set<std::string> names;
    for (const auto& invariant : make_all(facts, true)) {
        CHECK(names.insert(invariant->id()).second);
        CHECK(std::string(invariant->sentence()).ends_with('.'));
    }
    CHECK(names.size() > 15);
}

TEST_CASE("Two actives that can hear each other are told when they had time to settle",
          "[invariants][SB-1]") {
    Bench bench(make_one_active);
    bench.change(kB, PairState::standby_ha, PairState::active_alone);
    const auto after = [&](Duration duration) {
        bench.pass(duration);
        bench.invariant->on_stepped(kB);
    };
    after(0s);
    after(3s);
    CHECK(bench.held());
    after(bench.pair().loss_interval / ha::redundancy::kLogsShare);
    CHECK(bench.held());
    after(1s);
    CHECK(bench.broken());
    bench.pair().recognized = false;
    after(1s);
    CHECK(bench.held());
    bench.pair().recognized = true;
    bench.pair().path_since.reset();
    after(60s);
    CHECK(bench.held());
}

TEST_CASE("Who could hear an active and becomes one is told", "[invariants][BOOT-3][LOSS-2]") {
    Bench bench(make_no_second_active);
    bench.pass(20s);
    bench.change(kB, PairState::standby_ha, PairState::active_alone);
    CHECK(bench.held());
    bench.pass(12s);
    bench.change(kB, PairState::standby_ha, PairState::active_alone);
    CHECK(bench.broken());
    bench.a().runs = false;
    bench.change(kB, PairState::standby_ha, PairState::active_alone);
    CHECK(bench.held());

    Bench booting(make_no_second_active);
    booting.pass(1s);
    booting.change(kB, PairState::discovering, PairState::active_alone);
    CHECK(booting.held());
    booting.pass(2s);
    booting.change(kB, PairState::discovering, PairState::active_alone);
    CHECK(booting.broken());
}

TEST_CASE("From active there is no way back in one life", "[invariants][ROLE-5]") {
    Bench bench(make_no_way_back);
    bench.change(kB, PairState::standby_ha, PairState::active_alone);
    bench.change(kB, PairState::active_alone, PairState::leaving);
    CHECK(bench.held());
    bench.change(kB, PairState::active_alone, PairState::standby_syncing);
    CHECK(bench.broken());
    bench.b().incarnation = ha::Incarnation{99};
    bench.change(kB, PairState::discovering, PairState::standby_syncing);
    CHECK(bench.held());
}

TEST_CASE("A change of state that the table does not name is told", "[invariants][table]") {
    Bench bench(make_state_table);
    bench.change(kA, PairState::discovering, PairState::waiting, "peer-initializing");
    bench.change(kA, PairState::waiting, PairState::active_alone, "window-expired");
    CHECK(bench.held());
    bench.change(kA, PairState::discovering, PairState::standby_ha, "window-expired");
    CHECK(bench.broken());
}

TEST_CASE("Both sides of a split brain must decide on what was sent, and as SB-1 says",
          "[invariants][SB-1][SB-2]") {
    Bench bench(make_same_verdict);
    const ArbitrationTuple primary{1, 3, 5, 5, 10, 100, false};
    const ArbitrationTuple secondary{1, 2, 5, 5, 10, 900, false};
    const auto send = [&](NodeIndex node, const ArbitrationTuple& tuple) {
        bench.send(node, ha::wire::Hello{Bench::status(ClaimedState::active),
                                         ha::wire::Arbitration{tuple, std::nullopt}});
    };
    const auto decide = [&](const ArbitrationTuple& one, const ArbitrationTuple& other,
                            ha::Slot loser) {
        bench.invariant->on_verdict(kA, {bench.facts.now, one, other, loser, "because"});
    };
    send(kA, primary);
    send(kA, primary);
    send(kB, secondary);
    decide(primary, secondary, ha::kSecondarySlot);
    CHECK(bench.held());
    decide(primary, secondary, ha::kPrimarySlot);
    CHECK(bench.broken());
    ArbitrationTuple other = primary;
    other.module_count = 9;
    decide(other, secondary, ha::kSecondarySlot);
    CHECK(bench.broken());  // never sent by itself
    other = secondary;
    other.module_count = 1;
    decide(primary, other, ha::kSecondarySlot);
    CHECK(bench.broken());  // never sent by the peer
    send(kB, other);
    CHECK(bench.broken());  // another tuple under the same number

    // The order of the comparison.
    const auto loser = [&](auto change) {
        Bench fresh(make_same_verdict);
        ArbitrationTuple one{1, 2, 5, 5, 10, 100, false};
        ArbitrationTuple two = one;
        change(one, two);
        fresh.send(kA, ha::wire::Hello{Bench::status(ClaimedState::active),
                                       ha::wire::Arbitration{one, std::nullopt}});
        fresh.send(kB, ha::wire::Hello{Bench::status(ClaimedState::active),
                                       ha::wire::Arbitration{two, std::nullopt}});
        fresh.invariant->on_verdict(kA, {fresh.facts.now, one, two, ha::kPrimarySlot, "because"});
        return fresh.held() ? ha::kPrimarySlot : ha::kSecondarySlot;
    };
    using Tuple = ArbitrationTuple;
    CHECK(loser([](Tuple&, Tuple& two) { two.vsg = true; }) == ha::kPrimarySlot);
    CHECK(loser([](Tuple& one, Tuple&) { one.module_count = 1; }) == ha::kPrimarySlot);
    CHECK(loser([](Tuple& one, Tuple&) { one.configuration_revision = 6; }) == ha::kSecondarySlot);
    CHECK(loser([](Tuple& one, Tuple&) {
              one.configuration_revision = 6;
              one.configuration_age_ms = 20;
          }) == ha::kPrimarySlot);
    CHECK(loser([](Tuple& one, Tuple&) { one.active_age_ms = 99; }) == ha::kPrimarySlot);
    CHECK(loser([](Tuple&, Tuple&) {}) == ha::kSecondarySlot);
}

TEST_CASE("After a split brain not both may reboot", "[invariants][SB-3]") {
    Bench bench(make_one_reboot);
    const ArbitrationTuple primary{1, 3, 5, 5, 10, 100, false};
    const ArbitrationTuple secondary{1, 2, 5, 5, 10, 900, false};
    for (const NodeIndex node : {kA, kB})
        bench.send(node, ha::wire::Hello{Bench::status(ClaimedState::active),
                                         ha::wire::Arbitration{node == kA ? primary : secondary,
                                                               std::nullopt}});
    const auto decide = [&](NodeIndex node, ha::Slot loser) {
        bench.invariant->on_verdict(node, {bench.facts.now, primary, secondary, loser, "because"});
    };
    decide(kA, ha::kSecondarySlot);
    decide(kB, ha::kSecondarySlot);
    CHECK(bench.held());
    decide(kA, ha::kPrimarySlot);
    CHECK(bench.broken());
}

TEST_CASE("A peer is given up after T, not before and not much later", "[invariants][LOSS-1]") {
    Bench bench(make_patience);
    bench.change(kA, PairState::active_alone, PairState::active_syncing, "peer-standby-syncing");
    bench.pass(15s);
    bench.change(kA, PairState::active_syncing, PairState::active_alone);
    CHECK(bench.held());
    bench.change(kA, PairState::active_alone, PairState::active_syncing, "peer-standby-syncing");
    bench.pass(14s);
    bench.change(kA, PairState::active_syncing, PairState::active_alone);
    CHECK(bench.broken());

    Bench late(make_patience);
    late.pair().path_since.reset();
    late.b().runs = false;
    late.change(kA, PairState::active_alone, PairState::active_syncing, "peer-standby-syncing");
    late.pass(17s);
    late.invariant->on_stepped(kA);
    CHECK(late.held());
    late.pass(1s);
    late.invariant->on_stepped(kA);
    CHECK(late.broken());
}

TEST_CASE("Degraded mode begins after half of T, not before and not much later",
          "[invariants][HB-3]") {
    const ha::catalog::Report entered{ha::catalog::MessageId::degraded_entered, {"no response"}};
    Bench bench(make_degraded);
    bench.change(kA, PairState::active_alone, PairState::active_syncing, "peer-standby-syncing");
    bench.pass(8s);
    bench.invariant->on_report(kA, entered);
    CHECK(bench.held());
    bench.change(kA, PairState::active_alone, PairState::active_syncing, "peer-standby-syncing");
    bench.pass(7s);
    bench.invariant->on_report(
        kA, {ha::catalog::MessageId::degraded_entered, {"own control link unusable: no carrier"}});
    CHECK(bench.held());
    bench.invariant->on_report(kA, entered);
    CHECK(bench.broken());

    bench.pair().path_since.reset();
    bench.pass(2s);
    bench.invariant->on_stepped(kA);
    CHECK(bench.held());
    bench.pass(1s);
    bench.invariant->on_stepped(kA);
    CHECK(bench.broken());
    bench.a().brief.degraded = true;
    bench.invariant->on_stepped(kA);
    CHECK(bench.held());
}

TEST_CASE("A domain in which nothing is wrong must become whole in time", "[invariants][BOOT-1]") {
    Bench bench(make_recovery);
    bench.pair().well_since = bench.facts.now;
    bench.pass(65s);  // 2T + T/4 + 16h + H
    bench.invariant->on_stepped(kA);
    CHECK(bench.held());
    bench.pass(2s);
    bench.invariant->on_stepped(kA);
    REQUIRE(bench.broken());
    CHECK(bench.facts.violations.back().what.find("vem-3 is searching") != std::string::npos);
    bench.invariant->on_stepped(kA);
    CHECK(bench.held());  // told once
    bench.pair().well_since = bench.facts.now;
    bench.pair().whole_since = bench.facts.now;
    bench.pass(1h);
    bench.invariant->on_stepped(kA);
    CHECK(bench.held());
}

TEST_CASE("A whole pair to which nothing happens must stay as it is", "[invariants][COL-1]") {
    Bench bench(make_undisturbed);
    const ha::catalog::Report split{ha::catalog::MessageId::split_brain_detected, {"2", "x"}};
    bench.pair().well_since = bench.pair().whole_since = bench.facts.now;
    bench.pass(3s);
    bench.change(kA, PairState::active_ha, PairState::active_alone);
    bench.invariant->on_report(kA, split);
    CHECK(bench.held());
    bench.pass(1s);
    bench.invariant->on_stepped(kA);
    CHECK(bench.held());
    bench.change(kA, PairState::active_ha, PairState::active_alone);
    CHECK(bench.broken());
    bench.invariant->on_report(kA, split);
    CHECK(bench.broken());
    // A module that went elsewhere before is missed after six more heartbeats.
    const ha::catalog::Report removed{ha::catalog::MessageId::module_removed, {"3", "x"}};
    bench.invariant->on_report(kA, removed);
    CHECK(bench.held());
    bench.pass(6s);
    bench.invariant->on_stepped(kA);
    CHECK(bench.held());
    bench.invariant->on_report(kA, removed);
    CHECK(bench.broken());
    bench.pair().whole_since.reset();
    bench.invariant->on_stepped(kB);
    CHECK(bench.broken());
}

TEST_CASE("Who takes over by order does so beside nobody, and with everything",
          "[invariants][SW-2]") {
    const auto take_over = [](Bench& bench) {
        bench.change(kB, PairState::standby_ha, PairState::active_alone, "switchover-ordered");
    };
    Bench bench(make_hand_over);
    take_over(bench);
    CHECK(bench.broken());
    bench.change(kA, PairState::active_ha, PairState::switching_over, "switchover-requested");
    take_over(bench);
    CHECK(bench.held());
    ha::supervisor::PersistentState state;
    state.modules = {{kHost, ha::Slot{3}, "host"}};
    const ha::supervisor::StoredState given(state);
    ha::supervisor::StoredState taken;
    bench.a().lives = true;
    bench.a().stored = &given;
    bench.b().stored = &taken;
    take_over(bench);
    CHECK(bench.broken());
    taken = given;
    take_over(bench);
    CHECK(bench.held());
    // Cables on which a frame travels for so long prove nothing.
    bench.change(kA, PairState::switching_over, PairState::active_alone);
    bench.pair().lag = 1s;
    take_over(bench);
    CHECK(bench.held());
}

namespace {

/// A store with the changes that are in its accounting log.
ha::supervisor::StoredState store_of(const std::vector<std::string>& commands) {
    ha::records::Database records;
    for (const std::string& command : commands)
        records.apply(ha::config::append(records, {{}, "admin", "console0", command, true}));
    return ha::supervisor::StoredState(records);
}

void ask(Bench& bench, NodeIndex node, std::uint64_t ticket, const std::string& command) {
    ha::supervisor::ChangeRequested change;
    change.ticket = ticket;
    change.command = command;
    bench.invariant->on_change(node, change);
}

}  // namespace

TEST_CASE("What was acknowledged is there after a takeover and a start, once",
          "[invariants][SYNC-2]") {
    Bench bench(make_kept_changes);
    auto without = store_of({});
    auto with = store_of({"one"});
    auto twice = store_of({"one", "one"});
    const auto take_over_with = [&](ha::supervisor::StoredState& store) {
        bench.b().stored = &store;
        bench.change(kB, PairState::standby_ha, PairState::active_alone);
    };
    ask(bench, kA, 1, "one");
    ask(bench, kA, 2, "refused");
    take_over_with(without);  // nobody was told that it is made
    CHECK(bench.held());
    bench.invariant->on_completed(kA, {1, ""});
    bench.invariant->on_completed(kA, {2, "no"});
    take_over_with(with);
    CHECK(bench.held());
    take_over_with(twice);
    CHECK(bench.broken());
    take_over_with(without);
    CHECK(bench.broken());
    bench.a().stored = &without;
    bench.invariant->on_life(kA);
    CHECK(bench.broken());
    // A disk that lost what it held, or was full, explains it.
    bench.a().disks_torn = 1;
    bench.invariant->on_life(kA);
    CHECK(bench.held());
    bench.b().write_failed = true;
    take_over_with(without);
    CHECK(bench.held());
}

TEST_CASE("A standby that joins has what its active has, and owes nothing else",
          "[invariants][SYNC-2]") {
    Bench bench(make_kept_changes);
    auto without = store_of({});
    bench.b().stored = &without;
    bench.change(kA, PairState::active_ha, PairState::active_alone);
    ask(bench, kA, 1, "one");
    bench.invariant->on_completed(kA, {1, ""});
    bench.change(kB, PairState::standby_ha, PairState::active_alone);
    CHECK(bench.held());
    ask(bench, kB, 2, "two");
    bench.invariant->on_completed(kB, {2, ""});
    bench.change(kB, PairState::discovering, PairState::standby_syncing);
    bench.invariant->on_life(kB);
    CHECK(bench.held());
    bench.change(kA, PairState::active_syncing, PairState::active_ha);
    bench.change(kB, PairState::standby_ha, PairState::active_alone);
    CHECK(bench.broken());
}

TEST_CASE("A pair that was left alone holds the same on both disks", "[invariants][SYNC-1]") {
    Bench bench(make_equal_records);
    auto one = store_of({"one"});
    auto other = store_of({});
    bench.a().stored = &one;
    bench.b().stored = &other;
    bench.pair().whole_since = bench.pair().well_since = bench.facts.now;
    bench.pass(10s);
    ask(bench, kA, 1, "one");
    bench.pass(10s);
    bench.invariant->on_stepped(kA);
    CHECK(bench.held());
    bench.pass(5s);
    bench.invariant->on_stepped(kA);
    CHECK(bench.broken());
    other = one;
    ask(bench, kA, 2, "two");
    bench.pass(15s);
    bench.invariant->on_stepped(kB);
    CHECK(bench.held());
}
