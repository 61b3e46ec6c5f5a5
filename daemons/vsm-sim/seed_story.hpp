// What happens in the play of a seed, line by line.
#pragma once

#include "libsim/scenario/scenario.hpp"

namespace vsm_sim {

/// Plays a drawn scenario under all invariants and prints every step, state and message of it, and
/// with `frames` what supervisors send each other. False when an invariant was violated.
bool tell_story(const sim::scenario::Scenario& scenario, bool frames);

}  // namespace vsm_sim
