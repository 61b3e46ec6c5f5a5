// Every order in which frames arrive or are lost, deadlines fire, stores complete, sides boot and
// crash, up to a number of events, for two supervisors that boot and for two that are both active.
// After each sequence the network is calm, and one active and one HA standby must follow.
//
// VSM_HA_DEPTH=N adds N events to every sequence (or takes them away, when negative); each makes it
// take three to six times as long. docs/testing.md has the figures.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "test/exhaustive/explore.hpp"

using namespace test::exhaustive;
using namespace std::chrono_literals;

namespace {

constexpr ha::Duration kSettleAtMost = 30s;
constexpr ha::Duration kStays = 10s;

unsigned depth_of(int depth) {
    const char* more = std::getenv("VSM_HA_DEPTH");
    return static_cast<unsigned>(std::max(1, depth + (more != nullptr ? std::atoi(more) : 0)));
}

/// What must hold at the end of every sequence; `longest` becomes the longest time to settle.
std::string judge(const Setup& setup, SmallWorld& world, ha::Duration& longest) {
    bool settled = world.settles(kSettleAtMost);
    longest = std::max(longest, world.calm_for());
    bool stayed = settled && world.stays(kStays);
    // A world that began whole may still be so, and have lost what keeps it so.
    if (setup.whole && settled && !stayed) {
        settled = world.settles(kSettleAtMost);
        longest = std::max(longest, world.calm_for());
        stayed = settled && world.stays(kStays);
    }
    const Witness& witness = world.check_agreement();
    if (!witness.problem().empty())
        return witness.problem();
    if (!settled)
        return "a calm network does not lead to one active and one HA standby";
    if (!stayed)
        return "the pair changes again although nothing happens";
    if (setup.split && setup.crashes == 0 && witness.lost_comparisons() == 0)
        return "neither of two actives rebooted because of the comparison";
    for (const std::uint8_t side : {std::uint8_t{0}, std::uint8_t{1}})
        if (setup.active_longer[side] > 0s && setup.crashes == 0 && witness.restarts(side) != 0)
            return "the one that had been active for longer rebooted";
    if (setup.timely && witness.restarts(0) + witness.restarts(1) > setup.switchovers)
        return "a supervisor restarted although a path works both ways";
    return "";
}

/// The figures of some worlds together.
struct Figures {
    Exploration sum;
    ha::Duration longest{};
    unsigned events = 0;
};

void explore(const Setup& setup, int depth, Figures& figures) {
    figures.events = depth_of(depth);
    const auto verdict = [&](SmallWorld& world) { return judge(setup, world, figures.longest); };
    const Exploration found = Explorer{setup, figures.events, verdict}.run();
    figures.sum.interleavings += found.interleavings;
    figures.sum.states += found.states;
    figures.sum.worlds += found.worlds;
    INFO(found.failure);
    CHECK(found.failure.empty());
}

void print(const std::string& name, const Figures& figures) {
    std::cout << name << ": " << figures.events << " events, " << figures.sum.interleavings
              << " interleavings, " << figures.sum.states << " states, " << figures.sum.worlds
              << " ends; whole again after at most " << figures.longest / 1ms << " ms" << std::endl;
}

void explore(const Setup& setup, int depth) {
    Figures figures;
    explore(setup, depth, figures);
    print(setup.name, figures);
}

Setup boots(const std::string& how) {
    Setup setup;
    setup.name = "boot, " + how;
    return setup;
}

Setup split(const std::string& how) {
    Setup setup;
    setup.name = "split, " + how;
    setup.split = true;
    return setup;
}

}  // namespace

TEST_CASE("Two supervisors that boot become a pair, whatever is lost or late", "[BOOT-4][BOOT-5]") {
    Setup one_wire = boots("one wire");
    explore(one_wire, 9);
    Setup two_wires = boots("two wires");
    two_wires.two_wires = true;
    explore(two_wires, 7);
    Setup keyed = boots("one wire, with a key");
    keyed.with_key = true;
    explore(keyed, 8);
    Setup again = boots("one wire, they know each other, one crash");
    again.acquainted = true;
    again.crashes = 1;
    explore(again, 8);
}

