// A scenario as JSON with everything resolved: defaults filled in, short forms written out, times
// in milliseconds of its lab's timers. This is what scripts/lab plays (vsm-sim expand).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "libsim/scenario/scenario.hpp"

namespace sim::scenario {

/// docs/scenarios.md lists the keys.
nlohmann::json to_json(const Scenario& scenario);

}  // namespace sim::scenario
