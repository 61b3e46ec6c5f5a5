// Bulk waits in a queue of its own: it arrives like every other frame, and keeps none of them out.
#include <linux/capability.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "test/net/port_pair.hpp"

using namespace net_test;
using ha::runtime::BulkMark;

namespace {

std::size_t count_bulk(const TestPort& port) {
    return static_cast<std::size_t>(std::ranges::count_if(
        port.frames, [](const auto& frame) { return frame.payload[kMark.offset] == kMark.octet; }));
}

}  // namespace

TEST_CASE("bulk and other frames arrive once each, whole and in their order", "[bulk]") {
    constexpr unsigned kBurst = 5000;
    Pair pair{with_bulk("a0"), on("b0")};
    for (unsigned sent = 0; sent < kBurst; ++sent) {
        REQUIRE(pair.b.port.send(sent % 7 == 0 ? ha::kBroadcastMac : kMacA,
                                 sent % 10 == 0 ? numbered(sent) : bulk(sent)));
        if (sent % 250 == 249)
            pair.wires.run_ready();
    }
    REQUIRE(pair.wires.wait_for([&] { return pair.a.frames.size() >= kBurst; }));
    CHECK(pair.a.port.drain());
    REQUIRE(pair.a.frames.size() == kBurst);
    CHECK(pair.a.port.counters().bulk_drops == 0);
    std::stable_partition(pair.a.frames.begin(), pair.a.frames.end(), [](const auto& frame) {
        return frame.payload[kMark.offset] != kMark.octet;
    });
    unsigned next = 0;
    for (unsigned index = 0; index < kBurst; ++index) {
        const bool is_bulk = index >= kBurst / 10;
        next = index == kBurst / 10 ? 1 : next;
        REQUIRE(pair.a.frames[index].payload == (is_bulk ? bulk(next) : numbered(next)));
        CHECK(pair.a.frames[index].source == kMacB);
        next += is_bulk ? (next % 10 == 9 ? 2 : 1) : 10;
    }
}

TEST_CASE("no amount of bulk keeps another frame out", "[bulk][HB-7]") {
    constexpr unsigned kFlood = 20000;
    constexpr unsigned kOthers = 100;
    auto options = with_bulk("a0");
    options.buffer_bytes = std::size_t{256}
                           << 10U;  // a hundred frames, and not a fraction of the flood
    options.bulk_buffer_bytes = std::size_t{256} << 10U;
    Pair pair{options, on("b0")};
    for (unsigned sent = 0; sent < kFlood; ++sent) {
        REQUIRE(pair.b.port.send(kMacA, bulk(sent)));
        if (sent % (kFlood / kOthers) == 0)
            REQUIRE(pair.b.port.send(kMacA, numbered(sent)));
    }
    CHECK(pair.a.port.drain());  // nothing that tells of life was lost
    const std::size_t taken = count_bulk(pair.a);
    CHECK(pair.a.frames.size() - taken == kOthers);
    CHECK(pair.a.port.counters().kernel_drops == 0);
    CHECK(pair.a.port.counters().bulk_drops > 0);
    CHECK(pair.a.port.counters().bulk_drops + taken == kFlood);
    pair.a.frames.clear();
    REQUIRE(pair.b.port.send(kMacA, bulk(1)));
    CHECK(pair.wires.wait_for([&] { return pair.a.frames.size() == 1; }));
}

TEST_CASE("other frames have their turn while bulk waits", "[bulk]") {
    auto options = with_bulk("a0");
    options.frames_per_wakeup = 8;
    Pair pair{options, on("b0")};
    for (unsigned sent = 0; sent < 400; ++sent)
        REQUIRE(pair.b.port.send(kMacA, bulk(sent)));
    REQUIRE(pair.b.port.send(kMacA, numbered(400)));
    const auto has_come = [&] { return pair.a.frames.size() > count_bulk(pair.a); };
    REQUIRE(pair.wires.wait_for(has_come));
    CHECK(count_bulk(pair.a) <= 3 * options.frames_per_wakeup);
    CHECK(pair.a.port.drain());
    CHECK(pair.a.frames.size() == 401);
}

