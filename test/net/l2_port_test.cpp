// The L2 port on real wires: what comes up, what does not, and what it survives.
#include "libha/runtime/l2_port.hpp"

#include <linux/capability.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <memory>
#include <vector>

#include "libha/runtime/clock.hpp"
#include "libha/runtime/link_monitor.hpp"
#include "test/net/port_pair.hpp"

using namespace net_test;
using namespace ha::runtime;
using ha::Duration;
using ha::Instant;
using ha::MacAddress;

TEST_CASE("frames pass between two ports, unicast and broadcast") {
    Pair pair;
    CHECK(pair.a.port.mac() == kMacA);
    CHECK(pair.a.port.state_text() == "open on a0, 02:00:00:00:00:0a");
    REQUIRE(pair.a.port.send(kMacB, numbered(1)));
    REQUIRE(pair.a.port.send(ha::kBroadcastMac, numbered(2)));
    REQUIRE(pair.wires.wait_for([&] { return pair.b.frames.size() == 2; }));
    CHECK(pair.b.frames[0].source == kMacA);
    CHECK(pair.b.frames[0].destination == kMacB);
    CHECK(pair.b.frames[0].payload == numbered(1));
    CHECK(pair.b.frames[1].destination == ha::kBroadcastMac);
    CHECK(pair.b.frames[1].payload == numbered(2));
    // One's own frames on their way out are not received.
    CHECK(pair.a.port.drain());
    CHECK(pair.a.frames.empty());
    CHECK(pair.a.port.counters().sent == 2);
    CHECK(pair.b.port.counters().received == 2);
}

TEST_CASE("own frames reflected by the wire come up, for the machines to count") {
    Pair pair;
    // b0 gets a0's address as its own: what it sends looks like a reflection.
    ip("link set b0 address " + kMacA.to_string());
    REQUIRE(pair.wires.wait_for([&] { return pair.b.port.mac() == kMacA; }));
    REQUIRE(pair.b.port.send(ha::kBroadcastMac, numbered(9)));
    REQUIRE(pair.wires.wait_for([&] { return !pair.a.frames.empty(); }));
    CHECK(pair.a.frames[0].source == pair.a.port.mac());
}

TEST_CASE("frames for other stations are not ours, not even on a promiscuous interface") {
    Pair pair;
    ip("link set a0 promisc on");
    REQUIRE(pair.b.port.send(MacAddress{{0x02, 0, 0, 0, 0, 0x99}}, numbered(1)));
    REQUIRE(pair.b.port.send(MacAddress{{0x01, 0, 0x5e, 0, 0, 1}}, numbered(2)));
    REQUIRE(pair.b.port.send(kMacA, numbered(3)));
    REQUIRE(pair.wires.wait_for([&] { return !pair.a.frames.empty(); }));
    CHECK(pair.a.port.drain());
    REQUIRE(pair.a.frames.size() == 1);
    CHECK(pair.a.frames[0].payload == numbered(3));
}

TEST_CASE("another EtherType is another protocol") {
    auto other = on("b0");
    other.ether_type = 0x88b6;
    Pair pair{on("a0"), other};
    REQUIRE(pair.b.port.send(kMacA, numbered(1)));
    TestPort same{pair.wires, on("b0")};
    REQUIRE(same.port.open());
    REQUIRE(same.port.send(kMacA, numbered(2)));
    REQUIRE(pair.wires.wait_for([&] { return !pair.a.frames.empty(); }));
    CHECK(pair.a.frames[0].payload == numbered(2));
}

