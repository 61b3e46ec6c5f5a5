// The newest events of a node, in the order of their numbers. Whoever reads along keeps the number
// of the last one it took and asks for what came after it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace ha::events {

/// How many events a node keeps.
inline constexpr std::size_t kMaximumEvents = 10'000;

/// An event as readers are given it.
struct KeptEvent {
    std::uint64_t sequence = 0;
    std::string name;
    std::shared_ptr<const std::string> json;  ///< to_json(); shared, for it never changes
};

class Ring {
public:
    explicit Ring(std::size_t capacity = kMaximumEvents) : capacity_(capacity) {}

    /// Its number must be greater than newest(). The oldest leaves when there is no room.
    void add(KeptEvent event);
    /// The events with greater numbers than `sequence`, oldest first, at most `limit`.
    [[nodiscard]] std::vector<KeptEvent> after(std::uint64_t sequence, std::size_t limit) const;
    /// 0 when there is none.
    [[nodiscard]] std::uint64_t oldest() const {
        return events_.empty() ? 0 : events_.front().sequence;
    }
    [[nodiscard]] std::uint64_t newest() const {
        return events_.empty() ? 0 : events_.back().sequence;
    }

private:
    std::size_t capacity_;
    std::deque<KeptEvent> events_;
};

}  // namespace ha::events
