// Details of the pair's behaviour that operators rely on: detection times, one's own links, learnt
// MACs, synchronization, what is announced.
#include <catch2/catch.hpp>

#include <algorithm>

#include "libha/redundancy/pair.hpp"
#include "libha/wire/seal.hpp"
#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace std::chrono_literals;
using redundancy::PairState;
using test::VirtualPair;

namespace {

wire::Bytes module_hello(std::uint8_t host, DomainId domain = DomainId{100}) {
    static std::uint64_t sequence = 0;
    wire::Frame frame;
    frame.domain = domain;
    frame.incarnation = Incarnation{(std::uint64_t{1} << 32U) + host};
    frame.sequence = ++sequence;
    wire::ModuleHello hello;
    hello.host.octets[15] = host;
    hello.host_name = "host-" + std::to_string(host);
    frame.message = hello;
    return wire::encode(frame);
}

void attach(VirtualPair& world, std::uint8_t host) {
    world.inject(PortKind::control, MacAddress{{2, 0, 0, 0, 7, host}}, kBroadcastMac,
                 module_hello(host));
}

}  // namespace

TEST_CASE("Loss is declared T after the last frame received, at any timers", "[LOSS-2][HB-6]") {
    for (const auto& [heartbeat, multiplier] : {std::pair<Duration, int>{5ms, 3},
                                                {10ms, 3},
                                                {50ms, 3},
                                                {100ms, 10},
                                                {1s, 6},
                                                {1s, 15},
                                                {1s, 30}}) {
        VirtualPair world;
        const Duration loss = heartbeat * multiplier;
        world.become_ha([heartbeat = heartbeat, loss](supervisor::Options& options) {
            options.pair.heartbeat_interval = heartbeat;
            options.pair.loss_interval = loss;
        });
        world.run(heartbeat * 10 + heartbeat / 3);
        const auto heard = world.snapshot("b").pair.peer.ports[0].last_heard;
        REQUIRE(heard);
        world.kill("a");
        REQUIRE(
            world.run_until([&] { return world.state("b") == PairState::active_alone; }, 2 * loss));
        CHECK(world.now() - *heard == loss);
    }
}

TEST_CASE("One cut link never causes a failover, at the tightest timers", "[HB-3][HB-6]") {
    for (const PortKind port : kPortKinds)
        for (int offset_us = 0; offset_us < 5000; offset_us += 250) {
            VirtualPair world;
            world.become_ha([](supervisor::Options& options) {
                options.pair.heartbeat_interval = 5ms;
                options.pair.loss_interval = 15ms;
            });
            world.run(100ms + std::chrono::microseconds{offset_us});
            world.cut("a", port);
            world.run(500ms);
            CHECK(world.is_ha("a", "b"));
            world.heal("a");
            world.run(100ms);
            CHECK(world.is_ha("a", "b"));
            CHECK_FALSE(world.snapshot("a").pair.degraded);
        }
}

TEST_CASE("The own carrier speeds degraded mode up and is no reason to become active", "[HB-6]") {
    VirtualPair world;
    world.become_ha();
    SECTION("of the active") {
        world.set_carrier("a", PortKind::control, false);
        CHECK(world.snapshot("a").pair.degraded);
        world.run(120s);
        CHECK(world.is_ha("a", "b"));
        world.set_carrier("a", PortKind::control, true);
        CHECK(world.run_until([&] { return !world.snapshot("a").pair.degraded; }, 2s));
    }
    SECTION("of the standby") {
        world.set_carrier("b", PortKind::control, false);
        world.run(120s);
        CHECK(world.is_ha("a", "b"));
    }
}

TEST_CASE("Without any usable link a booting supervisor waits for one", "[BOOT-2]") {
    VirtualPair world;
    world.add("a", Role::primary);
    world.start("a");
    world.set_carrier("a", PortKind::control, false);
    world.set_carrier("a", PortKind::mgmt, false);
    world.run(60s);
    CHECK(world.state("a") == PairState::discovering);
    world.set_carrier("a", PortKind::mgmt, true);
    CHECK(world.run_until([&] { return world.state("a") == PairState::active_alone; }, 3100ms));
}

TEST_CASE("The peer's MACs are stored and survive a restart", "[BOOT-5]") {
    VirtualPair world;
    world.become_ha();
    const auto learnt = world.node("a").disk.state().peer_macs;
    CHECK(learnt[0] == VirtualPair::mac(world.node("b"), PortKind::control));
    CHECK(learnt[1] == VirtualPair::mac(world.node("b"), PortKind::mgmt));
    world.kill("a");
    world.run(20s);
    world.start("a");
    REQUIRE(world.run_until([&] { return world.is_ha("b", "a"); }, 10s));
    CHECK(world.node("a").disk.state().peer_macs == learnt);
}

