// The search: what a seed draws, how it is played, and how a failing scenario is made small.
#include <catch2/catch.hpp>

#include <algorithm>

#include "libsim/search/narrator.hpp"
#include "libsim/search/search.hpp"
#include "libsim/search/shrink.hpp"

using namespace sim;
using namespace sim::search;
using namespace std::chrono_literals;

TEST_CASE("Whatever happened, no invariant is violated and the domain becomes whole",
          "[LOSS-1][LOSS-2][LOSS-3][SB-1][SB-2][SB-3][ROLE-5][COL-3][VEM-1]") {
    Summary total;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        const SeedResult result = play_seed(seed);
        INFO("seed " << seed << ": " << result.outcome.invariant() << ": "
                     << result.outcome.what());
        REQUIRE(result.outcome.held());
        total.add(result.summary);
    }
    // A search in which nothing happens finds nothing.
    using ha::catalog::MessageId;
    const auto reports = [&](MessageId id) {
        return total.coverage.reports[static_cast<std::size_t>(id)];
    };
    CHECK(reports(MessageId::split_brain_resolved) > 20);
    CHECK(reports(MessageId::switchover_over) > 50);
    CHECK(reports(MessageId::degraded_entered) > 50);
    CHECK(reports(MessageId::supervisor_reset) > 2);
    CHECK(reports(MessageId::role_collision) > 5);
    CHECK(std::count(total.faults.begin(), total.faults.end(), 0U) == 0);
}

TEST_CASE("A seed is the same run every time") {
    const SeedResult one = play_seed(7);
    const SeedResult other = play_seed(7);
    CHECK(one.drawn.scenario == other.drawn.scenario);
    CHECK(one.summary.coverage.frames == other.summary.coverage.frames);
    CHECK(one.outcome.took == other.outcome.took);
    CHECK_FALSE(draw(8).scenario == one.drawn.scenario);
}

TEST_CASE("A failing scenario is made as small as it goes") {
    const scenario::Scenario large = draw(7).scenario;
    // Fails as long as vsm-b is started.
    const auto starts_b = [](const scenario::Step& step) {
        const auto* start = std::get_if<scenario::Start>(&step.action);
        return start != nullptr && start->nodes.front() == "vsm-b";
    };
    const Oracle oracle = [&](const scenario::Scenario& tried) {
        const bool fails = std::any_of(tried.steps.begin(), tried.steps.end(), starts_b);
        return Trial{fails ? "made-up" : "", "vsm-b is started", {}};
    };
    REQUIRE(large.steps.size() > 5);
    const Shrunk shrunk = shrink(large, "made-up", oracle);
    REQUIRE(shrunk.scenario.steps.size() == 1);
    CHECK(starts_b(shrunk.scenario.steps.front()));
    CHECK(shrunk.scenario.lab.vems == 0);
    CHECK_FALSE(shrunk.scenario.lab.key);
    CHECK(shrunk.scenario.lab.nodes.empty());
    CHECK(shrunk.what == "vsm-b is started");
}

TEST_CASE("A failing scenario is left with plain steps at plain times") {
    scenario::Scenario large = draw(7).scenario;
    const std::vector<scenario::Action> actions = {
        scenario::Start{{"vsm-a"}, std::nullopt},
        scenario::Cut{"vsm-a", scenario::Cable::all, scenario::Direction::in},
        scenario::PowerOff{"vsm-a", scenario::PowerOff::Disk::torn},
        scenario::Loss{"vsm-a", scenario::Cable::all, 300'000},
        scenario::Delay{"vsm-a", scenario::Cable::all, 5ms, 3ms},
        scenario::Inject{ha::PortKind::control, "vsm-a", std::nullopt, {1}, {}, {}, 9}};
    large.steps.clear();
    for (std::size_t index = 0; index < actions.size(); ++index) {
        scenario::Step step;
        step.action = actions[index];
        step.at = scenario::exactly(10ms * static_cast<int>(index) + 200us);
        large.steps.push_back(step);
    }
    // Fails as long as no step is missing.
    const Oracle oracle = [&](const scenario::Scenario& tried) {
        return Trial{tried.steps.size() == actions.size() ? "made-up" : "", "all are there", {}};
    };
    const auto steps = shrink(large, "made-up", oracle).scenario.steps;
    REQUIRE(steps.size() == actions.size());
    CHECK(std::get<scenario::Cut>(steps[1].action).direction == scenario::Direction::both);
    CHECK(std::get<scenario::PowerOff>(steps[2].action).disk == scenario::PowerOff::Disk::kept);
    CHECK(std::get<scenario::Loss>(steps[3].action).chance == scenario::kCertain);
    CHECK(std::get<scenario::Delay>(steps[4].action).jitter == ha::Duration{});
    CHECK(std::get<scenario::Inject>(steps[5].action).count == 1);
    for (std::size_t index = 0; index < steps.size(); ++index)
        CHECK(steps[index].at == scenario::exactly(10ms * static_cast<int>(index)));
}

TEST_CASE("A story tells steps, reports, and with frames what supervisors say to each other") {
    const auto told = [](bool frames) {
        const Drawn drawn = draw(7);
        Stage stage(drawn.scenario);
        Narrator narrator(stage.world(), {frames});
        stage.world().add_observer(narrator);
        stage.tell([&](const std::string& words) { narrator.say("*", words); });
        stage.play();
        std::string text;
        for (const std::string& line : narrator.lines())
            text += line + "\n";
        return text;
    };
    const std::string story = told(false);
    CHECK(story.find(" ms  *       start vsm-a") != std::string::npos);
    CHECK(story.find(" ms  vsm-a   %REDUNDANCY-") != std::string::npos);
    CHECK(story.find("heartbeat-request") == std::string::npos);
    const std::string frames = told(true);
    CHECK(frames.find(": hello initializing, names ") != std::string::npos);
    CHECK(frames.find(": heartbeat-request active, names ") != std::string::npos);
    CHECK(frames.find(": heartbeat-response standby-ha, names ") != std::string::npos);
    CHECK(frames.find("module-") == std::string::npos);
    CHECK(frames.size() > story.size());
}
