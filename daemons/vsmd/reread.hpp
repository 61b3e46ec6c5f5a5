// The configuration file read again, at SIGHUP and before a restart, and what the log makes of it
// and of the configuration that operators give.
#pragma once

#include <optional>
#include <string>

#include "libha/config/settings.hpp"
#include "libha/runtime/configuration.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/trap_sender.hpp"

namespace vsmd {

/// Waits for the disk, so not for the loop's thread while the pair runs. A file with an error is
/// told, and none is returned.
std::optional<ha::runtime::SupervisorConfiguration> reread_configuration(const std::string& file,
                                                                         ha::runtime::Log& log);

ha::runtime::LogOptions log_options(const ha::runtime::SupervisorConfiguration& configuration);
/// Opens the log file anew, so that it can be moved away first. Waits for the disk.
void take_log_settings(const ha::runtime::SupervisorConfiguration& configuration,
                       ha::runtime::Log& log);

/// What the lines `hostname` and `logging …` ask of the log; files are below the state directory.
ha::runtime::LogRules log_rules(const ha::config::Settings& all,
                                const std::string& state_directory);

/// What the lines `snmp-server …` ask to be sent.
ha::runtime::TrapRules trap_rules(const ha::config::SnmpSettings& settings);

/// "setup, timers": what differs and waits for a reload; empty when nothing does.
std::string waiting_changes(const ha::runtime::SupervisorConfiguration& current,
                            const ha::runtime::SupervisorConfiguration& reread);

bool same_keys(const ha::wire::Keyring& one, const ha::wire::Keyring& other);

}  // namespace vsmd