TEST_CASE("a port takes the frames of its VLAN and counts those of others", "[ANY-1]") {
    Pair pair{on("a0", 260), on("b0", 260)};
    CHECK(pair.a.port.state_text() == "open on a0, 02:00:00:00:00:0a, VLAN 260");
    TestPort untagged{pair.wires, on("b0")};
    TestPort other{pair.wires, on("b0", 261)};
    REQUIRE(untagged.port.open());
    REQUIRE(other.port.open());
    REQUIRE(untagged.port.send(kMacA, numbered(1)));
    REQUIRE(other.port.send(kMacA, numbered(2)));
    REQUIRE(pair.b.port.send(kMacA, numbered(3)));
    REQUIRE(pair.wires.wait_for([&] { return !pair.a.frames.empty(); }));
    REQUIRE(pair.a.frames.size() == 1);
    CHECK(pair.a.frames[0].payload == numbered(3));
    CHECK(pair.a.port.counters().vlan_mismatches == 2);
    std::uint64_t told = 0;
    REQUIRE(pair.wires.wait_for([&] {
        told = 0;
        for (const auto& [reason, count] : pair.a.drops)
            told += reason == ha::wire::DropReason::vlan_mismatch ? count : 0;
        return told == 2;
    }));
}

TEST_CASE("a port with a VLAN asks its card for the frames of VLANs that nobody registered") {
    const auto is_promiscuous = [](const std::string& interface_name) {
        return output_of("ip -d link show " + interface_name).find("promiscuity 1") !=
               std::string::npos;
    };
    Pair pair{on("a0", 260), on("b0")};
    CHECK(is_promiscuous("a0"));
    CHECK_FALSE(is_promiscuous("b0"));
    ip("link del a0");
    ip("link add a0 address " + kMacA.to_string() + " type veth peer name b0");
    ip("link set a0 up");
    ip("link set b0 up");
    REQUIRE(pair.wires.wait_for([&] { return is_promiscuous("a0"); }));
}

TEST_CASE("a port without a VLAN does not take the untagged inside of somebody's VLAN", "[ANY-1]") {
    Pair pair{on("a0"), on("b0", 100)};
    REQUIRE(pair.b.port.send(kMacA, numbered(1)));
    REQUIRE(pair.wires.wait_for([&] { return pair.a.port.counters().vlan_mismatches == 1; }));
    CHECK(pair.a.frames.empty());
}

TEST_CASE("an interface that is missing at start is opened when it comes") {
    Wires wires;
    TestPort late{wires, on("late0")};
    LinkMonitor monitor{wires.loop};
    monitor.watch("late0", [&](const LinkState& link) { late.port.link_changed(link); });
    REQUIRE(monitor.start());
    const auto opened = late.port.open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error() == "interface late0 does not exist");
    const auto sent = late.port.send(kMacA, numbered(1));
    REQUIRE_FALSE(sent);
    CHECK(sent.error() == "interface late0 does not exist");
    ip("link add late0 type veth peer name late1");
    REQUIRE(wires.wait_for(
        [&] { return late.port.state_text() == "interface late0 is administratively down"; }));
    ip("link set late0 up");
    REQUIRE(wires.wait_for([&] { return late.port.is_open(); }, 900ms));
}

TEST_CASE("an interface deleted and made again is used again") {
    Pair pair;
    REQUIRE(pair.passes());
    ip("link del a0");
    REQUIRE(pair.wires.wait_for([&] { return !pair.a.port.is_open(); }));
    CHECK(pair.a.port.state_text() == "interface a0 does not exist");
    ip("link add a0 address 02:00:00:00:00:aa type veth peer name b0 address " + kMacB.to_string());
    ip("link set a0 up");
    ip("link set b0 up");
    REQUIRE(pair.wires.wait_for([&] { return pair.a.port.is_open() && pair.b.port.is_open(); }));
    CHECK(pair.a.port.mac() == MacAddress{{0x02, 0, 0, 0, 0, 0xaa}});
    CHECK(pair.passes());
}

TEST_CASE("deleting and making an interface in one breath is noticed too") {
    Pair pair;
    ip("-batch - <<'EOF'\nlink del a0\nlink add a0 type veth peer name b0\nlink set a0 up\n"
       "link set b0 up\nEOF\n");
    CHECK(pair.passes());
}

