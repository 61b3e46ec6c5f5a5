// Kernel stamps become monotonic instants that no stepped clock can falsify (BEHAVIOUR HB-7).
#include "libha/runtime/receive_times.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace std::chrono_literals;
using ha::Duration;
using ha::Instant;
using ha::runtime::ClockReading;
using ha::runtime::ReceiveTimes;

/// Both clocks, `since` after the beginning of the test; the wall clock is wrong by `step`.
ClockReading at(Duration since, Duration step = 0s) {
    return {.wall = 1'000'000s + since + step, .monotonic = Instant{50s + since}};
}
Duration stamp(Duration since, Duration step = 0s) {
    return at(since, step).wall;
}
Instant instant(Duration since) {
    return at(since).monotonic;
}

}  // namespace

TEST_CASE("a frame arrived when its stamp says, however late it is read", "[HB-7]") {
    ReceiveTimes times{at(0s)};
    CHECK(times.received_at(stamp(1s), at(1s)) == instant(1s));
    CHECK(times.received_at(stamp(2s), at(9s)) == instant(2s));
}

TEST_CASE("no step of the clock puts a frame into the future or before the last empty queue",
          "[HB-7]") {
    const auto step = GENERATE(-3600'000ms, -1000ms, -1ms, 1ms, 1000ms, 3600'000ms);
    ReceiveTimes times{at(0s)};
    times.queue_was_empty(at(10s));
    const Instant received = times.received_at(stamp(10500ms), at(11s, step));
    CHECK(received >= instant(10s));
    CHECK(received <= instant(11s));
}

TEST_CASE("a frame stamped before a step and read after it keeps its age", "[HB-7]") {
    const auto step = GENERATE(-3600s, -30s, 30s, 3600s);
    ReceiveTimes times{at(0s)};
    times.queue_was_empty(at(10s));
    CHECK(times.received_at(stamp(10400ms), at(11s, step)) == instant(10400ms));
}

TEST_CASE("a frame stamped after a step keeps its age", "[HB-7]") {
    const auto step = GENERATE(-3600s, -30s, 30s, 3600s);
    ReceiveTimes times{at(0s)};
    times.queue_was_empty(at(10s));
    CHECK(times.received_at(stamp(10600ms, step), at(11s, step)) == instant(10600ms));
    times.queue_was_empty(at(11s, step));
    CHECK(times.received_at(stamp(11500ms, step), at(12s, step)) == instant(11500ms));
}

TEST_CASE("a small step that leaves two possible ages never makes a frame older than it is",
          "[HB-7]") {
    ReceiveTimes times{at(0s)};
    times.queue_was_empty(at(10s));
    CHECK(times.received_at(stamp(10900ms), at(11s, 20ms)) >= instant(10900ms));
    times.queue_was_empty(at(20s));
    CHECK(times.received_at(stamp(20900ms, -20ms), at(21s, -20ms)) >= instant(20900ms));
}

TEST_CASE("frames of one queue arrive in order even across a step", "[HB-7]") {
    ReceiveTimes times{at(0s)};
    const Instant first = times.received_at(stamp(800ms), at(1s));
    const Instant second = times.received_at(stamp(900ms, -2h), at(1s));
    CHECK(second >= first);
}
