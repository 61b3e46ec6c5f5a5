// The search: what a seed draws, how it is played, and how a failing scenario is made small.
#include <catch2/catch.hpp>

#include <algorithm>

#include "libsim/search/search.hpp"
#include "libsim/search/shrink.hpp"

using namespace sim;
using namespace sim::search;

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
