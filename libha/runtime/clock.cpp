#include "libha/runtime/clock.hpp"

#include <ctime>

namespace ha::runtime {

namespace {

Duration read(clockid_t clock) {
    timespec reading{};
    // Cannot fail: the clocks named below exist on every kernel this program runs on.
    clock_gettime(clock, &reading);
    return std::chrono::seconds{reading.tv_sec} + std::chrono::nanoseconds{reading.tv_nsec};
}

}  // namespace

Instant monotonic_now() {
    return Instant{read(CLOCK_MONOTONIC)};
}

WallTime wall_now() {
    return WallTime{std::chrono::floor<std::chrono::milliseconds>(read(CLOCK_REALTIME))};
}

Duration wall_clock_reading() {
    return read(CLOCK_REALTIME);
}

Duration kernel_uptime() {
    return read(CLOCK_BOOTTIME);
}

}  // namespace ha::runtime
