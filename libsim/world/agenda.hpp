// What will happen in a world, by time. At one moment frames come before everything else and
// timers last: a daemon reads what is queued before it lets a timer fire (BEHAVIOUR HB-7).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "libsim/world/world.hpp"

namespace sim {

/// A payload on the network; one for all who hear it.
struct Transit {
    PortKind port = PortKind::control;
    NodeIndex from = kNoNode;
    ha::MacAddress source;
    ha::MacAddress destination;
    std::uint16_t vlan = 0;
    std::uint16_t ether_type = 0;
    ha::wire::Bytes payload;
};

struct Event {
    enum class Kind : std::uint8_t {
        arrival,    ///< of `transit` at `node`
        link_news,  ///< `node` learns how its port `number` is
        port_news,  ///< `node`, a module, learns how its ports are
        stored,     ///< the write `number` of `node` is durable
        boot,       ///< `node` starts anew
        gasp,       ///< the guardian of a life of `node` that is over says `transit`
        wake,       ///< a timer of `node`
    };
    Instant at;
    Kind kind = Kind::wake;
    NodeIndex node = kNoNode;
    std::uint64_t life = 0;    ///< of the node when this was planned
    std::uint64_t number = 0;  ///< see Kind
    std::shared_ptr<const Transit> transit;
    std::uint64_t order = 0;  ///< given by the agenda
};

class Agenda {
public:
    void add(Event event);
    [[nodiscard]] bool empty() const { return events_.empty(); }
    /// kNever when there is nothing.
    [[nodiscard]] Instant next() const { return events_.empty() ? ha::kNever : events_[0].at; }
    /// The earliest one. There must be one.
    Event take();

private:
    std::vector<Event> events_;  ///< a heap
    std::uint64_t order_ = 0;
};

}  // namespace sim
