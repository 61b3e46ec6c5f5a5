// A planned switchover: who is active afterwards, how fast, what is said, and what becomes of it
// when frames are lost or somebody is gone at the wrong moment.
#include <catch2/catch.hpp>

#include <algorithm>

#include "libha/config/accounting.hpp"
#include "libha/wire/codec.hpp"
#include "libha/wire/seal.hpp"
#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace std::chrono_literals;
using catalog::MessageId;
using redundancy::PairState;
using test::VirtualPair;

namespace {

void bring_up(VirtualPair& world, Duration loss_interval = 15s, bool with_key = false) {
    REQUIRE(world.settle_as_ha([&](supervisor::Options& options) {
        options.pair.loss_interval = loss_interval;
        if (with_key)
            options.keyring.keys.push_back({1, {9}});
    }));
    for (const char* name : {"a", "b"})
        world.node(name).reports.clear();
}

void switch_over(VirtualPair& world, const std::string& name = "a",
                 const supervisor::Operator& by = {}) {
    world.input(name, [&](Instant now) { return supervisor::SwitchoverRequested{now, by}; });
}

/// Of the messages of 000 p.26 the ones that `name` reported, in their order.
std::vector<MessageId> story(VirtualPair& world, const std::string& name) {
    using enum MessageId;
    std::vector<MessageId> told;
    for (const auto& report : world.node(name).reports)
        for (const MessageId id :
             {becoming_active_pre_start, becoming_active, switchover_over, supervisor_removed})
            if (report.id == id)
                told.push_back(id);
    return told;
}

wire::Bytes module_hello(std::uint64_t sequence) {
    wire::Frame frame;
    frame.domain = DomainId{100};
    frame.port = PortKind::control;
    frame.incarnation = Incarnation{77};
    frame.sequence = sequence;
    frame.message = wire::ModuleHello{Uuid{{7}}, "host", kNoSlot, false};
    wire::Bytes payload = wire::encode(frame);
    wire::seal(payload, MacAddress{{2, 0, 0, 0, 9, 9}}, {});
    return payload;
}

}  // namespace

TEST_CASE("The new active has in its log who ordered the switchover", "[SW-2][wire]") {
    VirtualPair world;
    bring_up(world);
    const std::string from = GENERATE("10.0.0.7@pts/1", "fd99::7@pts/1", "");
    switch_over(world, "a", {"bob", from});
    REQUIRE(world.run_until([&] { return world.state("a") == PairState::standby_ha; }, 20s));
    for (const char* name : {"a", "b"}) {
        const auto entries = config::accounting_of(world.node(name).machine->records());
        REQUIRE(entries.size() == 1);
        CHECK(entries[0].user == "bob");
        CHECK(entries[0].origin == from);
        CHECK(entries[0].command == "system switchover");
        CHECK(entries[0].succeeded);
    }
    // A takeover that nobody ordered is nobody's command.
    world.kill("b");
    REQUIRE(world.run_until([&] { return is_active(world.state("a")); }, 30s));
    world.run(1s);
    CHECK(config::accounting_of(world.node("a").machine->records()).size() == 1);
}

TEST_CASE("A switchover is over within milliseconds, and both are a pair again", "[SW-2][SW-5]") {
    for (const bool with_key : {false, true}) {
        VirtualPair world;
        bring_up(world, 15s, with_key);
        // In the middle between two heartbeats: nothing may wait for one.
        world.run(473ms);
        switch_over(world);
        CHECK(world.state("a") == PairState::switching_over);
        CHECK_FALSE(world.node("a").holds_address);
        REQUIRE(world.run_until([&] { return redundancy::is_active(world.state("b")); }, 5ms));
        CHECK(world.node("b").holds_address);
        REQUIRE(world.run_until([&] { return world.node("a").restarts == 1; }, 5ms));
        REQUIRE(world.run_until([&] { return world.is_ha("b", "a"); }, 10s));
        world.run(60s);
        CHECK(world.is_ha("b", "a"));
        CHECK(world.node("a").restarts == 1);
        CHECK(world.node("b").restarts == 0);
        CHECK(world.node("b").holds_address);
        CHECK_FALSE(world.node("a").holds_address);
    }
}

