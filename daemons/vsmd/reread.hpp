// SIGHUP: takes from the configuration file what can change without a restart.
#pragma once

#include <optional>

#include "libha/runtime/configuration.hpp"

namespace ha::runtime {
class Log;
}

namespace vsmd {

/// Keys, log settings and host name are taken; what else differs is named in the log and waits for
/// a reload. A file with an error changes nothing. The keyring, when it changed.
std::optional<ha::wire::Keyring> reread_configuration(
    ha::runtime::SupervisorConfiguration& configuration, ha::runtime::Log& log);

}  // namespace vsmd
