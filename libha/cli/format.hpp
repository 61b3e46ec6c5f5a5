// How the commands print times and lengths of time. Private to libha/cli.
#pragma once

#include <optional>
#include <string>

#include "libha/base/dates.hpp"
#include "libha/base/time.hpp"
#include "libha/cli/cli.hpp"

namespace ha::cli {

/// The age of something in milliseconds, never negative.
std::int64_t age_ms(const Context& context, Instant at);
Value optional_age_ms(const Context& context, const std::optional<Instant>& at);
/// "85 ms", "12.3 s", "5m 12s", "3h 05m", "2d 04h".
std::string format_age(Duration age);
std::string format_age(const Context& context, Instant at);
/// "never" when there is none.
std::string format_age(const Context& context, const std::optional<Instant>& at);

/// The date of an instant, as the wall clock has it now. UTC like every date here.
WallTime date_of(const Context& context, Instant at);

struct Split {
    std::int64_t days = 0;
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    std::int64_t seconds = 0;
};
Split split(Duration duration);

/// A text in at least `width` columns.
std::string padded(std::string text, std::size_t width);

}  // namespace ha::cli
