// See number_set.hpp.
#include "libha/replication/number_set.hpp"

#include <iterator>

namespace ha::replication {

void NumberSet::remove(std::uint64_t number) {
    auto range = ranges_.upper_bound(number);
    if (range == ranges_.begin() || (--range)->second < number)
        return;
    const auto [first, last] = *range;
    ranges_.erase(range);
    if (first < number)
        ranges_.emplace(first, number - 1);
    if (number < last)
        ranges_.emplace(number + 1, last);
}

void NumberSet::remove_below(std::uint64_t number) {
    while (!ranges_.empty() && ranges_.begin()->first < number) {
        const std::uint64_t last = ranges_.begin()->second;
        ranges_.erase(ranges_.begin());
        if (last >= number)
            ranges_.emplace(number, last);
    }
}

bool NumberSet::contains(std::uint64_t number) const {
    const auto range = ranges_.upper_bound(number);
    return range != ranges_.begin() && std::prev(range)->second >= number;
}

}  // namespace ha::replication
