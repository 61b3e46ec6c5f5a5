// Times of a scenario, written in the product's own units so that one file fits all timers:
// 3T, 0.5T + h, 6h - 100 ms, 1.5 s, 10 min. They stay sums of terms until somebody says how long h,
// T and H are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "libha/base/time.hpp"

namespace sim::scenario {

using ha::Duration;

enum class Unit : std::uint8_t {
    heartbeat,
    loss_interval,
    headless,
    milliseconds,
    seconds,
    minutes
};

/// How long the product's units are in one lab.
struct Units {
    Duration heartbeat{};      ///< h
    Duration loss_interval{};  ///< T
    Duration headless{};       ///< H, the time after which a module goes headless
    friend bool operator==(const Units&, const Units&) = default;
};

/// The largest count of a term, and the largest sum of several with it.
inline constexpr std::int64_t kMaximumCount = 100'000;

struct Term {
    std::int64_t thousandths = 1000;  ///< may be negative: "- 2h"
    Unit unit = Unit::heartbeat;
    friend bool operator==(const Term&, const Term&) = default;
};

/// A sum of terms; none stands for no time at all.
struct TimeExpression {
    std::vector<Term> terms{};
    friend bool operator==(const TimeExpression&, const TimeExpression&) = default;
};

/// Whole counts: times(2, Unit::loss_interval) is 2T.
TimeExpression times(std::int64_t count, Unit unit);
/// Whole nanoseconds are rounded to microseconds: as "1.5 ms".
TimeExpression exactly(Duration duration);

/// Reads "T + 2h". The error says what is wrong and shows how times look.
tl::expected<TimeExpression, std::string> parse_time(std::string_view text);
/// "0.5T + h", as parse_time reads it; "0 ms" for none.
std::string to_string(const TimeExpression& time);
/// May be negative.
Duration evaluate(const TimeExpression& time, const Units& units);

}  // namespace sim::scenario
