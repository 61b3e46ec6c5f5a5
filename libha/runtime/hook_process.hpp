// One run of a command: its input, what it prints, its time limit, and its end with everything it
// left in its process group. Relates to hook_runner.hpp; knows nothing of events.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "libha/base/time.hpp"

namespace ha::runtime {

/// What of its output is told.
inline constexpr std::size_t kMaximumHookLines = 20;
inline constexpr std::size_t kMaximumHookLine = 200;  ///< bytes

struct HookRun {
    std::vector<std::string> command;      ///< not empty; the program by its path
    std::vector<std::string> environment;  ///< "NAME=value"; nothing else is passed on
    std::string input;                     ///< at most 64 KiB: what a pipe takes at once
    Duration limit{};
    /// An event descriptor that is readable when the run is to end early; -1: none.
    int hurry = -1;
    Duration hurry_limit{};  ///< how long it may still go on after that
};

/// Runs the command and waits for its end, at most as long as it may take; then it is killed with
/// its process group. What is left of the group is killed as well when the command has ended. Each
/// line of its output is given to `tell`, within the bounds. Empty when it ended with status 0, or
/// one sentence: why it could not be started, its status, its signal, or that it was killed.
std::string run_hook_process(const HookRun& run,
                             const std::function<void(const std::string& line)>& tell);

}  // namespace ha::runtime
