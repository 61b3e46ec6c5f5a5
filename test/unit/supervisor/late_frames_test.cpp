// What comes late, or is played again by somebody who recorded it: it is no news.
#include <catch2/catch.hpp>

#include "libha/redundancy/pair.hpp"
#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace std::chrono_literals;
using redundancy::PairState;
using test::VirtualPair;

TEST_CASE("Frames recorded before a restart change nothing when replayed after it",
          "[BOOT-5][ANY-1]") {
    VirtualPair world;
    world.become_ha([](supervisor::Options& options) { options.keyring.keys.push_back({1, {3}}); });
    world.record = true;
    world.input("a", [](Instant now) { return supervisor::ReloadRequested{now}; });
    REQUIRE(world.run_until([&] { return world.is_ha("b", "a"); }, 10s));
    world.record = false;
    const auto recorded = world.seen;
    REQUIRE_FALSE(recorded.empty());
    // Both start anew: their replay windows are empty, the recorded proofs are still valid.
    for (const char* name : {"a", "b"}) {
        world.kill(name);
        world.start(name);
    }
    for (int round = 0; round < 20; ++round) {
        for (const auto& frame : recorded)
            world.inject(frame.port, frame.source, frame.destination, frame.payload);
        world.run(1s);
    }
    CHECK((world.is_ha("a", "b") || world.is_ha("b", "a")));
    CHECK(world.node("a").restarts == 1);  // the reload above
    CHECK(world.node("b").restarts == 0);
}

TEST_CASE("What the peer had sent before it left decides nothing any more", "[HB-8][SB-1]") {
    VirtualPair world;
    world.become_ha();
    for (const PortKind port : kPortKinds)
        world.cut("a", port);
    REQUIRE(world.run_until([&] { return world.state("b") == PairState::active_alone; }, 30s));
    world.record = true;
    world.run(5s);
    world.heal("a");
    world.cut("a", PortKind::mgmt, true, false);  // frames of b on mgmt are on their way for long
    REQUIRE(world.run_until([&] { return world.node("b").restarts == 1; }, 30s));
    world.kill("b");
    world.run(1ms);
    REQUIRE(world.state("a") == PairState::active_alone);
    world.heal("a");
    const auto mac = VirtualPair::mac(world.node("b"), PortKind::mgmt);
    unsigned late = 0;
    for (const auto& seen : std::vector(world.seen)) {
        const auto frame = wire::decode(seen.payload);
        if (seen.source != mac || !frame || frame->message.index() > 1)
            continue;
        ++late;
        world.inject(seen.port, seen.source, seen.destination, seen.payload);
    }
    REQUIRE(late > 0);
    world.run(1ms);
    CHECK(world.state("a") == PairState::active_alone);
    world.start("b");
    CHECK(world.run_until([&] { return world.is_ha("a", "b"); }, 30s));
}

TEST_CASE("A request that comes late does not tell how the active is now", "[HB-3]") {
    VirtualPair world;
    world.become_ha();
    world.cut("a", PortKind::control);
    const auto degraded = [&](const char* node) { return world.snapshot(node).pair.degraded; };
    REQUIRE(world.run_until([&] { return degraded("a") && degraded("b"); }, 30s));
    world.cut("b", PortKind::mgmt, true, false);  // what a says now is lost
    world.record = true;
    world.run(2s);
    world.record = false;
    world.heal("a");
    world.heal("b");
    REQUIRE(world.run_until([&] { return !degraded("a") && !degraded("b"); }, 30s));
    const auto mac = VirtualPair::mac(world.node("a"), PortKind::mgmt);
    unsigned late = 0;
    for (const auto& seen : std::vector(world.seen)) {
        if (seen.source != mac)
            continue;
        ++late;
        world.inject(seen.port, seen.source, seen.destination, seen.payload);
        world.run(1ms);
        CHECK_FALSE(degraded("b"));
    }
    CHECK(late > 0);
}

TEST_CASE("A woken active compares what it knows after reading everything that waited",
          "[SB-1][HB-7]") {
    redundancy::Options options;
    options.role = Role::primary;
    options.incarnation = Incarnation{1};
    const Instant start{1000s};
    redundancy::Pair pair(options, start);
    redundancy::Effects effects;
    Instant now = start;
    for (const PortKind port : kPortKinds)
        pair.step(redundancy::LinkChanged{port, true, "", now}, effects);
    while (pair.state() != PairState::active_alone) {
        now = pair.next_deadline();
        pair.step(redundancy::Tick{now}, effects);
    }
    pair.step(redundancy::FactsChanged{3, 0, 0, {}, now}, effects);
    // It was stopped while the standby took over. First in the queue: the other one's hello; behind
    // it: its modules saying that they have left.
    wire::Received hello;
    hello.frame.slot = kSecondarySlot;
    hello.frame.role = Role::secondary;
    hello.frame.incarnation = Incarnation{2};
    wire::SupervisorStatus status;
    status.state = wire::ClaimedState::active;
    status.names = options.incarnation;
    status.heartbeat_interval = 1s;
    status.loss_interval = 15s;
    hello.frame.message = wire::Hello{status, {}};
    hello.source = MacAddress{{2, 0, 0, 0, 1, 2}};
    pair.step(redundancy::FrameReceived{hello, PortKind::control, now, now}, effects);
    REQUIRE(pair.state() == PairState::active_arbitrating);
    pair.step(redundancy::FactsChanged{0, 0, 0, {}, now}, effects);
    CHECK(pair.next_deadline() <= now);  // no delay: the Tick is due at once
    effects.clear();
    pair.step(redundancy::Tick{now}, effects);
    unsigned sent = 0;
    for (const auto& effect : effects)
        if (const auto* message = std::get_if<redundancy::SendMessage>(&effect)) {
            const auto& request = std::get<wire::HeartbeatRequest>(message->message);
            REQUIRE(request.arbitration);
            CHECK(request.arbitration->mine.module_count == 0);
            ++sent;
        }
    CHECK(sent == 2);
}

TEST_CASE("What a former life of the standby said, and comes late, does not count", "[BOOT-5]") {
    const bool keyed = GENERATE(false, true);
    VirtualPair world;
    world.become_ha([&](supervisor::Options& options) {
        if (keyed)
            options.keyring.keys.push_back({1, {7}});
    });
    // On its way for long: sent by the first life, and not yet there.
    world.cut("a", PortKind::control, true, false);
    world.record = true;
    world.run(2s);
    world.record = false;
    const auto late = std::find_if(world.seen.rbegin(), world.seen.rend(), [&](const auto& seen) {
        return seen.port == PortKind::control &&
               seen.source == VirtualPair::mac(world.node("b"), PortKind::control);
    });
    REQUIRE(late != world.seen.rend());
    world.kill("b");
    world.heal("a");
    world.start("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 60s));
    const Incarnation newest = world.snapshot("a").pair.peer.incarnation;
    world.run(GENERATE(0s, 40s));  // longer than T: somebody recorded it
    world.inject(late->port, late->source, late->destination, late->payload);
    world.run(60s);
    CHECK(world.snapshot("a").pair.peer.incarnation == newest);
    CHECK(world.is_ha("a", "b"));
    CHECK(world.node("a").restarts + world.node("b").restarts == 0);
}
