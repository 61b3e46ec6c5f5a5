// vsmd, put together: configuration, lock, log, store, control socket and the executor of the
// supervisor. Everything that decides is elsewhere.
#pragma once

#include <string>
#include <vector>

namespace vsmd {

/// Runs until the supervisor ends. `arguments` are main's, for starting anew. Returns the exit
/// status.
int run(const std::string& configuration_file, char* const* arguments);

}  // namespace vsmd
