// The dying gasp: what a life leaves behind to be said when it is over, whom it moves, and that it
// never speaks for another life, from another place or at another time.
#include <catch2/catch.hpp>

#include <algorithm>

#include "libha/wire/codec.hpp"
#include "libha/wire/seal.hpp"
#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace std::chrono_literals;
using catalog::MessageId;
using redundancy::PairState;
using supervisor::LastWords;
using test::VirtualPair;

namespace {

void bring_up(VirtualPair& world, bool with_key) {
    REQUIRE(world.settle_as_ha([&](supervisor::Options& options) {
        if (with_key)
            options.keyring.keys.push_back({1, {9}});
    }));
}

LastWords words_of(VirtualPair& world, const std::string& name) {
    return world.node(name).machine->last_words();
}

void say(VirtualPair& world, const std::string& name, const LastWords& words) {
    for (const supervisor::SendFrame& word : words.words)
        world.inject(word.port, VirtualPair::mac(world.node(name), word.port), word.destination,
                     word.payload);
}

void say_from_elsewhere(VirtualPair& world, const LastWords& words) {
    for (const supervisor::SendFrame& word : words.words)
        world.inject(word.port, MacAddress{{2, 0, 0, 0, 9, 9}}, kBroadcastMac, word.payload);
}

void crash(VirtualPair& world, const std::string& name) {
    const LastWords words = words_of(world, name);
    world.kill(name);
    say(world, name, words);
}

std::uint64_t dropped(VirtualPair& world, const std::string& name, wire::DropReason reason) {
    std::uint64_t sum = 0;
    for (const auto& port : world.snapshot(name).ports)
        sum += port.dropped[static_cast<std::size_t>(reason)].count;
    return sum;
}

}  // namespace

TEST_CASE("The standby of an active that crashes takes over at once", "[HB-8][SW-1]") {
    for (const bool with_key : {false, true}) {
        VirtualPair world;
        bring_up(world, with_key);
        world.run(473ms);
        crash(world, "a");
        REQUIRE(world.run_until([&] { return redundancy::is_active(world.state("b")); }, 1ms));
        CHECK(world.node("b").holds_address);
        CHECK(world.count("b", MessageId::peer_crashed) == 1);
        CHECK(world.snapshot("b").pair.reason == "dying gasp: the peer died without a farewell");
        CHECK(world.snapshot("b").pair.trace.back().event == "peer-crashed");
        world.start("a");
        REQUIRE(world.run_until([&] { return world.is_ha("b", "a"); }, 10s));
        world.run(60s);
        CHECK(world.is_ha("b", "a"));
        CHECK(world.count("b", MessageId::peer_crashed) == 1);
    }
}

TEST_CASE("The active whose standby crashes has none at once", "[HB-8][LOSS-1]") {
    VirtualPair world;
    bring_up(world, true);
    crash(world, "b");
    REQUIRE(world.run_until([&] { return world.state("a") == PairState::active_alone; }, 1ms));
    CHECK(world.count("a", MessageId::peer_crashed) == 1);
    CHECK(world.count("a", MessageId::supervisor_removed) == 1);
}

TEST_CASE("One word on mgmt alone is enough, and none costs T", "[HB-8][LOSS-2]") {
    const bool arrives = GENERATE(true, false);
    VirtualPair world;
    bring_up(world, true);
    world.cut("b", PortKind::control);
    if (!arrives)
        world.cut("b", PortKind::mgmt);
    crash(world, "a");
    world.run(1ms);
    CHECK(redundancy::is_active(world.state("b")) == arrives);
    world.run(16s);
    CHECK(redundancy::is_active(world.state("b")));
    CHECK(world.count("b", MessageId::peer_crashed) == (arrives ? 1 : 0));
}

