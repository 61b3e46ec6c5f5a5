#include "libha/runtime/receive_times.hpp"

#include <algorithm>

namespace ha::runtime {

namespace {

Duration offset_of(const ClockReading& reading) {
    return reading.wall - reading.monotonic.time_since_epoch();
}

}  // namespace

ReceiveTimes::ReceiveTimes(const ClockReading& opened)
    : earliest_(opened.monotonic), offset_(offset_of(opened)) {}

Instant ReceiveTimes::received_at(Duration stamp, const ClockReading& now) {
    const Duration oldest = std::max(now.monotonic - earliest_, Duration::zero());
    const Duration by_new_offset = now.wall - stamp;
    const Duration by_old_offset = now.monotonic.time_since_epoch() + offset_ - stamp;
    const auto possible = [oldest](Duration age) {
        return age >= Duration::zero() && age <= oldest;
    };

    Duration age = std::clamp(by_new_offset, Duration::zero(), oldest);
    if (possible(by_old_offset))
        age = possible(by_new_offset) ? std::min(by_new_offset, by_old_offset) : by_old_offset;

    const Instant arrived = now.monotonic - age;
    earliest_ = std::max(earliest_, arrived);
    return arrived;
}

void ReceiveTimes::queue_was_empty(const ClockReading& before) {
    earliest_ = std::max(earliest_, before.monotonic);
    offset_ = offset_of(before);
}

}  // namespace ha::runtime
