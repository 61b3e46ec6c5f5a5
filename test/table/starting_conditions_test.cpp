// Both peers against each other from every starting condition: what each was, which links work,
// with and without a key, who starts first. Exactly one active and one HA standby come out, and
// stay.
#include <catch2/catch.hpp>

#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace std::chrono_literals;
using test::VirtualPair;

namespace {

enum class Before { fresh, booted_before, active_isolated };
constexpr Before kBefores[] = {Before::fresh, Before::booted_before, Before::active_isolated};

void prepare(VirtualPair& world, const std::string& name, Before before) {
    if (before == Before::booted_before) {
        world.start(name);
        world.run(5s);
        world.kill(name);
    }
    if (before == Before::active_isolated) {
        world.cut(name, PortKind::control);
        world.cut(name, PortKind::mgmt);
        world.start(name);
        REQUIRE(world.run_until([&] { return redundancy::is_active(world.state(name)); }, 5s));
    }
}

}  // namespace

TEST_CASE("From every starting condition one active and one HA standby come out",
          "[table][BOOT-2][BOOT-3][BOOT-4][BOOT-5][SB-1][SB-2]") {
    unsigned combinations = 0;
    for (const Before before_a : kBefores)
        for (const Before before_b : kBefores)
            for (const unsigned links : {3U, 1U, 2U})  // both, control only, mgmt only
                for (const unsigned options : {0U, 1U, 2U, 3U})
                    for (const int head_start_ms :
                         {0, 1, 2999, 3000, 3001, 10000, -1, -2999, -3000, -3001, -10000}) {
                        const auto tune = [&](supervisor::Options& tuned) {
                            if ((options & 1U) != 0)
                                tuned.keyring.keys.push_back({1, {9}});
                            if ((options & 2U) != 0)
                                tuned.pair.personality = redundancy::Personality::vsg;
                        };
                        VirtualPair world;
                        world.add("a", Role::primary, tune);
                        world.add("b", Role::secondary, tune);
                        prepare(world, "a", before_a);
                        prepare(world, "b", before_b);
                        for (const char* name : {"a", "b"}) {
                            world.heal(name);
                            if ((links & 1U) == 0)
                                world.cut(name, PortKind::control);
                            if ((links & 2U) == 0)
                                world.cut(name, PortKind::mgmt);
                        }
                        const std::string first = head_start_ms >= 0 ? "a" : "b";
                        const std::string second = head_start_ms >= 0 ? "b" : "a";
                        if (!world.node(first).machine)
                            world.start(first);
                        world.run(std::chrono::milliseconds{std::abs(head_start_ms)});
                        if (!world.node(second).machine)
                            world.start(second);
                        world.run(40s);
                        INFO("before " << static_cast<int>(before_a) << static_cast<int>(before_b)
                                       << " links " << links << " options " << options
                                       << " head start " << head_start_ms);
                        const bool a_active = redundancy::is_active(world.state("a"));
                        const bool b_active = redundancy::is_active(world.state("b"));
                        REQUIRE(a_active != b_active);
                        // Without control nothing can be synchronized: a standby, but never HA
                        // (ROLE-3).
                        const bool ha = world.is_ha("a", "b") || world.is_ha("b", "a");
                        REQUIRE(ha == ((links & 1U) != 0));
                        REQUIRE(world.node("a").holds_address == a_active);
                        REQUIRE(world.node("b").holds_address == b_active);
                        ++combinations;
                    }
    CHECK(combinations == 3 * 3 * 3 * 4 * 11);
}
