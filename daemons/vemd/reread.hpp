// SIGHUP: takes from the configuration file what can change without a restart.
#pragma once

#include <optional>
#include <string>

#include "libvem/runtime/configuration.hpp"

namespace ha::runtime {
class Log;
}

namespace vemd {

struct Reread {
    std::optional<ha::wire::Keyring> keyring;  ///< when it is another one
    /// Behind the status line, with "; " before it: what waits, or that the file was refused.
    std::string note;
};

/// Keys, hooks and log settings are taken; what else differs is named in the log and waits for a
/// restart. A file with an error changes nothing.
Reread reread_configuration(vem::runtime::ModuleConfiguration& configuration,
                            ha::runtime::Log& log);

}  // namespace vemd
