// The words of the language for each of its enumerations, in the order of their values: the reader,
// the writer and everything that describes a scenario take them from here.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "libsim/scenario/scenario.hpp"

namespace sim::scenario {

inline constexpr std::array<std::string_view, 2> kPortWords{"control", "mgmt"};
inline constexpr std::array<std::string_view, 3> kCableWords{"control", "mgmt", "all"};
inline constexpr std::array<std::string_view, 3> kDirectionWords{"both", "in", "out"};
inline constexpr std::array<std::string_view, 2> kTimersWords{"fast", "nx-os"};
inline constexpr std::array<std::string_view, 6> kSignalWords{"stop", "kill",    "freeze",
                                                              "thaw", "hang_up", "crash"};
inline constexpr std::array<std::string_view, 3> kPowerOffDiskWords{"kept", "lost", "torn"};
inline constexpr std::array<std::string_view, 11> kInjectKindWords{
    "replayed",      "reflected",      "corrupted",    "truncated",  "random",       "wrong-length",
    "wrong-version", "foreign-domain", "unlearnt-mac", "wrong-port", "clashing-role"};
inline constexpr std::array<std::string_view, 7> kCheckWords{
    "equals", "not", "matches", "contains", "at_least", "at_most", "absent"};
inline constexpr std::array<std::string_view, 2> kSinceWords{"action", "start"};
inline constexpr std::array<std::string_view, 4> kStatusWords{"state", "redundancy", "mode",
                                                              "degraded"};
inline constexpr std::array<std::string_view, 7> kProcessWords{
    "running", "frozen", "stopped", "killed", "crashed", "failed", "not started"};
inline constexpr std::array<std::string_view, 3> kWatchingWords{"within", "always_for",
                                                                "never_for"};

template <typename Enum, std::size_t count>
std::string word_of(const std::array<std::string_view, count>& words, Enum value) {
    return std::string(words[static_cast<std::size_t>(value)]);
}

/// The names of the product's frame types, in the order of their numbers from 1.
std::span<const std::string_view> frame_type_words();
/// The same and the two kinds of announcement, which are frames of the kernel.
std::span<const std::string_view> seen_frame_words();
/// "12.5" for 125 000 millionths.
std::string percent_of(Chance chance);
/// Milliseconds with as many decimals as there are.
std::string milliseconds_of(Duration duration);

}  // namespace sim::scenario
