// Scenarios of a few lines, played in virtual time: for tests that say what a play does.
#pragma once

#include <string>

#include "libsim/play/player.hpp"
#include "libsim/scenario/reader.hpp"

namespace test {

/// A scenario with that `lab:` and those steps; whoever writes it must write it well.
inline sim::scenario::Scenario scenario_of(const std::string& lab, const std::string& steps,
                                           const std::string& more = {}) {
    const auto read = sim::scenario::read(
        "description: Something happens. Something holds.\ntags: [OPS-1]\nlab: " + lab + "\n" +
            more + "steps:\n" + steps,
        "test.yaml");
    if (!read)
        return {};  // no steps: nothing of it can hold
    return *read;
}

inline sim::play::Verdict play(const sim::scenario::Scenario& scenario,
                               const sim::play::PlayOptions& options = {}) {
    if (scenario.steps.empty())
        return {false, "the scenario has mistakes", {}, {}};
    sim::play::Player player(scenario, options);
    return player.play();
}

}  // namespace test
