// The only reader of scenario files.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "libsim/scenario/scenario.hpp"

namespace sim::scenario {

/// Reads the text of a file. The error holds all mistakes of the file, by line: "FILE:LINE: path:
/// what is wrong (what is allowed)". `file` names it there, and the scenario after it.
tl::expected<Scenario, std::vector<std::string>> read(const std::string& text,
                                                      const std::string& file);

}  // namespace sim::scenario
