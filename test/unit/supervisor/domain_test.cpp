// Another domain while a supervisor runs: at once without a standby, never between two that are a
// pair, and heard in the new domain only (OPS-1).
#include <catch2/catch.hpp>

#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace ha::supervisor;
using namespace std::chrono_literals;
using redundancy::PairState;
using test::VirtualPair;

namespace {

struct Pair {
    VirtualPair world;
    std::uint64_t ticket = 0;

    Pair() { REQUIRE(world.become_ha()); }
    void move(const std::string& node, unsigned domain) {
        const std::string line = "domain id " + std::to_string(domain);
        world.input(node, [&](Instant now) {
            return ChangeRequested{++ticket, {"admin", "console0"},
                                   line,     ConfigurationLine{"svs-domain", line},
                                   {},       now};
        });
        world.input(node, [&](Instant now) {
            return ChangeRequested{++ticket, {"admin", "console0"}, "copy", SaveConfiguration{}, {},
                                   now};
        });
        REQUIRE(world.run_until([&] { return world.node(node).completed.contains(ticket); }, 5s));
        CHECK(world.node(node).completed[ticket].empty());
    }
    unsigned domain(const std::string& node) { return number(world.snapshot(node).pair.domain); }
    void wait_alone(const std::string& node) {
        REQUIRE(world.run_until([&] { return world.state(node) == PairState::active_alone; }, 30s));
    }
};

}  // namespace

TEST_CASE("Each side of a pair that is cut apart goes to a new domain, and they meet there",
          "[OPS-1]") {
    Pair pair;
    for (const PortKind port : kPortKinds)
        pair.world.cut("b", port);
    pair.wait_alone("b");
    pair.wait_alone("a");
    pair.move("b", 200);
    CHECK(pair.domain("b") == 200);
    CHECK(pair.domain("a") == 100);
    pair.world.kill("b");
    pair.move("a", 200);
    CHECK(pair.domain("a") == 200);
    pair.world.heal("b");
    pair.world.start("b");
    CHECK(pair.world.run_until([&] { return pair.world.is_ha("a", "b"); }, 20s));
    CHECK(pair.domain("b") == 200);
}

TEST_CASE("While a standby is there the new domain waits for the next start", "[OPS-1]") {
    Pair pair;
    pair.move("a", 200);
    pair.world.run(60s);
    CHECK(pair.world.is_ha("a", "b"));
    CHECK(pair.domain("a") == 100);
    CHECK(pair.domain("b") == 100);
    pair.world.kill("a");
    pair.world.kill("b");
    pair.world.start("a");
    pair.world.start("b");
    CHECK(pair.world.run_until([&] { return pair.world.is_ha("a", "b"); }, 30s));
    CHECK(pair.domain("a") == 200);
    CHECK(pair.domain("b") == 200);
}

TEST_CASE("Two actives of different domains do not disturb each other", "[OPS-1][COL-3]") {
    Pair pair;
    for (const PortKind port : kPortKinds)
        pair.world.cut("b", port);
    pair.wait_alone("b");
    pair.wait_alone("a");
    pair.move("b", 200);
    pair.world.heal("b");
    pair.world.run(60s);
    CHECK(pair.world.state("a") == PairState::active_alone);
    CHECK(pair.world.state("b") == PairState::active_alone);
    CHECK(pair.world.node("a").restarts + pair.world.node("b").restarts == 0);
    // The other one follows: now they are two actives of one domain, and one gives way.
    pair.move("a", 200);
    CHECK(pair.world.run_until(
        [&] { return pair.world.is_ha("a", "b") || pair.world.is_ha("b", "a"); }, 30s));
}
