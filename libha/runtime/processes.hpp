// The threads of this process, as `show processes` lists them.
#pragma once

#include <vector>

#include "libha/cli/cli.hpp"

namespace ha::runtime {

/// In the order of their numbers. Reads /proc, so not for the thread that answers heartbeats.
std::vector<cli::Process> own_processes();

}  // namespace ha::runtime
