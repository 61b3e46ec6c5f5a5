// vemd, put together: configuration, lock, log, store, control socket and the executor of the
// module. Everything that decides is elsewhere.
#pragma once

#include <string>

namespace vemd {

/// Runs until the module is stopped. `arguments` are main's, for starting anew. Returns the exit
/// status.
int run(const std::string& configuration_file, char* const* arguments);

}  // namespace vemd
