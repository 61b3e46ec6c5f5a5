// The pair's life on virtual wires, with the documented timers: h = 1 s, T = 15 s.
#include <catch2/catch.hpp>

#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace std::chrono_literals;
using redundancy::PairState;
using test::VirtualPair;

namespace {

VirtualPair pair_in_ha() {
    VirtualPair world;
    world.add("a", Role::primary);
    world.add("b", Role::secondary);
    world.start("a");
    world.start("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 10s));
    return world;
}

void cut_all(VirtualPair& world, const std::string& name) {
    world.cut(name, PortKind::control);
    world.cut(name, PortKind::mgmt);
}

}  // namespace

TEST_CASE("Nobody answers within the window: active", "[BOOT-1][BOOT-2]") {
    VirtualPair world;
    world.add("b", Role::secondary);
    world.start("b");
    CHECK_FALSE(
        world.run_until([&] { return world.state("b") == PairState::active_alone; }, 2900ms));
    CHECK(world.run_until([&] { return world.state("b") == PairState::active_alone; }, 200ms));
    CHECK(world.node("b").holds_address);
}

TEST_CASE("Booting together the primary goes first and the pair becomes HA",
          "[BOOT-4][ROLE-3][ROLE-4]") {
    VirtualPair world = pair_in_ha();
    CHECK(world.node("a").holds_address);
    CHECK_FALSE(world.node("b").holds_address);
    world.run(60s);
    CHECK(world.is_ha("a", "b"));
    CHECK(world.snapshot("a").pair.trace.size() < 20);
}

TEST_CASE("A peer is active: become its standby", "[BOOT-3]") {
    VirtualPair world;
    world.add("a", Role::primary);
    world.add("b", Role::secondary);
    world.start("b");
    REQUIRE(world.run_until([&] { return world.state("b") == PairState::active_alone; }, 5s));
    world.start("a");
    CHECK(world.run_until([&] { return world.is_ha("b", "a"); }, 5s));
}

TEST_CASE("Control cut: degraded after eight heartbeats, nobody fails over, healed unaided",
          "[HB-3][HB-4][HB-5]") {
    VirtualPair world = pair_in_ha();
    world.cut("b", PortKind::control);
    CHECK_FALSE(world.run_until([&] { return world.snapshot("a").pair.degraded; }, 6900ms));
    CHECK(world.run_until([&] { return world.snapshot("a").pair.degraded; }, 2s));
    world.run(120s);
    CHECK(world.is_ha("a", "b"));
    CHECK(world.snapshot("a").pair.degraded);
    CHECK(world.snapshot("b").pair.degraded);
    world.heal("b");
    CHECK(world.run_until(
        [&] { return !world.snapshot("a").pair.degraded && !world.snapshot("b").pair.degraded; },
        3s));
    CHECK(world.node("a").restarts + world.node("b").restarts == 0);
}

TEST_CASE("Both cut: both active; healed: one reboots and HA returns",
          "[LOSS-1][LOSS-2][SB-1][SB-3]") {
    VirtualPair world = pair_in_ha();
    cut_all(world, "b");
    CHECK_FALSE(
        world.run_until([&] { return world.state("b") != PairState::standby_ha; }, 13900ms));
    REQUIRE(world.run_until(
        [&] {
            return world.state("a") == PairState::active_alone &&
                   world.state("b") == PairState::active_alone;
        },
        3s));
    world.run(30s);
    world.heal("b");
    CHECK(world.run_until([&] { return world.is_ha("a", "b"); }, 20s));
    // a has been active for longer.
    CHECK(world.node("b").restarts == 1);
    CHECK(world.node("a").restarts == 0);
    CHECK(world.node("a").announcements > 0);
    REQUIRE(world.snapshot("a").pair.last_arbitration);
    CHECK(world.snapshot("a").pair.last_arbitration->loser == kSecondarySlot);
}

TEST_CASE("A killed active is replaced within T", "[LOSS-2][SW-1]") {
    VirtualPair world = pair_in_ha();
    world.kill("a");
    CHECK(world.run_until([&] { return world.state("b") == PairState::active_alone; }, 15100ms));
    world.start("a");
    CHECK(world.run_until([&] { return world.is_ha("b", "a"); }, 5s));
}

TEST_CASE("A planned stop hands over at once", "[HB-8]") {
    VirtualPair world = pair_in_ha();
    world.input("a", [](Instant now) { return supervisor::StopRequested{now}; });
    CHECK(world.run_until([&] { return world.state("b") == PairState::active_alone; }, 1ms));
    CHECK_FALSE(world.node("a").holds_address);
}

TEST_CASE("A reload of the active hands over and returns as standby", "[HB-8][ROLE-5]") {
    VirtualPair world = pair_in_ha();
    world.input("a", [](Instant now) { return supervisor::ReloadRequested{now}; });
    CHECK(world.run_until([&] { return world.is_ha("b", "a"); }, 10s));
    CHECK(world.node("a").restarts == 1);
}

TEST_CASE("Standby to active lost: it stays standby, and is reset when the path is back",
          "[LOSS-3]") {
    VirtualPair world = pair_in_ha();
    world.cut("b", PortKind::control, false, true);
    world.cut("b", PortKind::mgmt, false, true);
    REQUIRE(world.run_until([&] { return world.state("a") == PairState::active_alone; }, 16s));
    world.run(120s);
    CHECK(world.state("b") == PairState::standby_ha);
    CHECK(world.state("a") == PairState::active_alone);
    world.heal("b");
    CHECK(world.run_until([&] { return world.node("b").restarts == 1; }, 3s));
    CHECK(world.run_until([&] { return world.is_ha("a", "b"); }, 10s));
}

TEST_CASE("Active to standby lost equals total loss", "[LOSS-4]") {
    VirtualPair world = pair_in_ha();
    world.cut("b", PortKind::control, true, false);
    world.cut("b", PortKind::mgmt, true, false);
    REQUIRE(world.run_until([&] { return world.state("b") == PairState::active_alone; }, 16s));
    world.run(60s);
    world.heal("b");
    CHECK(world.run_until([&] { return world.is_ha("a", "b") || world.is_ha("b", "a"); }, 20s));
    CHECK(world.node("a").restarts + world.node("b").restarts == 1);
}

TEST_CASE("A standby that is not stable restarts instead of taking over", "[LOSS-2]") {
    VirtualPair world;
    world.add("a", Role::primary);
    world.add("b", Role::secondary);
    world.start("a");
    REQUIRE(world.run_until([&] { return world.state("a") == PairState::active_alone; }, 5s));
    world.cut("b", PortKind::control);  // heartbeats on mgmt only: never synchronized
    world.start("b");
    REQUIRE(world.run_until([&] { return world.state("b") == PairState::standby_syncing; }, 5s));
    world.run(60s);
    CHECK(world.state("b") == PairState::standby_syncing);
    world.kill("a");
    CHECK(world.run_until([&] { return world.node("b").restarts == 1; }, 16s));
    CHECK(world.run_until([&] { return world.state("b") == PairState::active_alone; }, 4s));
}

TEST_CASE("A frozen standby does not take the pair down when it thaws", "[HB-7]") {
    VirtualPair world = pair_in_ha();
    SECTION("for less than T") {
        world.freeze("b");
        world.run(10s);
        world.thaw("b");
        world.run(30s);
        CHECK(world.is_ha("a", "b"));
        CHECK(world.node("b").restarts == 0);
    }
    SECTION("for longer than T") {
        world.freeze("b");
        world.run(40s);
        world.thaw("b");
        CHECK(world.run_until([&] { return world.is_ha("a", "b"); }, 20s));
        CHECK(world.node("a").restarts == 0);
    }
}

TEST_CASE("A third supervisor of a used role is reported and kept out", "[COL-1][COL-2][COL-3]") {
    VirtualPair world = pair_in_ha();
    world.add("c", Role::secondary);
    world.start("c");
    world.run(60s);
    CHECK(world.is_ha("a", "b"));
    CHECK(world.state("c") == PairState::discovering);
    // One entry each for its control and its mgmt MAC.
    REQUIRE(world.snapshot("b").pair.collisions.size() == 2);
    REQUIRE(world.snapshot("c").pair.collisions.size() == 2);
    world.kill("c");
    world.run(3590s);
    CHECK(world.snapshot("b").pair.collisions.size() == 2);
    world.run(20s);
    CHECK(world.snapshot("b").pair.collisions.empty());
    CHECK(world.is_ha("a", "b"));
}

TEST_CASE("Standalone neither sends nor accepts HA frames", "[ROLE-1]") {
    VirtualPair world;
    world.add("a", Role::standalone);
    world.add("b", Role::secondary);
    world.start("a");
    world.start("b");
    world.run(20s);
    CHECK(world.state("a") == PairState::standalone);
    CHECK(world.state("b") == PairState::active_alone);
    CHECK(world.node("a").holds_address);
}

TEST_CASE("With a key the pair forms, splits, heals and restarts just the same", "[BOOT-5][SB-1]") {
    const auto key = [](supervisor::Options& options) {
        options.keyring.keys.push_back({1, {1, 2, 3}});
    };
    VirtualPair world;
    world.add("a", Role::primary, key);
    world.add("b", Role::secondary, key);
    world.start("b");
    world.start("a");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 10s));
    cut_all(world, "a");
    world.run(40s);
    world.heal("a");
    CHECK(world.run_until([&] { return world.is_ha("a", "b") || world.is_ha("b", "a"); }, 20s));
    CHECK(world.node("a").restarts + world.node("b").restarts == 1);
    world.kill("a");
    world.run(20s);
    CHECK(redundancy::is_active(world.state("b")));
    world.start("a");
    CHECK(world.run_until([&] { return world.is_ha("b", "a"); }, 10s));
}