TEST_CASE("The new active says what the documents show, each line once", "[SW-2]") {
    VirtualPair world;
    bring_up(world);
    switch_over(world);
    world.run(30s);
    using enum MessageId;
    CHECK(story(world, "b") == std::vector{becoming_active_pre_start, becoming_active,
                                           switchover_over, supervisor_removed});
    CHECK(story(world, "a").empty());
    CHECK(world.count("a", split_brain_detected) == 0);
    CHECK(world.count("b", split_brain_detected) == 0);
    CHECK(world.count("b", peer_leaving) == 1);
}

TEST_CASE("The old active counts as removed although nobody hears it leave", "[SW-2]") {
    VirtualPair world;
    bring_up(world);
    switch_over(world);
    REQUIRE(world.run_until([&] { return redundancy::is_active(world.state("b")); }, 5ms));
    world.kill("a");
    CHECK(world.count("b", MessageId::supervisor_removed) == 0);
    SECTION("it is silent for T") {
        world.run(16s);
    }
    SECTION("its next life is heard") {
        world.start("a");
        world.run(1s);
    }
    CHECK(world.count("b", MessageId::supervisor_removed) == 1);
    world.run(60s);
    CHECK(world.count("b", MessageId::supervisor_removed) == 1);
}

TEST_CASE("Without a standby that is ready a switchover is refused and changes nothing", "[SW-2]") {
    VirtualPair world;
    world.add("a", Role::primary);
    world.add("b", Role::secondary);
    world.add("c", Role::standalone);
    const auto refuses = [&](const std::string& name, PairState state) {
        REQUIRE(world.state(name) == state);
        CHECK_FALSE(world.snapshot(name).pair.can_switch_over);
        world.node(name).reports.clear();
        switch_over(world, name);
        CHECK(world.state(name) == state);
        REQUIRE(world.node(name).reports.size() == 1);
        CHECK(catalog::render(world.node(name).reports.front()) ==
              "%SYSMGR-4-SWITCHOVER_REFUSED: Failed to switchover (standby not ready to takeover "
              "in vdc 1)");
    };
    world.start("a");
    refuses("a", PairState::discovering);
    REQUIRE(world.run_until([&] { return redundancy::is_active(world.state("a")); }, 10s));
    refuses("a", PairState::active_alone);
    world.start("b");
    REQUIRE(world.run_until([&] { return world.state("b") == PairState::standby_syncing; }, 10s));
    REQUIRE(world.run_until([&] { return world.state("a") == PairState::active_syncing; }, 10s));
    refuses("a", PairState::active_syncing);
    refuses("b", PairState::standby_syncing);
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 10s));
    CHECK(world.snapshot("a").pair.can_switch_over);
    refuses("b", PairState::standby_ha);
    world.start("c");
    refuses("c", PairState::standalone);
}