TEST_CASE("without a link monitor the port finds its interface again by itself") {
    Wires wires;
    TestPort a{wires, on("a0")};
    TestPort b{wires, on("b0")};
    REQUIRE(a.port.open());
    REQUIRE(b.port.open());
    ip("link set a0 down");
    REQUIRE(wires.wait_for([&] { return !a.port.send(kMacB, numbered(1)); }));
    ip("link set a0 up");
    REQUIRE(wires.wait_for([&] {
        static_cast<void>(b.port.send(kMacA, numbered(2)));
        return !a.frames.empty();
    }));
}

TEST_CASE("a changed MAC is the port's new address") {
    Pair pair;
    REQUIRE(pair.passes());
    const MacAddress changed{{0x02, 0, 0, 0, 0, 0x77}};
    ip("link set a0 address " + changed.to_string());
    REQUIRE(pair.wires.wait_for([&] { return pair.a.port.mac() == changed; }));
    pair.a.frames.clear();
    REQUIRE(pair.b.port.send(changed, numbered(5)));
    REQUIRE(pair.wires.wait_for([&] { return !pair.a.frames.empty(); }));
    REQUIRE(pair.a.port.send(kMacB, numbered(6)));
    REQUIRE(pair.wires.wait_for([&] { return !pair.b.frames.empty(); }));
    CHECK(pair.b.frames.back().source == changed);
    CHECK(pair.a.port.counters().opened == 1);
}

TEST_CASE("down and up, carrier lost and back: frames pass again, and silence has a reason") {
    Pair pair;
    REQUIRE(pair.passes());
    ip("link set a0 down");
    REQUIRE(pair.wires.wait_for([&] { return !pair.a.port.is_open(); }));
    CHECK(pair.a.port.state_text() == "interface a0 is administratively down");
    ip("link set a0 up");
    REQUIRE(pair.wires.wait_for([&] { return pair.a.port.is_open(); }));
    CHECK(pair.passes());
    ip("link set b0 down");
    REQUIRE(pair.wires.wait_for([&] { return !pair.monitor.state("a0").carrier; }));
    CHECK(pair.a.port.is_open());
    CHECK(pair.a.port.send(kMacB, numbered(1)));  // silently gone, as the kernel does it
    ip("link set b0 up");
    CHECK(pair.passes());
    // All that on one and the same capture: a new one takes longer than a short loss interval.
    CHECK(pair.a.port.counters().opened == 1);
}

TEST_CASE("a burst is read in order and whole") {
    constexpr unsigned kBurst = 5000;
    Pair pair;
    for (unsigned sent = 0; sent < kBurst; ++sent) {
        REQUIRE(pair.b.port.send(kMacA, numbered(sent)));
        if (sent % 250 == 249)
            pair.wires.run_ready();
    }
    REQUIRE(pair.wires.wait_for([&] { return pair.a.frames.size() >= kBurst; }));
    CHECK(pair.a.port.counters().kernel_drops == 0);
    REQUIRE(pair.a.frames.size() == kBurst);
    for (unsigned number = 0; number < kBurst; ++number)
        REQUIRE(pair.a.frames[number].payload == numbered(number));
}

TEST_CASE("one wake-up reads a bounded number of frames; drain reads all", "[HB-7]") {
    auto options = on("a0");
    options.frames_per_wakeup = 8;
    Pair pair{options};
    for (unsigned sent = 0; sent < 40; ++sent)
        REQUIRE(pair.b.port.send(kMacA, numbered(sent)));
    pair.wires.loop.restart();
    while (pair.a.frames.empty())
        pair.wires.loop.run_one_for(1s);
    CHECK(pair.a.frames.size() == 8);
    CHECK(pair.a.port.drain());
    CHECK(pair.a.frames.size() == 40);
}

TEST_CASE("a ring that overflowed while nobody read is admitted: silence proves nothing",
          "[HB-7]") {
    auto options = on("a0");
    options.buffer_bytes = 64 * 1024;
    Pair pair{options};
    for (unsigned sent = 0; sent < 2000; ++sent)
        REQUIRE(pair.b.port.send(kMacA, numbered(sent)));
    CHECK_FALSE(pair.a.port.drain());
    CHECK(pair.a.port.counters().kernel_drops > 0);
    CHECK(pair.a.port.counters().kernel_drops + pair.a.frames.size() == 2000);
    CHECK(pair.a.port.drain());
}

