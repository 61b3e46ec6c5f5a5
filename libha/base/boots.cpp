// See boots.hpp.
#include "libha/base/boots.hpp"

#include <algorithm>

namespace ha {

std::uint32_t next_boot(std::uint32_t stored, WallTime now) {
    using QuarterSeconds = std::chrono::duration<std::int64_t, std::ratio<1, 4>>;
    constexpr WallTime kYear2020{std::chrono::seconds{1577836800}};
    const auto since = std::chrono::duration_cast<QuarterSeconds>(now - kYear2020).count();
    // Bounded, so that a clock in the far future leaves numbers to count on.
    const auto clock = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(since, 1, std::int64_t{UINT32_MAX} / 4 * 3));
    return std::max(stored == UINT32_MAX ? stored : stored + 1, clock);
}

Incarnation make_incarnation(std::uint32_t boots, WallTime now, std::uint32_t random_bits) {
    const auto since = std::chrono::milliseconds{now.time_since_epoch()}.count();
    const auto rest = static_cast<std::uint32_t>((since % 250 + 250) % 250);
    return static_cast<Incarnation>(std::uint64_t{boots} << 32U | rest << 24U |
                                    (random_bits & 0xffffffU));
}

}  // namespace ha