TEST_CASE("A switchover waits for what is on its way to the standby", "[SW-2][SYNC-1]") {
    VirtualPair world;
    bring_up(world);
    const MacAddress module{{2, 0, 0, 0, 9, 9}};
    SECTION("which gets it in a moment, without waiting for a heartbeat") {
        world.inject(PortKind::control, module, kBroadcastMac, module_hello(1));
        world.run(55us);
        REQUIRE(world.snapshot("a").pair.revision > world.snapshot("a").pair.applied_revision);
        switch_over(world);
        CHECK(world.state("a") == PairState::switching_over);
        REQUIRE(world.run_until([&] { return redundancy::is_active(world.state("b")); }, 250ms));
        CHECK(world.snapshot("b").modules.modules.size() == 1);
    }
    SECTION("which cannot get it: the active keeps its role") {
        for (const PortKind port : kPortKinds)
            world.cut("b", port);
        world.inject(PortKind::control, module, kBroadcastMac, module_hello(1));
        world.run(55us);
        switch_over(world);
        CHECK(world.state("a") == PairState::switching_over);
        world.run(3s);
        CHECK(world.state("a") == PairState::active_ha);
        CHECK(world.node("a").holds_address);
        CHECK(world.count("a", MessageId::switchover_refused) == 1);
        world.heal("b");
        world.run(20s);
        CHECK(world.is_ha("a", "b"));
    }
    SECTION("and is refused while control is known to be dead") {
        world.cut("b", PortKind::control);
        world.run(10s);
        REQUIRE(world.snapshot("a").pair.degraded);
        CHECK(world.snapshot("a").pair.can_switch_over);
        world.inject(PortKind::control, module, kBroadcastMac, module_hello(1));
        world.run(1ms);
        CHECK_FALSE(world.snapshot("a").pair.can_switch_over);
        switch_over(world);
        CHECK(world.state("a") == PairState::active_ha);
        CHECK(world.count("a", MessageId::switchover_refused) == 1);
    }
}

TEST_CASE("No second switchover until a stable standby exists", "[SW-2]") {
    VirtualPair world;
    bring_up(world);
    switch_over(world);
    switch_over(world);
    CHECK(world.count("a", MessageId::switchover_refused) == 1);
    REQUIRE(world.run_until([&] { return redundancy::is_active(world.state("b")); }, 5ms));
    switch_over(world, "b");
    CHECK(world.count("b", MessageId::switchover_refused) == 1);
    REQUIRE(world.run_until([&] { return world.is_ha("b", "a"); }, 10s));
    switch_over(world, "b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 10s));
    CHECK(world.node("a").restarts == 1);
    CHECK(world.node("b").restarts == 1);
}

TEST_CASE("Lost frames make a switchover take longer and nothing else", "[SW-2]") {
    for (const unsigned loss : {20U, 50U, 80U}) {
        VirtualPair world;
        bring_up(world, 30s);
        world.loss_percent = loss;
        switch_over(world);
        REQUIRE(world.run_until([&] { return world.node("a").restarts == 1; }, 10s));
        CHECK(redundancy::is_active(world.state("b")));
        world.loss_percent = 0;
        REQUIRE(world.run_until([&] { return world.is_ha("b", "a"); }, 60s));
        CHECK(world.count("b", MessageId::split_brain_detected) == 0);
    }
}

TEST_CASE("One path is enough, whichever it is", "[SW-2][HB-3]") {
    for (const PortKind dead : kPortKinds) {
        VirtualPair world;
        bring_up(world);
        world.cut("b", dead);
        switch_over(world);
        REQUIRE(world.run_until([&] { return redundancy::is_active(world.state("b")); }, 5ms));
        REQUIRE(world.run_until([&] { return world.node("a").restarts == 1; }, 5ms));
        world.heal("b");
        REQUIRE(world.run_until([&] { return world.is_ha("b", "a"); }, 20s));
    }
}

TEST_CASE("The standby dies during a switchover: the old active is active again", "[SW-2][SW-5]") {
    VirtualPair world;
    bring_up(world);
    world.freeze("b");
    switch_over(world);
    CHECK_FALSE(world.node("a").holds_address);
    CHECK_FALSE(world.run_until([&] { return redundancy::is_active(world.state("a")); }, 13s));
    REQUIRE(world.run_until([&] { return redundancy::is_active(world.state("a")); }, 3s));
    CHECK(world.node("a").holds_address);
    CHECK(world.node("a").restarts == 0);
    // It wakes with a queue full of orders, and with what followed them: it must not obey them.
    world.run(3s);
    world.thaw("b");
    world.run(60s);
    CHECK(world.is_ha("a", "b"));
    CHECK(world.node("a").restarts == 0);
    CHECK(story(world, "b").empty());
}

TEST_CASE("A standby that wakes to old orders alone does not obey them", "[SW-2][HB-7]") {
    VirtualPair world;
    bring_up(world);
    world.freeze("b");
    switch_over(world);
    world.run(2s);
    // What the active says later is lost: it takes its role back, and nobody hears that.
    world.cut("a", PortKind::control, true, true);
    world.cut("a", PortKind::mgmt, true, true);
    world.run(14s);
    REQUIRE(redundancy::is_active(world.state("a")));
    world.thaw("b");
    world.run(10ms);
    CHECK(world.state("b") == PairState::standby_ha);
}

TEST_CASE("A standby that did not run for less than T takes over when it wakes", "[SW-2][HB-7]") {
    VirtualPair world;
    bring_up(world);
    world.freeze("b");
    switch_over(world);
    world.run(6s);
    world.thaw("b");
    REQUIRE(world.run_until([&] { return redundancy::is_active(world.state("b")); }, 200ms));
    REQUIRE(world.run_until([&] { return world.is_ha("b", "a"); }, 10s));
    CHECK(world.node("a").restarts == 1);
}

TEST_CASE("The active dies before its order is heard: the standby takes over after T",
          "[SW-2][LOSS-2]") {
    VirtualPair world;
    bring_up(world);
    world.cut("b", PortKind::control);
    world.cut("b", PortKind::mgmt);
    switch_over(world);
    world.kill("a");
    CHECK_FALSE(world.run_until([&] { return redundancy::is_active(world.state("b")); }, 13s));
    REQUIRE(world.run_until([&] { return redundancy::is_active(world.state("b")); }, 3s));
    CHECK(world.node("b").restarts == 0);
}

TEST_CASE("What is heard in one direction only leaves one active as soon as it can",
          "[SW-2][SB-3]") {
    VirtualPair world;
    bring_up(world);
    SECTION("the order arrives and its answer does not: two, until they hear each other") {
        for (const PortKind port : kPortKinds)
            world.cut("b", port, false, true);
        switch_over(world);
        world.run(20s);
        CHECK(redundancy::is_active(world.state("a")));
        CHECK(redundancy::is_active(world.state("b")));
    }
    SECTION("the order does not arrive: the standby takes over after T, and is heard") {
        for (const PortKind port : kPortKinds)
            world.cut("b", port, true, false);
        switch_over(world);
        world.run(20s);
        CHECK(redundancy::is_active(world.state("b")));
        CHECK(world.node("a").restarts == 1);
    }
    world.heal("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b") || world.is_ha("b", "a"); }, 60s));
    CHECK(world.node("a").restarts + world.node("b").restarts == 1);
}

