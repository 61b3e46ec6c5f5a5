// From what a command line asks for to what a supervisor takes, and from what it keeps to what its
// commands show: the same for every owner of a supervisor.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libha/cli/cli.hpp"
#include "libha/records/database.hpp"

namespace ha::cli {

/// What the supervisor is to do; `by` says who asks, and may say nothing.
supervisor::Input input_of(Action action, const supervisor::Operator& by);

/// The command as the accounting log has it.
std::string command_of(const Request& request);

/// With the command as the accounting log has it; who asks, when, and the ticket are the caller's
/// to fill in. Nothing for an Action and for what needs a file.
std::optional<supervisor::ChangeRequested> change_of(const Request& request);

/// What the records say of the configuration, as they were at one moment: quick to copy.
struct KeptConfiguration {
    config::Configuration running;
    config::Configuration startup;
    std::optional<WallTime> startup_saved;
    std::vector<std::string> accounting;  ///< as they are stored, oldest first
};
KeptConfiguration kept_configuration(const records::Database& records);

/// What a supervisor obeys of a configuration.
const std::vector<config::Feature>& obeyed_features();

/// The same for the commands of the configuration, with the modules that are known and with what a
/// supervisor obeys.
ConfigurationView view_of(KeptConfiguration kept, const supervisor::Snapshot& snapshot);

}  // namespace ha::cli
