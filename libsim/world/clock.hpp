// A node's monotonic clock, which begins where it likes and may run fast or slow.
#pragma once

#include <cstdint>

#include "libha/base/time.hpp"

namespace sim {

class Clock {
public:
    /// At the world's `now` the node's clock shows `local`.
    Clock(ha::Instant now, ha::Instant local) : world_base_(now), local_base_(local) {}

    /// From `now` on it gains `drift_ppm` millionths, between -200 000 and 200 000.
    void set_drift(ha::Instant now, std::int32_t drift_ppm);
    [[nodiscard]] ha::Instant local(ha::Instant world) const;
    /// The earliest time of the world at which the node's clock shows `local` or later; kNever for
    /// kNever.
    [[nodiscard]] ha::Instant world(ha::Instant local) const;

private:
    ha::Instant world_base_;
    ha::Instant local_base_;
    std::int64_t drift_ppm_ = 0;
};

}  // namespace sim
