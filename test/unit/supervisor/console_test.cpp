// The console of the standby, used from the active: lines and answers of any size get there and
// back, once, and nobody waits for ever (SW-6).
#include <catch2/catch.hpp>

#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace ha::supervisor;
using namespace std::chrono_literals;
using redundancy::PairState;
using test::VirtualPair;

namespace {

struct Attached {
    VirtualPair world;
    std::uint64_t ticket = 0;

    explicit Attached(bool with_key = false) {
        const auto tune = [with_key](Options& options) {
            if (with_key)
                options.keyring.keys.push_back({1, {7}});
        };
        REQUIRE(world.become_ha(tune));
    }
    std::uint64_t ask(const std::string& line, const std::string& node = "a") {
        world.input(node, [&](Instant now) {
            return ConsoleRequested{++ticket, "admin", line, now};
        });
        return ticket;
    }
    /// Until b has a line to run.
    RunConsole next() {
        REQUIRE(world.run_until([&] { return !world.node("b").consoles.empty(); }, 5s));
        const RunConsole run = world.node("b").consoles.front();
        world.node("b").consoles.clear();
        return run;
    }
    void answer(std::uint32_t id, const ConsoleAnswer& answer) {
        world.input("b", [&](Instant now) { return ConsoleAnswered{id, answer, now}; });
    }
    bool has(std::uint64_t which, const std::string& node = "a") {
        return world.node(node).console_answers.contains(which);
    }
    ConsoleCompleted wait(std::uint64_t which, Duration limit = 5s) {
        REQUIRE(world.run_until([&] { return has(which); }, limit));
        return world.node("a").console_answers[which];
    }
};

}  // namespace

TEST_CASE("A line gets to the standby and its answer back, of any size, also over a bad cable",
          "[SW-6]") {
    Attached attached(GENERATE(false, true));
    attached.world.loss_percent = GENERATE(0u, 20u);
    const std::size_t size = GENERATE(0u, 10u, 1400u, 200'000u);
    const auto ticket = attached.ask("show clock");
    const RunConsole run = attached.next();
    CHECK(run.line == "show clock");
    CHECK(run.user == "admin");
    std::string output(size, 'x');
    for (std::size_t index = 0; index < size; index += 7)
        output[index] = static_cast<char>('a' + index % 26);
    attached.answer(run.id, {3, output, "error"});
    const ConsoleCompleted done = attached.wait(ticket, 8s);
    CHECK(done.failure.empty());
    CHECK(done.answer == ConsoleAnswer{3, output, "error"});
}

TEST_CASE("Lines of several sessions run one after the other", "[SW-6]") {
    Attached attached;
    for (int count = 0; count < 3; ++count)
        attached.ask("line " + std::to_string(count));
    for (std::uint64_t count = 0; count < 3; ++count) {
        const RunConsole run = attached.next();
        CHECK(run.line == "line " + std::to_string(count));
        CHECK_FALSE(attached.has(count + 1));
        attached.answer(run.id, {0, run.line, ""});
        CHECK(attached.wait(count + 1).answer.output == run.line);
    }
    for (int count = 0; count < 9; ++count)
        attached.ask("too many");
    CHECK(attached.wait(attached.ticket).failure == "More than 8 lines wait for this console");
}

TEST_CASE("Who cannot reach a standby that is ready is told at once", "[SW-6]") {
    Attached attached;
    SECTION("on the standby itself") {
        attached.ask("show clock", "b");
        CHECK(attached.has(attached.ticket, "b"));
    }
    SECTION("while nothing passes on control") {
        attached.world.cut("b", PortKind::control);
        REQUIRE(attached.world.run_until([&] { return attached.world.snapshot("a").pair.degraded; },
                                         12s));
        attached.ask("show clock");
        CHECK(attached.wait(attached.ticket, 1ms).failure ==
              "Module 2 cannot be reached: nothing passes on control (degraded)");
    }
    SECTION("without one") {
        attached.world.kill("b");
        REQUIRE(attached.world.run_until(
            [&] { return attached.world.state("a") == PairState::active_alone; }, 20s));
        attached.ask("show clock");
        CHECK_FALSE(attached.wait(attached.ticket, 1ms).failure.empty());
    }
    SECTION("with a line that is too long") {
        attached.ask(std::string(kMaximumConsoleLine + 1, 'x'));
        CHECK(attached.wait(attached.ticket, 1ms).failure ==
              "The line has 4097 bytes, at most 4096");
    }
}

TEST_CASE("A line that is not answered fails, and a late answer is nobody's", "[SW-6]") {
    Attached attached;
    const auto first = attached.ask("slow");
    const RunConsole slow = attached.next();
    CHECK(attached.wait(first, 11s).failure == "The standby has not answered within 10 s");
    // The console is still at it: the next line is told so.
    const auto second = attached.ask("quick");
    CHECK(attached.wait(second).answer.error == "% The console is busy; try again\n");
    attached.answer(slow.id, {0, "late", ""});
    attached.world.run(1s);
    const auto third = attached.ask("again");
    const RunConsole run = attached.next();
    attached.answer(run.id, {0, "right", ""});
    CHECK(attached.wait(third).answer.output == "right");
}

TEST_CASE("A pair that breaks ends what is under way on the console", "[SW-6]") {
    Attached attached;
    const auto ticket = attached.ask("show clock");
    attached.next();
    SECTION("the standby dies") {
        attached.world.kill("b");
    }
    SECTION("the active switches over") {
        attached.world.input("a", [](Instant now) { return SwitchoverRequested{now}; });
    }
    CHECK_FALSE(attached.wait(ticket, 20s).failure.empty());
}

TEST_CASE("The standby runs a bounded number of lines in a second, and answers of a bounded size",
          "[SW-6][ANY-1]") {
    Attached attached;
    unsigned refused = 0;
    for (int count = 0; count < 30; ++count) {
        const auto ticket = attached.ask("line");
        REQUIRE(attached.world.run_until(
            [&] { return attached.has(ticket) || !attached.world.node("b").consoles.empty(); },
            1s));
        if (attached.has(ticket)) {
            ++refused;
            continue;
        }
        attached.answer(attached.next().id, {0, "", ""});
        attached.wait(ticket);
    }
    CHECK(refused >= 9);
    attached.world.run(2s);
    const auto ticket = attached.ask("all there is");
    attached.answer(attached.next().id, {0, std::string(kMaximumConsoleAnswer + 1, 'x'), ""});
    const ConsoleCompleted done = attached.wait(ticket);
    CHECK(done.answer.exit_status == 1);
    CHECK(done.answer.error.find("% The answer has 3145729 bytes, at most 3145728") == 0);
}
