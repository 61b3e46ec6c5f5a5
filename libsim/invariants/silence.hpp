// When each supervisor last heard its peer, by the frames that reached it and that it must believe:
// of the life it is paired with, from the MAC it knows, and with a key only those that name it.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "libsim/invariants/invariant.hpp"

namespace sim::invariants {

class SilenceBook {
public:
    explicit SilenceBook(Facts& facts) : facts_(facts) {}

    void on_life(NodeIndex node);
    void on_state(NodeIndex node, const StateChange& change);
    void on_arrived(const Arrived& arrived);

    /// The relation to the present peer began then: it counts as heard.
    [[nodiscard]] Instant began(NodeIndex node) { return relations_[node].began; }
    [[nodiscard]] Instant heard(NodeIndex node, ha::PortKind port) {
        return std::max(relations_[node].began, relations_[node].heard[ha::index_of(port)]);
    }
    /// Heard as above or merely seen: from the peer's node, whatever it says.
    [[nodiscard]] Instant heard(NodeIndex node) {
        return std::max(heard(node, ha::PortKind::control), heard(node, ha::PortKind::mgmt));
    }

private:
    struct Relation {
        Instant began;
        ha::Incarnation peer = ha::kNoIncarnation;
        std::array<Instant, ha::kPortCount> heard{};
    };
    [[nodiscard]] bool counts(const Arrived& arrived, const Relation& relation) const;

    Facts& facts_;
    /// A frame as its receiver tells it from others: what it has seen is repeated.
    using Seen =
        std::tuple<NodeIndex, ha::PortKind, ha::MacAddress, ha::Incarnation, std::uint64_t>;
    std::set<Seen> seen_;
    std::map<NodeIndex, Relation> relations_;
    std::map<NodeIndex, ha::Incarnation> speakers_;  ///< of the frame that came last, to each
};

}  // namespace sim::invariants
