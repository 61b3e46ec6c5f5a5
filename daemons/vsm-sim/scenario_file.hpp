// Scenario files from disk, for the verbs that take some.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "libsim/scenario/scenario.hpp"

namespace vsm_sim {

/// Reads the file. The error holds all its mistakes, each a line that names file and line.
tl::expected<sim::scenario::Scenario, std::vector<std::string>> read_scenario_file(
    const std::string& path);

}  // namespace vsm_sim
