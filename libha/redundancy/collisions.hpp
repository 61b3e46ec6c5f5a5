// The table of supervisors seen with our own role in our domain (COL-1…COL-3).
#pragma once

#include <optional>
#include <vector>

#include "libha/redundancy/types.hpp"

namespace ha::redundancy {

class CollisionTable {
public:
    enum class Outcome : std::uint8_t { added, refreshed, overwrote };
    struct Noted {
        Outcome outcome;
        MacAddress overwritten;  ///< only for Outcome::overwrote
        bool log = false;  ///< a line is due: a new entry, or the last line is an interval old
    };

    /// From the ninth MAC on, the entry with the oldest time is overwritten (COL-1).
    Noted note(const MacAddress& mac, PortKind port, Instant at);
    /// Removes entries an hour after their last collision (COL-2) and returns them.
    std::vector<Collision> expire(Instant now);
    [[nodiscard]] Instant next_deadline() const;
    /// Latest first.
    [[nodiscard]] std::vector<Collision> sorted() const;

    [[nodiscard]] std::uint64_t overwritten_count() const { return overwritten_count_; }
    [[nodiscard]] std::optional<Instant> overwritten_at() const { return overwritten_at_; }
    [[nodiscard]] MacAddress overwritten_mac() const { return overwritten_mac_; }

    static constexpr Duration kLifetime = std::chrono::hours{1};
    /// A colliding supervisor makes at most one log line in this time.
    static constexpr Duration kLogInterval = std::chrono::minutes{1};

private:
    struct Entry {
        Collision collision;
        Instant logged_at;
    };
    std::vector<Entry> entries_;
    std::optional<Instant> overwrite_logged_at_;
    std::uint64_t overwritten_count_ = 0;
    std::optional<Instant> overwritten_at_;
    MacAddress overwritten_mac_;
};

}  // namespace ha::redundancy
