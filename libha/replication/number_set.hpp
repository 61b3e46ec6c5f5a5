// A set of numbers, kept as ranges: what of a stream is there beyond its first gap. Adding and
// removing take the logarithm of the ranges there are, plus what is added.
#pragma once

#include <cstdint>
#include <map>

namespace ha::replication {

class NumberSet {
public:
    /// Adds `first`…`last`, 1 ≤ first ≤ last < 2^64 - 1. Calls `added(from, to)` for each part that
    /// was not in yet, ascending.
    template <typename Added>
    void add(std::uint64_t first, std::uint64_t last, Added added) {
        auto range = ranges_.upper_bound(first);
        if (range != ranges_.begin() && std::prev(range)->second + 1 >= first)
            range = std::prev(range);
        else
            range = ranges_.emplace_hint(range, first, first - 1);  // empty until extended below
        std::uint64_t& end = range->second;
        for (auto after = std::next(range);
             after != ranges_.end() && after->first <= last + 1 && end < last;
             after = ranges_.erase(after)) {
            if (end + 1 < after->first)
                added(end + 1, after->first - 1);
            end = after->second;
        }
        if (end < last) {
            added(end + 1, last);
            end = last;
        }
    }
    /// Adds `number`; false when it was in.
    bool add(std::uint64_t number) {
        bool is_new = false;
        add(number, number, [&is_new](std::uint64_t, std::uint64_t) { is_new = true; });
        return is_new;
    }
    void remove(std::uint64_t number);
    void remove_below(std::uint64_t number);
    void clear() { ranges_.clear(); }
    [[nodiscard]] bool contains(std::uint64_t number) const;
    /// First to last of each range, ascending; ranges never touch each other.
    [[nodiscard]] const std::map<std::uint64_t, std::uint64_t>& ranges() const { return ranges_; }

private:
    std::map<std::uint64_t, std::uint64_t> ranges_;
};

}  // namespace ha::replication
