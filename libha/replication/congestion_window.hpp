// How many frames may be under way: additive increase, multiplicative decrease, in frames.
//
// On the LAN that this is for, a round trip takes a fraction of a millisecond, so one frame more
// for each round trip that went well is a thousand frames more after a second: AIMD recovers at
// once, and nothing cleverer is needed. The start is generous because both ends of the cable belong
// to the pair, and the upper limit is what a receiver's ring can hold.
#pragma once

#include <algorithm>
#include <cstddef>

namespace ha::replication {

class CongestionWindow {
public:
    static constexpr std::size_t kFirst = 64;
    static constexpr std::size_t kSmallest = 8;

    explicit CongestionWindow(std::size_t limit)
        : limit_(std::max(limit, kSmallest)), frames_(std::min(kFirst, limit_)) {}

    [[nodiscard]] std::size_t frames() const { return frames_; }

    /// `count` frames arrived while as many were under way as may be.
    void on_delivered(std::size_t count) {
        if (frames_ < threshold_) {
            frames_ += count;
        } else {
            for (credit_ += count; credit_ >= frames_; ++frames_)
                credit_ -= frames_;
        }
        frames_ = std::min(frames_, limit_);
    }
    /// Something was lost: at most once for what was under way together.
    void on_loss() {
        frames_ = threshold_ = std::max(kSmallest, frames_ * 7 / 10);
        credit_ = 0;
    }
    /// Nothing gets through.
    void on_silence() {
        if (frames_ > kSmallest) {
            frames_before_ = frames_;
            threshold_before_ = threshold_;
            threshold_ = std::max(kSmallest, frames_ / 2);
        }
        frames_ = kSmallest;
        credit_ = 0;
    }
    /// The silence was none: what was sent before it arrived, only later than expected.
    void on_late_arrival() {
        frames_ = std::max(frames_, frames_before_);
        threshold_ = std::max(threshold_, threshold_before_);
        frames_before_ = threshold_before_ = 0;
    }

private:
    std::size_t limit_;
    std::size_t frames_;
    std::size_t threshold_ = ~std::size_t{0};  ///< below it one more for each frame that arrives
    std::size_t frames_before_ = 0;            ///< a silence
    std::size_t threshold_before_ = 0;
    std::size_t credit_ = 0;
};

}  // namespace ha::replication
