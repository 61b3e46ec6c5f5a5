// Notices that this process did not run when it should have (BEHAVIOUR HB-7). Pure: told the time.
#pragma once

#include <algorithm>

#include "libha/base/time.hpp"

namespace ha {

class StallDetector {
public:
    explicit StallDetector(Duration heartbeat_interval)
        : limit_(std::max(heartbeat_interval / 2, Duration{std::chrono::milliseconds{2}})) {}

    /// The process goes to sleep and wants to be woken at `deadline`.
    void sleeps_until(Instant deadline) { deadline_ = deadline; }

    /// The process runs. How long it was kept from running, zero when it was not; told once.
    Duration woke(Instant now) {
        const Instant due = std::max(deadline_, ran_at_);
        ran_at_ = now;
        return due < now && now - due > limit_ ? now - due : Duration::zero();
    }

private:
    Duration limit_;
    Instant deadline_ = kNever;
    Instant ran_at_ = Instant::min();
};

}  // namespace ha
