// Time as the pure machines see it: monotonic instants that somebody else read, and wall-clock
// times that are only ever shown. Nothing here can ask what time it is; the runtime does.
#pragma once

#include <chrono>
#include <cstdint>

namespace ha {

/// A length of time. No bare integer ever stands for one.
using Duration = std::chrono::nanoseconds;

/// The monotonic clock of the node, without a way to read it. Its origin means nothing; instants of
/// two nodes, or of two boots, are never compared (BEHAVIOUR HB-7, SB-5).
struct MonotonicClock {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonotonicClock>;
    static constexpr bool is_steady = true;
};

using Instant = MonotonicClock::time_point;

/// Later than every deadline: "nothing to do".
inline constexpr Instant kNever = Instant::max();

/// A date to print. Never an input of a decision.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

}  // namespace ha
