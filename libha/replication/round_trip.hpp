// How long a frame and its acknowledgement take, measured, and how long to wait for one (the
// estimator of RFC 6298).
#pragma once

#include <algorithm>

#include "libha/base/time.hpp"
#include "libha/replication/channel_options.hpp"

namespace ha::replication {

class RoundTrip {
public:
    explicit RoundTrip(const ChannelOptions& options)
        : first_(options.first_timeout),
          shortest_(options.minimum_timeout),
          longest_(options.maximum_timeout) {}

    /// `sample`: from sending a frame to its acknowledgement. Only of frames that were sent once
    /// (Karn's rule): nobody can tell which sending of a repeated one was answered.
    void measure(Duration sample) {
        sample = std::max(sample, Duration{1});
        if (!measured()) {
            smoothed_ = minimum_ = sample;
            variation_ = sample / 2;
        } else {
            const Duration error = sample > smoothed_ ? sample - smoothed_ : smoothed_ - sample;
            variation_ += (error - variation_) / 4;
            smoothed_ += (sample - smoothed_) / 8;
            minimum_ = std::min(minimum_, sample);
        }
    }

    /// How long to wait after `timeouts` in a row.
    [[nodiscard]] Duration timeout(unsigned timeouts) const {
        Duration wait = measured() ? smoothed_ + std::max(4 * variation_, kGranularity) : first_;
        wait = std::clamp(wait, shortest_, longest_);
        for (; timeouts > 0 && wait < longest_; --timeouts)
            wait *= 2;
        return std::min(wait, longest_);
    }

    [[nodiscard]] bool measured() const { return smoothed_ != Duration::zero(); }
    /// Zero until measured.
    [[nodiscard]] Duration smoothed() const { return smoothed_; }
    [[nodiscard]] Duration minimum() const { return minimum_; }

private:
    /// What the timer of an owner may be late.
    static constexpr Duration kGranularity = std::chrono::milliseconds{1};

    Duration first_;
    Duration shortest_;
    Duration longest_;
    Duration smoothed_{0};
    Duration variation_{0};
    Duration minimum_{0};
};

}  // namespace ha::replication