TEST_CASE("A replaced secondary is let in as the policy says", "[BOOT-5][OPS-1]") {
    const auto replaced_joins = [](const std::function<void(supervisor::Options&)>& tune,
                                   bool clear) {
        VirtualPair world;
        world.become_ha(tune);
        world.kill("b");
        world.run(60s);
        world.add("new", Role::secondary, tune);
        if (clear)
            world.input("a", [](Instant now) { return supervisor::ClearPeerMac{now}; });
        world.start("new");
        return world.run_until([&] { return world.is_ha("a", "new"); }, 20s);
    };
    CHECK_FALSE(replaced_joins({}, false));
    CHECK(replaced_joins({}, true));
    CHECK(replaced_joins(
        [](supervisor::Options& options) {
            options.pair.peer_mac_policy = redundancy::PeerMacPolicy::replace_when_absent;
        },
        false));
    CHECK(replaced_joins(
        [](supervisor::Options& options) {
            options.keyring.keys.push_back({1, {1}});
        },
        false));
}

TEST_CASE("A clear of the peer's MACs does not disturb a running pair", "[BOOT-5]") {
    VirtualPair world;
    world.become_ha();
    world.input("a", [](Instant now) { return supervisor::ClearPeerMac{now}; });
    world.run(60s);
    CHECK(world.is_ha("a", "b"));
    CHECK_FALSE(world.snapshot("a").pair.peer.ports[0].learnt_mac.is_zero());
}

TEST_CASE("Module numbers reach the standby and survive the switchover", "[VEM-1][SYNC-1]") {
    VirtualPair world;
    world.become_ha();
    for (std::uint8_t host = 1; host <= 40; ++host)
        attach(world, host);
    world.run(5s);
    CHECK(world.node("b").disk.state().modules.size() == 40);
    CHECK(world.node("b").disk.state().modules == world.node("a").disk.state().modules);
    world.kill("a");
    REQUIRE(world.run_until([&] { return world.state("b") == PairState::active_alone; }, 16s));
    CHECK(world.snapshot("b").modules.modules.size() == 40);
}

TEST_CASE("Changes wait while control is cut, until they are too many", "[HB-5]") {
    VirtualPair world;
    world.become_ha([](supervisor::Options& options) { options.backlog_limit = 3; });
    world.cut("b", PortKind::control);
    for (std::uint8_t host = 1; host <= 3; ++host)
        attach(world, host);
    world.run(60s);
    CHECK(world.is_ha("a", "b"));  // a brief interruption does not reboot the standby
    attach(world, 4);
    CHECK(world.run_until([&] { return world.node("b").restarts == 1; }, 20s));
    world.run(60s);
    CHECK(world.state("b") == PairState::standby_syncing);
    world.heal("b");
    CHECK(world.run_until([&] { return world.is_ha("a", "b"); }, 5s));
    CHECK(world.node("b").disk.state().modules.size() == 4);
}

TEST_CASE("A standby becomes HA only once it stored what the active knows", "[ROLE-3]") {
    VirtualPair world;
    world.add("a", Role::primary);
    world.add("b", Role::secondary);
    world.start("a");
    world.run(5s);
    for (std::uint8_t host = 1; host <= 20; ++host)
        attach(world, host);
    world.run(1s);
    world.start("b");
    REQUIRE(world.run_until([&] { return world.state("b") == PairState::standby_ha; }, 10s));
    CHECK(world.node("b").disk.state().modules.size() == 20);
}

