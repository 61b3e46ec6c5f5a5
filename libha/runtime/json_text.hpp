// JSON from outside, read without exceptions and with a bound on nesting: printing and destroying a
// value recurses.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace ha::runtime {

inline constexpr int kMaximumJsonDepth = 16;

/// A discarded value when the text is no JSON or nested deeper than kMaximumJsonDepth.
nlohmann::json parse_json(std::string_view text);

}  // namespace ha::runtime
