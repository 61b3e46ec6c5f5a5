// When the peer was last heard, and what follows from silence: degraded mode after half of T
// without a frame on control, loss after T without one on any port (HB-3, LOSS-1, LOSS-2). Judged
// by kernel receive time; an own stall grants the peer time to be heard again (HB-7).
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "libha/redundancy/types.hpp"

namespace ha::redundancy {

class Liveness {
public:
    void configure(Duration heartbeat_interval, Duration loss_interval) {
        heartbeat_interval_ = heartbeat_interval;
        loss_interval_ = loss_interval;
    }

    /// A new peer, or a new relation to it: it counts as heard now.
    void start(Instant now) { since_.fill(now); }
    /// received_at of queued frames may be older than what another port already gave.
    void heard(PortKind port, Instant received_at) {
        Instant& since = since_[index_of(port)];
        since = std::max(since, received_at);
    }
    /// This process did not run for a while: frames may have been lost unread, so silence so far
    /// proves nothing. At least two heartbeats' time is left from now on until control or the peer
    /// is given up.
    void forgive_stall(Instant now) {
        const Duration grace = 2 * heartbeat_interval_;
        Instant& control = since_[index_of(PortKind::control)];
        control = std::max(control, now + grace - loss_interval_);
    }

    [[nodiscard]] Instant loss_deadline() const {
        return std::max(since_[0], since_[1]) + loss_interval_;
    }
    /// Half of T in whole heartbeats, rounded up: 8 at the default (HB-3).
    [[nodiscard]] Instant degraded_deadline() const {
        return since_[index_of(PortKind::control)] + degraded_after();
    }
    [[nodiscard]] Duration degraded_after() const {
        const auto twice = 2 * heartbeat_interval_;
        const auto heartbeats = (loss_interval_ + twice - Duration{1}) / twice;
        return heartbeats * heartbeat_interval_;
    }

private:
    Duration heartbeat_interval_{std::chrono::seconds{1}};
    Duration loss_interval_{std::chrono::seconds{15}};
    std::array<Instant, kPortCount> since_{};
};

}  // namespace ha::redundancy
