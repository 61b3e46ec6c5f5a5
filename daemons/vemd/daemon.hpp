// vemd, put together: configuration, lock, log, store, control socket and the executor of the
// module. Everything that decides is elsewhere.
#pragma once

#include <string>

namespace vemd {

/// Runs until the module is stopped. Returns the exit status.
int run(const std::string& configuration_file);

}  // namespace vemd