TEST_CASE("The gasp of a life that another has followed changes nothing", "[HB-8]") {
    const bool with_key = GENERATE(true, false);
    VirtualPair world;
    bring_up(world, with_key);
    const LastWords words = words_of(world, "a");
    SECTION("the next life has been heard for long") {
        crash(world, "a");
        world.start("a");
        REQUIRE(world.run_until([&] { return world.is_ha("b", "a"); }, 10s));
        world.run(60s);
        say(world, "a", words);
        world.run(1s);
        CHECK(world.is_ha("b", "a"));
        CHECK(dropped(world, "b", wire::DropReason::replayed) != 0);
    }
    SECTION("it was lost, and comes after the next life's hello") {
        world.kill("a");
        world.start("a");
        REQUIRE(world.run_until([&] { return redundancy::is_active(world.state("b")); }, 1s));
        say(world, "a", words);
        world.run(10s);
        CHECK(world.is_ha("b", "a"));
        CHECK(world.count("b", MessageId::peer_crashed) == 0);
        CHECK(dropped(world, "b", wire::DropReason::stale_incarnation) != 0);
    }
    SECTION("the next life is gone as well, for longer than T") {
        world.kill("a");
        world.start("a");
        REQUIRE(world.run_until([&] { return world.is_ha("b", "a"); }, 20s));
        const Incarnation next = world.snapshot("a").pair.incarnation;
        world.kill("a");
        world.run(40s);
        say(world, "a", words);
        world.run(1s);
        CHECK(world.snapshot("b").pair.peer.incarnation == next);
        CHECK(world.count("b", MessageId::peer_crashed) == 0);
    }
}

TEST_CASE("A gasp for an earlier life of the receiver does not move it", "[HB-8]") {
    VirtualPair world;
    bring_up(world, GENERATE(true, false));
    const LastWords words = words_of(world, "a");
    world.kill("b");
    world.start("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 20s));
    world.kill("a");
    say(world, "a", words);
    world.run(5s);
    CHECK(world.state("b") == PairState::standby_ha);
    CHECK(dropped(world, "b", wire::DropReason::not_for_us) != 0);
    CHECK(world.count("b", MessageId::peer_crashed) == 0);
    world.run(12s);
    CHECK(redundancy::is_active(world.state("b")));
}

TEST_CASE("A gasp without the key, or from another MAC, changes nothing", "[HB-8]") {
    VirtualPair world;
    bring_up(world, true);
    LastWords words = words_of(world, "a");
    SECTION("its proof is another's") {
        for (supervisor::SendFrame& word : words.words)
            word.payload.back() ^= 1U;
        say(world, "a", words);
        world.run(1s);
        CHECK(dropped(world, "b", wire::DropReason::authentication_failed) == words.words.size());
    }
    SECTION("it comes from elsewhere") {
        say_from_elsewhere(world, words);
        world.run(1s);
    }
    CHECK(world.is_ha("a", "b"));
    CHECK(world.count("b", MessageId::peer_crashed) == 0);
}

TEST_CASE("Without a key, too, another MAC speaks for nobody", "[HB-8][BOOT-5]") {
    VirtualPair world;
    bring_up(world, false);
    say_from_elsewhere(world, words_of(world, "a"));
    world.run(1s);
    CHECK(world.is_ha("a", "b"));
    CHECK(dropped(world, "b", wire::DropReason::unlearnt_mac) != 0);
}

TEST_CASE("Last words are there from the start and renewed with what they say", "[HB-8]") {
    VirtualPair world;
    bring_up(world, true);
    const LastWords before = words_of(world, "a");
    REQUIRE(before.words.size() == 2 * supervisor::kGaspCopies);
    world.run(60s);
    CHECK(words_of(world, "a").number == before.number);
    SECTION("another key") {
        world.input("a", [](Instant now) {
            return supervisor::KeyringChanged{{{{2, {8}}, {1, {9}}}}, now};
        });
    }
    SECTION("another life of the peer") {
        world.kill("b");
        world.start("b");
        REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 20s));
    }
    const LastWords after = words_of(world, "a");
    CHECK(after.number > before.number);
    CHECK(after.words.front().payload != before.words.front().payload);
}

TEST_CASE("Who has said farewell has no last words", "[HB-8]") {
    VirtualPair world;
    bring_up(world, true);
    // Only a look at what is left behind: nobody runs the machine any further.
    supervisor::Effects effects;
    world.node("a").machine->step(supervisor::StopRequested{world.now()}, effects);
    CHECK(words_of(world, "a").words.empty());
}

TEST_CASE("Modules hear of it where they hear of every farewell", "[HB-8][VEM-4]") {
    VirtualPair world;
    bring_up(world, false);
    for (const char* name : {"a", "b"})
        for (const supervisor::SendFrame& word : words_of(world, name).words)
            if (word.port == PortKind::control) {
                const bool to_all = word.destination == kBroadcastMac;
                CHECK(to_all == (std::string(name) == "a"));
            }
}
