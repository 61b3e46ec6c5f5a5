// vsmsh --follow: the events of a node as they happen, over restarts of its daemon.
#pragma once

#include "daemons/vsmsh/connection.hpp"
#include "daemons/vsmsh/options.hpp"

namespace vsmsh {

/// Prints events until nobody reads them any more, or the daemon has been away for too long. The
/// exit status.
int follow(const Connection& connection, const Options& options);

}  // namespace vsmsh
