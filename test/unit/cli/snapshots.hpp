// Snapshots of the situations an operator looks at, for the tests of the commands.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "libha/cli/cli.hpp"

namespace ha::cli::test {

/// A name for golden/<name>.txt and what the supervisor shows then.
using Situation = std::pair<std::string, Context>;
std::vector<Situation> situations();
Context situation(const std::string& name);

}  // namespace ha::cli::test
