// vsmd, put together: configuration, lock, log, store, control socket and the executor of the
// supervisor. Everything that decides is elsewhere.
#pragma once

#include "libha/runtime/daemon_command_line.hpp"

namespace vsmd {

/// Runs until the supervisor ends. `arguments` are main's, for starting anew. Returns the exit
/// status.
int run(const ha::runtime::Invocation& invocation, char* const* arguments);

}  // namespace vsmd
