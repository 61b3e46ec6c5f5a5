// A process that was stopped notices it, once, and a busy one is not mistaken for it (BEHAVIOUR
// HB-7).
#include "libha/base/stall_detector.hpp"

#include <catch2/catch.hpp>

using namespace ha;
using namespace std::chrono_literals;

namespace {
Instant at(Duration since) {
    return Instant{since};
}
}  // namespace

TEST_CASE("waking up later than half a heartbeat is a stall, told once", "[HB-7]") {
    StallDetector stalls(100ms);
    CHECK(stalls.woke(at(1s)) == 0s);
    stalls.sleeps_until(at(2s));
    CHECK(stalls.woke(at(2s + 50ms)) == 0s);
    stalls.sleeps_until(at(3s));
    CHECK(stalls.woke(at(10s)) == 7s);
    // The deadline is still overdue when the frames that waited are read.
    stalls.sleeps_until(at(3s));
    CHECK(stalls.woke(at(10s + 1ms)) == 0s);
    stalls.sleeps_until(at(3s));
    CHECK(stalls.woke(at(12s)) == 2s - 1ms);
}

TEST_CASE("a process that runs early or has nothing to do is not stalled", "[HB-7]") {
    StallDetector stalls(5ms);
    stalls.sleeps_until(kNever);
    CHECK(stalls.woke(at(100s)) == 0s);
    stalls.sleeps_until(at(200s));
    CHECK(stalls.woke(at(150s)) == 0s);
    // With short heartbeats a delay of less than 2 ms is normal scheduling.
    stalls.sleeps_until(at(200s));
    CHECK(stalls.woke(at(200s + 2ms)) == 0s);
}
