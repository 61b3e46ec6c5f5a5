// Whether this process may do what a daemon of the suite must, as one sentence that names the
// missing capability.
#pragma once

#include <string>

namespace ha::runtime {

/// Empty when nothing is missing.
std::string missing_permission();

}  // namespace ha::runtime