TEST_CASE("a frame read late tells when it arrived", "[HB-7]") {
    const auto step = GENERATE(Duration{0}, Duration{1h}, Duration{-1h});
    Duration applied{0};
    const auto payload = GENERATE(numbered(1), bulk(1));
    auto options = with_bulk("a0");
    options.clocks = [&] {
        return ClockReading{.wall = wall_clock_reading() + applied, .monotonic = monotonic_now()};
    };
    Pair pair{options};
    REQUIRE(pair.passes());
    pair.a.frames.clear();
    const Instant before = monotonic_now();
    REQUIRE(pair.b.port.send(kMacA, payload));
    const Instant after = monotonic_now();
    while (monotonic_now() < after + 100ms) {
    }
    applied = step;  // the wall clock is set while the frame waits
    REQUIRE(pair.wires.wait_for([&] { return !pair.a.frames.empty(); }));
    const auto& frame = pair.a.frames.front();
    CHECK(frame.received_at >= before - 1ms);
    CHECK(frame.received_at <= after + 1ms);
    CHECK(frame.read_at - frame.received_at >= 99ms);
}

TEST_CASE("without CAP_NET_RAW one sentence says so, and the port opens when it may") {
    Wires wires;
    TestPort a{wires, on("a0")};
    {
        const WithoutCapability missing{CAP_NET_RAW};
        const auto opened = a.port.open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error() ==
              "interface a0: raw frames need the capability CAP_NET_RAW, which this process does "
              "not have");
    }
    CHECK(wires.wait_for([&] { return a.port.is_open(); }));
}

TEST_CASE("an interface that is no Ethernet is refused with its name") {
    Wires wires;
    ip("link add t0 type gre remote 127.0.0.1 local 127.0.0.1 2>/dev/null || ip tuntap add t0 mode "
       "tun");
    ip("link set t0 up");
    TestPort port{wires, on("t0")};
    const auto opened = port.port.open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error() == "interface t0 is not an Ethernet interface");
}

TEST_CASE("what a port costs: octets resident, nanoseconds a frame", "[.measure]") {
    const auto resident_kilobytes = [] {
        std::ifstream status{"/proc/self/status"};
        for (std::string line; std::getline(status, line);)
            if (line.rfind("VmRSS:", 0) == 0)
                return std::stol(line.substr(6));
        return 0L;
    };
    Wires wires;
    std::uint64_t frames = 0;
    L2Port b{wires.loop, on("b0"), {}};
    REQUIRE(b.open());
    const long before = resident_kilobytes();
    L2Port a{wires.loop, on("a0"), {[&](const L2Frame&) { ++frames; }, {}, {}}};
    const Instant opening = monotonic_now();
    REQUIRE(a.open());
    const Duration opened_in = monotonic_now() - opening;
    const long after = resident_kilobytes();

    constexpr unsigned kRounds = 400;
    constexpr unsigned kBatch = 250;
    const Payload payload = numbered(1);
    Duration sending{0};
    Duration draining{0};
    for (unsigned round = 0; round < kRounds; ++round) {
        const Instant start = monotonic_now();
        for (unsigned sent = 0; sent < kBatch; ++sent)
            REQUIRE(b.send(kMacA, payload));
        const Instant sent = monotonic_now();
        REQUIRE(a.drain());
        sending += sent - start;
        draining += monotonic_now() - sent;
    }
    CHECK(frames == kRounds * kBatch);
    const Instant start = monotonic_now();
    for (unsigned round = 0; round < kRounds; ++round)
        REQUIRE(a.drain());
    const Duration empty = monotonic_now() - start;
    WARN("opened in " << opened_in.count() / 1000 << " us, " << after - before << " KiB resident; "
                      << "send " << sending.count() / (kRounds * kBatch) << " ns, receive "
                      << draining.count() / (kRounds * kBatch) << " ns a frame, drain of nothing "
                      << empty.count() / kRounds << " ns");
}
