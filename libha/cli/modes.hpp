// Where a session is: EXEC, or a place of the configuration. The place is the session's, not the
// daemon's: a shell sends it with each line as a printable path and gets the next one back. "" is
// EXEC, "config" the top level, "config/interface Ethernet3/1" a section,
// "attached" the console of the standby.
#pragma once

#include <string>
#include <string_view>

#include "libha/cli/cli.hpp"
#include "libha/cli/engine.hpp"
#include "libha/config/commands.hpp"

namespace ha::cli {

struct Place {
    bool configuring = false;
    std::string section;  ///< header, "" at top level
    config::Mode mode = config::Mode::global;
};

/// The path of a session that uses the console of the standby (SW-6): what it types runs there.
inline constexpr std::string_view kAttached = "attached";
/// `attach module N`: whether that console can be used, and the way to it.
Answer attach_module(const Context& context, unsigned module);

/// EXEC for what is no path of a place.
Place place_of(std::string_view path);
/// Of a place of the configuration.
std::string path_of(std::string_view section);
/// "config-if"; empty for EXEC.
std::string_view prompt_word(std::string_view path);

/// What a supervisor with a configuration has more in EXEC: `configure`, `copy`, `show
/// running-config` …
void add_configuration_commands(Grammar& grammar);
/// The lines of a mode with their `no`, as far as they are about `features`, and `exit` and `end`,
/// beside the commands of EXEC.
void add_mode_commands(Grammar& grammar, config::Mode mode,
                       const std::vector<config::Feature>& features);
/// Answers what those two have added. The context has a configuration.
Answer answer_configuration(const Invocation& invocation, const Context& context);
/// Whether the command changes the configuration, and its answer needs no more of the context than
/// the state of the pair and the lines of the running configuration: nothing that is known of
/// interfaces, modules or files.
bool is_plain_change(const Invocation& invocation, const Place& place);
/// Commands of these two functions have numbers from here.
inline constexpr int kFirstConfigurationCommand = 1000;

}  // namespace ha::cli
