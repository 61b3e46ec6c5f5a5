// Roles and the loss interval while a supervisor runs.
#include <catch2/catch.hpp>

#include <algorithm>

#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace std::chrono_literals;
using catalog::MessageId;
using redundancy::PairState;
using test::VirtualPair;

namespace {

void request_role(VirtualPair& world, const std::string& name, Role role) {
    world.input(name, [&](Instant now) { return supervisor::RoleRequested{role, now}; });
}

void change_loss_interval(VirtualPair& world, const std::string& name, Duration loss_interval) {
    world.input(name, [&](Instant now) {
        return supervisor::LossIntervalChanged{loss_interval, now};
    });
}

bool reported(VirtualPair& world, const std::string& name, MessageId id) {
    const auto& reports = world.node(name).reports;
    return std::any_of(reports.begin(), reports.end(),
                       [&](const auto& one) { return one.id == id; });
}

}  // namespace

TEST_CASE("What is saved is obeyed before an address is taken", "[ROLE-1][SW-5]") {
    supervisor::Options options;
    options.pair.role = Role::standalone;
    options.pair.incarnation = Incarnation{1};
    supervisor::Supervisor machine(options, Instant{1000s});
    supervisor::Effects effects;
    machine.step(supervisor::Tick{Instant{1000s}, WallTime{}}, effects);
    const auto position = [&](auto is) {
        return std::ranges::find_if(effects, is) - effects.begin();
    };
    const auto obeyed = position([](const auto& effect) {
        return std::holds_alternative<supervisor::ConfigurationChanged>(effect);
    });
    const auto held = position(
        [](const auto& effect) { return std::holds_alternative<supervisor::HoldAddress>(effect); });
    CHECK(obeyed < held);
    CHECK(held < std::ssize(effects));
}

TEST_CASE("A standalone supervisor becomes primary at once and keeps the address", "[ROLE-2]") {
    VirtualPair world;
    world.add("a", Role::standalone);
    world.add("b", Role::secondary);
    world.start("a");
    world.start("b");
    world.run(10s);
    REQUIRE(world.state("a") == PairState::standalone);
    // A standalone one is nobody's peer: the other one is active as well.
    REQUIRE(world.state("b") == PairState::active_alone);
    world.kill("b");
    request_role(world, "a", Role::primary);
    CHECK(world.state("a") == PairState::active_alone);
    for (const supervisor::Effect& effect : world.node("a").effects_of_last_step)
        CHECK_FALSE(std::holds_alternative<supervisor::ReleaseAddress>(effect));
    CHECK(world.node("a").holds_address);
    CHECK(world.snapshot("a").pair.operational_role == Role::primary);
    CHECK(world.snapshot("a").pair.administrative_role == Role::primary);
    world.start("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 10s));
    CHECK(world.node("a").restarts == 0);
    // It is the role of the next life too.
    world.kill("a");
    world.run(20s);
    world.start("a");
    CHECK(world.snapshot("a").pair.operational_role == Role::primary);
    REQUIRE(world.run_until([&] { return world.is_ha("b", "a"); }, 10s));
}

TEST_CASE("Any other role waits for a reload, and takes no learnt MAC into another slot",
          "[ROLE-2][BOOT-5]") {
    VirtualPair world;
    world.add("a", Role::primary);
    world.add("b", Role::secondary);
    world.start("a");
    world.start("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 20s));
    request_role(world, "a", Role::secondary);
    world.run(5s);
    CHECK(world.is_ha("a", "b"));
    CHECK(world.snapshot("a").pair.administrative_role == Role::secondary);
    CHECK(world.snapshot("a").pair.operational_role == Role::primary);
    CHECK(world.node("a").disk.state().administrative_role == Role::secondary);
    CHECK(world.node("a").disk.state().peer_macs[0].is_zero());
    CHECK_FALSE(world.snapshot("a").pair.peer.ports[0].learnt_mac.is_zero());
    SECTION("asked back, nothing is lost") {
        request_role(world, "a", Role::primary);
        world.run(1s);
        CHECK_FALSE(world.node("a").disk.state().peer_macs[0].is_zero());
        CHECK(world.snapshot("a").pair.administrative_role == Role::primary);
    }
    SECTION("after a reload") {
        world.kill("b");
        world.run(20s);
        world.kill("a");
        world.start("a");
        CHECK(world.snapshot("a").pair.operational_role == Role::secondary);
        CHECK(world.snapshot("a").pair.peer.ports[0].learnt_mac.is_zero());
        world.run(10s);
        CHECK(world.state("a") == PairState::active_alone);
    }
    SECTION("standalone after a reload") {
        request_role(world, "a", Role::standalone);
        world.run(1s);
        world.kill("a");
        world.run(20s);
        world.start("a");
        CHECK(world.state("a") == PairState::standalone);
    }
}

TEST_CASE("Another loss interval holds on both sides at once, and nobody is given up for it",
          "[HB-2]") {
    VirtualPair world;
    const auto tune = [](supervisor::Options& options) { options.pair.loss_interval = 15s; };
    world.add("a", Role::primary, tune);
    world.add("b", Role::secondary, tune);
    world.start("a");
    world.start("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 20s));
    world.run(5s);
    // On the standby it is not taken: the active's value is the pair's.
    change_loss_interval(world, "b", 30s);
    CHECK(world.snapshot("b").pair.loss_interval == 15s);
    for (const Duration loss_interval : {6s, 30s, 7s, 15s}) {
        world.run(437ms);
        change_loss_interval(world, "a", loss_interval);
        CHECK(world.snapshot("a").pair.loss_interval == loss_interval);
        world.run(1ms);
        CHECK(world.snapshot("b").pair.loss_interval == loss_interval);
        world.run(40s);
        CHECK(world.is_ha("a", "b"));
    }
    for (const char* name : {"a", "b"}) {
        CHECK(world.node(name).restarts == 0);
        CHECK_FALSE(reported(world, name, MessageId::interval_differs));
        CHECK_FALSE(reported(world, name, MessageId::degraded_entered));
    }
    SECTION("the standby takes over after the new one") {
        change_loss_interval(world, "a", 6s);
        world.run(10s);
        world.kill("a");
        CHECK_FALSE(world.run_until([&] { return redundancy::is_active(world.state("b")); }, 4s));
        CHECK(world.run_until([&] { return redundancy::is_active(world.state("b")); }, 3s));
    }
    SECTION("less than three heartbeats is not taken") {
        change_loss_interval(world, "a", 2s);
        CHECK(world.snapshot("a").pair.loss_interval == 15s);
    }
}
