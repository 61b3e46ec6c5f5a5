// See collisions.hpp.
#include "libha/redundancy/collisions.hpp"

#include <algorithm>

namespace ha::redundancy {

CollisionTable::Noted CollisionTable::note(const MacAddress& mac, PortKind port, Instant at) {
    for (Entry& entry : entries_) {
        if (entry.collision.mac != mac)
            continue;
        entry.collision.port = port;
        entry.collision.latest_at = std::max(entry.collision.latest_at, at);
        ++entry.collision.count;
        const bool log = at - entry.logged_at >= kLogInterval;
        if (log)
            entry.logged_at = at;
        return {Outcome::refreshed, {}, log};
    }
    const Entry fresh{{mac, port, at, at, 1}, at};
    if (entries_.size() < kMaximumCollisions) {
        entries_.push_back(fresh);
        return {Outcome::added, {}, true};
    }
    const auto oldest =
        std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
            return a.collision.latest_at < b.collision.latest_at;
        });
    overwritten_mac_ = oldest->collision.mac;
    overwritten_at_ = at;
    ++overwritten_count_;
    *oldest = fresh;
    // Anybody can send from a new MAC each time: the lines must not follow the frames.
    const bool log = !overwrite_logged_at_ || at - *overwrite_logged_at_ >= std::chrono::seconds{1};
    if (log)
        overwrite_logged_at_ = at;
    return {Outcome::overwrote, overwritten_mac_, log};
}

std::vector<Collision> CollisionTable::expire(Instant now) {
    std::vector<Collision> gone;
    std::erase_if(entries_, [&](const Entry& entry) {
        const bool old = entry.collision.latest_at + kLifetime <= now;
        if (old)
            gone.push_back(entry.collision);
        return old;
    });
    if (entries_.empty()) {
        overwritten_count_ = 0;
        overwritten_at_.reset();
        overwritten_mac_ = {};
    }
    return gone;
}

Instant CollisionTable::next_deadline() const {
    Instant deadline = kNever;
    for (const Entry& entry : entries_)
        deadline = std::min(deadline, entry.collision.latest_at + kLifetime);
    return deadline;
}

std::vector<Collision> CollisionTable::sorted() const {
    std::vector<Collision> all;
    all.reserve(entries_.size());
    for (const Entry& entry : entries_)
        all.push_back(entry.collision);
    std::stable_sort(all.begin(), all.end(), [](const Collision& a, const Collision& b) {
        return a.latest_at > b.latest_at;
    });
    return all;
}

}  // namespace ha::redundancy
