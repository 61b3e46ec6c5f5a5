// See clock.hpp. Whole numbers only: a run must not depend on how a machine rounds.
#include "libsim/world/clock.hpp"

#include <algorithm>

namespace sim {

using ha::Duration;
using ha::Instant;

namespace {
constexpr std::int64_t kMillion = 1'000'000;
}

void Clock::set_drift(Instant now, std::int32_t drift_ppm) {
    local_base_ = local(now);
    world_base_ = now;
    drift_ppm_ = std::clamp(drift_ppm, -200'000, 200'000);
}

Instant Clock::local(Instant world) const {
    const std::int64_t since = (world - world_base_).count();
    const std::int64_t gained =
        since / kMillion * drift_ppm_ + since % kMillion * drift_ppm_ / kMillion;
    return local_base_ + Duration{since + gained};
}

Instant Clock::world(Instant local) const {
    if (local == ha::kNever)
        return ha::kNever;
    const std::int64_t since = (local - local_base_).count();
    if (drift_ppm_ == 0)
        return world_base_ + Duration{since};
    const std::int64_t rate = kMillion + drift_ppm_;
    Instant guess =
        world_base_ + Duration{since / rate * kMillion + since % rate * kMillion / rate};
    while (this->local(guess) < local)
        guess += Duration{1};
    return guess;
}

}  // namespace sim