TEST_CASE("A switchover that is not complete within 28 s resets the one that waits", "[SW-3]") {
    VirtualPair world;
    bring_up(world, 30s);
    for (const PortKind port : kPortKinds)
        world.cut("b", port);
    switch_over(world);
    world.run(27900ms);
    CHECK(world.state("a") == PairState::switching_over);
    CHECK(world.node("a").restarts == 0);
    world.run(200ms);
    CHECK(world.node("a").restarts == 1);
    CHECK(world.count("a", MessageId::supervisor_reset) == 1);
    world.heal("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b") || world.is_ha("b", "a"); }, 60s));
}

TEST_CASE("Nobody gets a module number while a switchover is under way", "[SW-2][VEM-1]") {
    VirtualPair world;
    bring_up(world);
    const MacAddress module{{2, 0, 0, 0, 9, 9}};
    world.freeze("b");
    switch_over(world);
    world.inject(PortKind::control, module, kBroadcastMac, module_hello(1));
    world.run(1s);
    CHECK(world.snapshot("a").modules.modules.empty());
    world.run(20s);
    REQUIRE(redundancy::is_active(world.state("a")));
    world.inject(PortKind::control, module, kBroadcastMac, module_hello(2));
    world.run(1s);
    CHECK(world.snapshot("a").modules.modules.size() == 1);
}
