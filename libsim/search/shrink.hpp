// Makes a failing scenario small: fewer steps, fewer nodes, fewer options, as long as the same
// invariant is still violated.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "libsim/scenario/scenario.hpp"

namespace sim::search {

/// What a play of a scenario came to.
struct Trial {
    std::string invariant;               ///< that is violated, empty when all hold
    std::string what;                    ///< happened
    std::vector<std::size_t> senseless;  ///< steps that changed nothing, by their places
};
using Oracle = std::function<Trial(const scenario::Scenario&)>;
/// Plays it on a stage.
Trial try_on_stage(const scenario::Scenario& scenario);

struct Shrunk {
    scenario::Scenario scenario;
    std::string what;    ///< is violated in it
    unsigned plays = 0;  ///< how often something was tried
};

/// `invariant`: the id that a play of `scenario` violates. At most `most_plays` tries.
Shrunk shrink(const scenario::Scenario& scenario, const std::string& invariant,
              const Oracle& oracle = try_on_stage, unsigned most_plays = 3000);

}  // namespace sim::search
