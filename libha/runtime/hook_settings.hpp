// Section `hooks` of the configurations of vsmd and vemd: which command runs on which events.
// Relates to hook_runner.hpp, which runs them.
#pragma once

#include <string>
#include <vector>

#include "libha/yaml/section.hpp"

namespace ha::runtime {

inline constexpr std::size_t kMaximumHooks = 64;
inline constexpr unsigned kDefaultHookSeconds = 10;
inline constexpr unsigned kMaximumHookSeconds = 3600;

struct HookSettings {
    std::vector<std::string> on;   ///< patterns of event names (events::matches)
    std::vector<std::string> run;  ///< the program, by its absolute path, and its arguments
    unsigned limit_seconds = kDefaultHookSeconds;
    friend bool operator==(const HookSettings&, const HookSettings&) = default;
};

/// Whether one of its patterns matches.
bool is_for(const HookSettings& hook, const std::string& event_name);

/// Key `hooks`, a list of mappings {on, run, limit_seconds}; without it there is none.
std::vector<HookSettings> read_hooks(yaml::Section& root);

}  // namespace ha::runtime