TEST_CASE("Two supervisors that boot are never both active while a path works", "[BOOT-4]") {
    const auto timely = [](ha::PortKind port, std::uint8_t first, ha::Duration up) {
        Setup setup =
            boots(std::string(first == 0 ? "primary " : "secondary ") + std::to_string(up / 1ms) +
                  " ms earlier, " + std::string(ha::to_string(port)) + " in time");
        setup.timely = port;
        setup.two_wires = port == ha::PortKind::mgmt;
        setup.up_before[first] = up;
        return setup;
    };
    // Hellos go out every second, and the window ends after three.
    Figures on_control;
    Figures on_mgmt;
    for (const std::uint8_t first : {std::uint8_t{0}, std::uint8_t{1}})
        for (const auto up : {0ms, 250ms, 500ms, 750ms, 2250ms, 2500ms, 2750ms, 3000ms, 3250ms}) {
            explore(timely(ha::PortKind::control, first, up), 12, on_control);
            if (up == 0ms || up == 2750ms)
                explore(timely(ha::PortKind::mgmt, first, up), 7, on_mgmt);
        }
    print("boot, 18 starts, control in time", on_control);
    print("boot, 4 starts, mgmt in time, control loses anything", on_mgmt);
}

TEST_CASE("Of two actives that hear each other exactly one reboots, and they agree which",
          "[SB-1][SB-3][SB-5]") {
    Setup tie = split("one wire");
    tie.acquainted = true;
    explore(tie, 11);
    Setup primary_longer = split("one wire, the primary active for longer");
    primary_longer.acquainted = true;
    primary_longer.active_longer[0] = 1000s;
    explore(primary_longer, 11);
    Setup secondary_longer = split("one wire, the secondary active for longer");
    secondary_longer.acquainted = true;
    secondary_longer.active_longer[1] = 1000s;
    explore(secondary_longer, 11);
    Setup two_wires = split("two wires");
    two_wires.acquainted = true;
    two_wires.two_wires = true;
    explore(two_wires, 7);
    Setup strangers = split("one wire, they never met");
    explore(strangers, 9);
    Setup keyed = split("one wire, with a key");
    keyed.acquainted = true;
    keyed.with_key = true;
    explore(keyed, 10);
    Setup crash = split("one wire, one crash");
    crash.acquainted = true;
    crash.crashes = 1;
    explore(crash, 9);
}

TEST_CASE("Two actives that tell each other their logs still agree, whatever of it is lost",
          "[SB-1][SB-3][SB-4]") {
    Setup plain = split("one wire, with logs");
    plain.acquainted = true;
    plain.logs = true;
    explore(plain, 10);
    Setup frozen =
        split("one wire, with logs, what is compared is frozen, modules leave, one stall");
    frozen.acquainted = true;
    frozen.logs = true;
    frozen.frozen = true;
    frozen.modules = {1, 2};
    frozen.stalls = 1;
    explore(frozen, 7);
    Setup two_wires = split("two wires, with logs, what is compared is frozen, one crash");
    two_wires.acquainted = true;
    two_wires.logs = true;
    two_wires.two_wires = true;
    two_wires.frozen = true;
    two_wires.crashes = 1;
    explore(two_wires, 6);
}

TEST_CASE("Two actives that give up a comparison and begin it anew still agree", "[SB-1][SB-5]") {
    Setup frozen = split("one wire, what is compared is frozen, two stalls");
    frozen.acquainted = true;
    frozen.frozen = true;
    frozen.stalls = 2;
    explore(frozen, 7);
    Setup modules = split("one wire, what is compared is frozen, modules leave, one stall");
    modules.acquainted = true;
    modules.frozen = true;
    modules.modules = {1, 2};
    modules.stalls = 1;
    explore(modules, 7);
    Setup two_wires = split("two wires, what is compared is frozen, modules leave, one stall");
    two_wires.acquainted = true;
    two_wires.two_wires = true;
    two_wires.frozen = true;
    two_wires.modules = {1, 2};
    two_wires.stalls = 1;
    explore(two_wires, 5);
}

TEST_CASE("A switchover at any moment ends as a pair again, and never with two actives",
          "[SW-2][SW-3]") {
    const auto switchover = [](const std::string& how) {
        Setup setup;
        setup.name = "switchover, " + how;
        setup.whole = true;
        setup.switchovers = 1;
        return setup;
    };
    Setup stalls = switchover("one wire, one stall");
    stalls.stalls = 1;
    explore(stalls, 8);
    Setup two_wires = switchover("two wires");
    two_wires.two_wires = true;
    explore(two_wires, 7);
    Setup keyed = switchover("one wire, with a key, one crash");
    keyed.with_key = true;
    keyed.crashes = 1;
    explore(keyed, 8);
    Setup again = switchover("one wire, twice");
    again.switchovers = 2;
    explore(again, 9);
    Setup timely = switchover("two wires, mgmt in time, control loses anything");
    timely.two_wires = true;
    timely.timely = ha::PortKind::mgmt;
    explore(timely, 10);
}
