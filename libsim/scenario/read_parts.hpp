// What the readers of labs, steps and expectations share: what is known so far of the lab, and the
// parts that many steps have. Each function tells its mistakes to the section's problems.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libha/yaml/section.hpp"
#include "libsim/scenario/scenario.hpp"
#include "libsim/scenario/words.hpp"

namespace sim::scenario {

using ha::yaml::Need;
using ha::yaml::Node;
using ha::yaml::quoted;
using ha::yaml::Section;

/// What a step may refer to, in the order of the file.
struct Known {
    Lab lab;
    std::set<std::string> nodes;  ///< plugged in
    std::set<std::string> pings;
};

inline constexpr std::size_t kMaximumText = 4096;

/// A scalar as it is; "" for null.
std::string scalar_of(const Node& node);
Setting setting_of(const Node& node);

/// `name` is a node; told as a mistake of `key`'s item, or of `key` itself.
bool check_node_name(Section& section, std::string_view key, const std::string& name,
                     std::optional<std::size_t> item = std::nullopt);
/// A node that is in the lab by now. Empty on a mistake.
std::string read_node(Section& section, std::string_view key, const Known& known);
/// The items of a list of nodes that are in the lab by now, each once.
std::vector<std::string> read_nodes(Section& section, std::string_view key, const Known& known);
/// Any text of one line.
std::string read_text(Section& section, std::string_view key, std::string_view what);
/// One of them or a list, which is not empty.
std::vector<std::string> read_text_or_list(Section& section, std::string_view key,
                                           std::string_view what);
Cable read_cable(Section& section);
Direction read_direction(Section& section);
/// A duration in milliseconds with up to 3 decimals.
std::optional<Duration> read_milliseconds(Section& section, std::string_view key,
                                          std::int64_t minimum_ms, std::int64_t maximum_ms,
                                          Need need);
std::optional<Chance> read_percent(Section& section);
/// A time that is not negative in this lab.
std::optional<TimeExpression> read_time(Section& section, std::string_view key, const Known& known);

/// One of `words`, as the enumeration they belong to.
template <typename Enum>
std::optional<Enum> read_word(Section& section, std::string_view key,
                              std::span<const std::string_view> words, Need need = Need::optional) {
    const auto index = section.choice(key, words, need);
    return index ? std::optional(static_cast<Enum>(*index)) : std::nullopt;
}

/// Told when the file is to be played in a world that cannot do `what`.
void require_sim_only(Section& section, std::string_view what, const Known& known);

Expectation read_expectation(Section& section, const Known& known);
std::vector<Step> read_steps(Section& parent, std::string_view key, Known& known);

}  // namespace sim::scenario
