// The command line of vsmsh.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace vsmsh {

struct Options {
    std::string instance;  ///< empty: the only one that runs
    std::string run_directory;
    std::string socket;                  ///< empty: by instance
    std::vector<std::string> commands;   ///< empty: from standard input
    bool follow = false;                 ///< events instead of commands
    std::optional<std::uint64_t> since;  ///< with follow: the last event that is known
    bool json = false;                   ///< with follow
    bool help = false;
    bool version = false;
};

extern const char* const kUsage;

/// The error is one sentence without the program's name.
tl::expected<Options, std::string> parse_options(int argc, char** argv);

}  // namespace vsmsh
