// Scenarios as files: what the search found is printed as a file that can be played.
#pragma once

#include <string>

#include "libsim/scenario/scenario.hpp"

namespace sim::scenario {

/// The text of a file from which read() makes an equal scenario. Defaults are left out.
std::string write(const Scenario& scenario);

}  // namespace sim::scenario
