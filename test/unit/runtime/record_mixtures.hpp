// What a disk may hold when power is lost between two flushes: any of the pages and sectors that
// were written since the first, in any order, and no others.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace ha::runtime::test {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kSector = 512;  ///< is written whole or not at all

/// `count` bytes of `later` over those of `file`, from `offset` on.
inline void take_over(std::string& file, const std::string& later, std::size_t offset,
                      std::size_t count) {
    if (file.size() < offset + count)
        file.resize(offset + count, '\0');
    file.replace(offset, count, later, offset, count);
}

/// Where two files differ, in units of `size` bytes, and whether to take each of them.
struct Mixture {
    const std::string& before;
    const std::string& later;
    std::size_t size;
    std::vector<std::size_t> different = {};

    Mixture(const std::string& old_bytes, const std::string& new_bytes, std::size_t unit)
        : before(old_bytes), later(new_bytes), size(unit) {
        for (std::size_t at = 0; at < later.size(); at += size)
            if (at >= before.size() || before.compare(at, size, later, at, size) != 0)
                different.push_back(at);
    }
    /// What is on the disk when the units reached it for which `reached` says so.
    template <typename Reached>
    [[nodiscard]] std::string file(const Reached& reached) const {
        std::string mixed = before;
        for (std::size_t index = 0; index < different.size(); ++index)
            if (reached(index))
                take_over(mixed, later, different[index], size);
        return mixed;
    }
};

/// Every set of the changed pages, or as many as `trials`, and as many of the changed sectors: what
/// a loss of power leaves of writes that no flush has ordered.
template <typename Check>
void every_mixture(const std::string& before, const std::string& later, std::uint32_t trials,
                   std::mt19937& random, const Check& check) {
    const Mixture pages(before, later, kPage);
    const std::size_t bits = std::min<std::size_t>(pages.different.size(), 31);
    const std::uint32_t all = std::uint32_t{1} << bits;
    for (std::uint32_t trial = 0; trial < std::min(all, trials); ++trial) {
        const std::uint32_t set =
            all <= trials ? trial : static_cast<std::uint32_t>(random() % all);
        check(pages.file([set](std::size_t index) { return (set >> index & 1U) != 0; }));
    }
    const Mixture sectors(before, later, kSector);
    for (std::uint32_t trial = 0; trial < trials; ++trial) {
        const auto share = 1 + random() % 15;  // sixteenths: now few of them, now nearly all
        check(sectors.file([&](std::size_t) { return random() % 16 < share; }));
    }
    for (std::size_t lost = 0; lost < sectors.different.size(); ++lost) {
        check(sectors.file([lost](std::size_t index) { return index != lost; }));
        check(sectors.file([lost](std::size_t index) { return index == lost; }));
    }
}

}  // namespace ha::runtime::test
