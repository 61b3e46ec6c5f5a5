// SIGHUP: takes from the configuration file what can change without a restart.
#pragma once

#include <optional>

#include "libvem/runtime/configuration.hpp"

namespace ha::runtime {
class Log;
}

namespace vemd {

/// Keys and log settings are taken; what else differs is named in the log and waits for a restart.
/// A file with an error changes nothing. The keyring, when it changed.
std::optional<ha::wire::Keyring> reread_configuration(
    vem::runtime::ModuleConfiguration& configuration, ha::runtime::Log& log);

}  // namespace vemd
