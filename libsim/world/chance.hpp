// The world's dice: one small generator whose numbers are the same on every machine and with every
// compiler, which the standard's distributions do not promise.
#pragma once

#include <cstdint>

namespace sim {

/// SplitMix64: 64 bits of state, every seed is a good one.
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31U);
    }
    /// 0 up to, not including, `bound`; 0 for a bound of 0. Even enough for bounds below 2^32.
    std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
    /// True `ppm` times in a million.
    bool happens(std::uint32_t ppm) { return ppm != 0 && below(1'000'000) < ppm; }

private:
    std::uint64_t state_;
};

}  // namespace sim
