// See ring.hpp.
#include "libha/events/ring.hpp"

#include <algorithm>

namespace ha::events {

void Ring::add(KeptEvent event) {
    events_.push_back(std::move(event));
    if (events_.size() > capacity_)
        events_.pop_front();
}

std::vector<KeptEvent> Ring::after(std::uint64_t sequence, std::size_t limit) const {
    const auto first =
        std::ranges::upper_bound(events_, sequence, {}, [](const auto& e) { return e.sequence; });
    const auto count = std::min(limit, static_cast<std::size_t>(events_.end() - first));
    return {first, first + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace ha::events