TEST_CASE("Differing intervals: the active's count", "[HB-2]") {
    VirtualPair world;
    world.add("a", Role::primary,
              [](supervisor::Options& options) { options.pair.loss_interval = 30s; });
    world.add("b", Role::secondary,
              [](supervisor::Options& options) { options.pair.loss_interval = 6s; });
    world.start("a");
    world.start("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 10s));
    CHECK(world.snapshot("b").pair.loss_interval == 30s);
    world.kill("a");
    CHECK_FALSE(world.run_until([&] { return world.state("b") == PairState::active_alone; }, 28s));
}

TEST_CASE("Every state carries its reason, and every transition one line", "[ROLE-3]") {
    VirtualPair world;
    world.become_ha();
    CHECK_FALSE(world.snapshot("b").pair.reason.empty());
    for (const char* name : {"a", "b"}) {
        unsigned lines = 0;
        for (const auto& report : world.node(name).reports)
            lines += report.id == catalog::MessageId::state_changed ? 1 : 0;
        unsigned transitions = 0;
        for (const auto& entry : world.snapshot(name).pair.trace)
            transitions += entry.from != entry.to ? 1 : 0;
        CHECK(lines == transitions);
        CHECK(lines >= 3);
    }
}

TEST_CASE("Keys rotate without an outage", "[BOOT-5]") {
    const wire::Key old_key{1, {1}};
    const wire::Key new_key{2, {2}};
    VirtualPair world;
    world.become_ha([&](supervisor::Options& options) { options.keyring.keys = {old_key}; });
    const auto set = [&](const std::string& name, std::vector<wire::Key> keys) {
        world.input(name, [&](Instant now) { return supervisor::KeyringChanged{{keys}, now}; });
        world.run(3s);
        CHECK(world.is_ha("a", "b"));
    };
    set("a", {old_key, new_key});
    set("b", {old_key, new_key});
    set("a", {new_key, old_key});
    set("b", {new_key, old_key});
    set("a", {new_key});
    set("b", {new_key});
    world.run(60s);
    CHECK(world.is_ha("a", "b"));
    for (const char* name : {"a", "b"})
        for (const auto& port : world.snapshot(name).ports)
            for (const auto& dropped : port.dropped)
                CHECK(dropped.count == 0);
}

TEST_CASE("A machine that stalls all the time does not fill the log", "[HB-7][ANY-1]") {
    VirtualPair world;
    world.become_ha();
    world.node("a").reports.clear();
    for (int stall = 0; stall < 300; ++stall) {
        world.input("a", [](Instant now) { return supervisor::Stalled{800ms, now}; });
        world.run(100ms);
    }
    CHECK(world.node("a").reports.size() <= 4);
    CHECK(world.is_ha("a", "b"));
}

TEST_CASE("A standby that joined over control learns the active's MAC on mgmt as well",
          "[BOOT-5]") {
    VirtualPair world;
    world.add("a", Role::primary);
    world.add("b", Role::secondary);
    world.start("a");
    REQUIRE(world.run_until([&] { return world.state("a") == PairState::active_alone; }, 10s));
    world.run(300ms);  // no hello of its own is on the way
    world.start("b");
    // Its hello on mgmt is lost, so it is answered on control only.
    world.cut("b", PortKind::mgmt, false, true);
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 10s));
    const auto learnt = world.snapshot("b").pair.peer.ports[index_of(PortKind::mgmt)].learnt_mac;
    CHECK(learnt == VirtualPair::mac(world.node("a"), PortKind::mgmt));
}

TEST_CASE("MACs that were cleared are learnt again on both ports at once", "[BOOT-5]") {
    const std::string cleared = GENERATE("a", "b");
    const std::string other = cleared == "a" ? "b" : "a";
    VirtualPair world;
    world.become_ha();
    world.input(cleared, [](Instant now) { return supervisor::ClearPeerMac{now}; });
    world.run(3s);
    const auto ports = world.snapshot(cleared).pair.peer.ports;
    for (const PortKind port : kPortKinds)
        CHECK(ports[index_of(port)].learnt_mac == VirtualPair::mac(world.node(other), port));
    // Else a peer that restarts while control is dead would be a stranger on mgmt.
    world.cut("a", PortKind::control);
    world.kill(other);
    world.start(other);
    world.run(60s);
    CHECK(redundancy::is_active(world.state(cleared)));
    CHECK(redundancy::is_standby(world.state(other)));
}

TEST_CASE("A standby is not reset for what it could not get while control was dead", "[HB-5]") {
    // Whichever comes first when control is back: the next page, or the next heartbeat.
    for (auto offset = 0ms; offset < 1s; offset += 100ms) {
        VirtualPair world;
        world.become_ha();
        world.run(450ms);
        world.cut("b", PortKind::control);
        attach(world, 7);
        world.run(40s + offset);
        REQUIRE(world.snapshot("a").pair.degraded);
        REQUIRE(world.snapshot("a").pair.applied_revision < world.snapshot("a").pair.revision);
        world.heal("b");
        world.run(5s);
        CHECK(world.node("b").restarts == 0);
        CHECK(world.is_ha("a", "b"));
        CHECK(world.snapshot("a").pair.applied_revision == world.snapshot("a").pair.revision);
    }
}

TEST_CASE("Clearing both sides' MACs does not interrupt a split brain's end", "[BOOT-5][SB-1]") {
    VirtualPair world;
    world.become_ha([](supervisor::Options& options) { options.keyring.keys.push_back({1, {7}}); });
    for (const PortKind port : kPortKinds)
        world.cut("a", port);
    world.run(20s);
    REQUIRE(redundancy::is_active(world.state("b")));
    world.heal("a");
    // They meet, and what they say next gets lost, so that they cannot compare yet.
    REQUIRE(world.run_until(
        [&] {
            return world.state("a") == PairState::active_arbitrating &&
                   world.state("b") == PairState::active_arbitrating;
        },
        5s));
    for (const PortKind port : kPortKinds)
        world.cut("a", port);
    world.run(2s);
    for (const std::string name : {"a", "b"})
        world.input(name, [](Instant now) { return supervisor::ClearPeerMac{now}; });
    world.heal("a");
    world.run(4s);
    CHECK(redundancy::is_active(world.state("a")) != redundancy::is_active(world.state("b")));
}
