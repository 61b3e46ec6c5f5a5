// The command line that vsmd and vemd share: one configuration file, checked or run. Everything
// else of a daemon is in its configuration.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace ha::runtime {

/// What a daemon is to run with.
struct Invocation {
    std::string file;     ///< the configuration
    std::string journal;  ///< of --journal; empty: none
};

struct DaemonCommandLine {
    std::string program;       ///< "vsmd"
    std::string help;          ///< what --help prints, whole
    std::string default_file;  ///< read when no file is named
    /// Every error of the file, one a line; empty when it is good.
    std::function<std::vector<std::string>(const std::string& file)> check;
    /// Runs the daemon until it ends and gives its exit status.
    std::function<int(const Invocation& invocation)> run;
    bool takes_journal = false;  ///< there is an option --journal FILE
};

/// Parses the arguments and does what they ask. The exit status: what run() gave, 0 after --help,
/// --version and a good --check-config, 2 for wrong usage or a bad configuration.
int run_command_line(const DaemonCommandLine& daemon, int argc, char** argv);

}  // namespace ha::runtime