TEST_CASE("bulk is taken of one's own VLAN, address and direction only", "[bulk][ANY-1]") {
    Pair pair{with_bulk("a0", 260), with_bulk("b0", 260)};
    TestPort untagged{pair.wires, on("b0")};
    TestPort other{pair.wires, on("b0", 261)};
    REQUIRE(untagged.port.open());
    REQUIRE(other.port.open());
    REQUIRE(untagged.port.send(kMacA, bulk(1)));
    REQUIRE(other.port.send(kMacA, bulk(2)));
    REQUIRE(pair.b.port.send(MacAddress{{0x02, 0, 0, 0, 0, 0x99}}, bulk(3)));
    REQUIRE(pair.b.port.send(kMacA, bulk(4)));
    REQUIRE(pair.wires.wait_for([&] { return !pair.a.frames.empty(); }));
    CHECK(pair.a.port.drain());
    REQUIRE(pair.a.frames.size() == 1);
    CHECK(pair.a.frames[0].payload == bulk(4));
    CHECK(pair.a.frames[0].destination == kMacA);
    CHECK(pair.a.port.counters().vlan_mismatches == 2);
    CHECK(pair.b.port.drain());
    CHECK(pair.b.frames.empty());  // its own on their way out
}

TEST_CASE("a payload that ends before the mark is no bulk, and is not lost", "[bulk]") {
    auto options = on("a0");
    options.bulk = BulkMark{1400, 0};
    Pair pair{options, on("b0")};
    REQUIRE(pair.b.port.send(kMacA, numbered(1)));
    REQUIRE(pair.wires.wait_for([&] { return !pair.a.frames.empty(); }));
    CHECK(pair.a.frames[0].payload == numbered(1));
}

TEST_CASE("bulk follows its interface: another MAC, down and up, made again", "[bulk]") {
    Pair pair{with_bulk("a0"), with_bulk("b0")};
    const auto bulk_passes = [&] {
        const std::size_t before = count_bulk(pair.a);
        for (int attempt = 0; attempt < 50; ++attempt) {
            static_cast<void>(pair.b.port.send(pair.a.port.mac(), bulk(1)));
            if (pair.wires.wait_for([&] { return count_bulk(pair.a) > before; }, 20ms))
                return true;
        }
        return false;
    };
    REQUIRE(bulk_passes());
    const MacAddress changed{{0x02, 0, 0, 0, 0, 0x77}};
    ip("link set a0 address " + changed.to_string());
    REQUIRE(pair.wires.wait_for([&] { return pair.a.port.mac() == changed; }));
    CHECK(bulk_passes());
    ip("link set a0 down");
    REQUIRE(pair.wires.wait_for([&] { return !pair.a.port.is_open(); }));
    ip("link set a0 up");
    REQUIRE(pair.wires.wait_for([&] { return pair.a.port.is_open(); }));
    CHECK(bulk_passes());
    CHECK(pair.a.port.counters().opened == 1);
    ip("link del a0");
    REQUIRE(pair.wires.wait_for([&] { return !pair.a.port.is_open(); }));
    ip("link add a0 address " + kMacA.to_string() + " type veth peer name b0 address " +
       kMacB.to_string());
    ip("link set a0 up");
    ip("link set b0 up");
    REQUIRE(pair.wires.wait_for([&] { return pair.a.port.is_open() && pair.b.port.is_open(); }));
    CHECK(bulk_passes());
}

TEST_CASE("where the kernel gives no queue for it, bulk is in the ring", "[bulk]") {
    Wires wires;
    auto options = with_bulk("a0");
    options.buffer_bytes = std::size_t{64} << 10U;
    options.bulk_buffer_bytes = std::size_t{512} << 20U;  // more than anybody sets rmem_max to
    TestPort a{wires, options};
    TestPort b{wires, on("b0")};
    {
        const WithoutCapability missing{CAP_NET_ADMIN};
        REQUIRE(a.port.open());
    }
    REQUIRE(b.port.open());
    for (unsigned sent = 0; sent < 2000; ++sent)
        REQUIRE(b.port.send(kMacA, bulk(sent)));
    CHECK_FALSE(a.port.drain());
    CHECK(count_bulk(a) > 0);
    CHECK(a.port.counters().kernel_drops + count_bulk(a) == 2000);
    CHECK(a.port.counters().bulk_drops == 0);
}
