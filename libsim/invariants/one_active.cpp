// one-active: two actives that can hear each other do not stay two.
//
// The bound: the later of both to become active sends its hello or request within a heartbeat
// interval; the tuples, their echoes and introductions that name a new life take at most six more
// passages; a frame that met a busy moment is repeated with the next heartbeat, twice at worst;
// each of these timers may fire late; and the loser may wait for the logs for its part of T (SB-4).
// Clocks that drift stretch it by two percent.
#include <array>
#include <optional>

#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class OneActive final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "one-active"; }
    [[nodiscard]] const char* sentence() const override {
        return "Never two actives for longer than it takes to settle while any path works in both "
               "directions.";
    }

    void on_stepped(NodeIndex /*node*/) override {
        both_since_.resize(facts_.pairs.size());
        for (std::size_t index = 0; index < facts_.pairs.size(); ++index)
            look_at(facts_.pairs[index], both_since_[index]);
    }

private:
    [[nodiscard]] Duration bound(const PairFacts& pair) const {
        const Duration plain = 3 * pair.heartbeat_interval + 8 * pair.delay +
                               4 * facts_.wake_jitter +
                               pair.loss_interval / ha::redundancy::kLogsShare;
        return plain + plain / 50;
    }

    void look_at(const PairFacts& pair, std::optional<Instant>& since) {
        if (!pair.is_complete() || !pair.path_since)
            return since.reset();
        const SupervisorFacts& one = supervisor(pair.members[0]);
        const SupervisorFacts& other = supervisor(pair.members[1]);
        const bool both = one.is_active() && other.is_active();
        if (since && *since <= facts_.now && pair.recognized)
            facts_.measure(id(), facts_.now - *since, bound(pair));
        if (!both)
            return since.reset();
        since = std::max({one.active_since, other.active_since, *pair.path_since});
        if (facts_.now - *since <= bound(pair) || !pair.recognized)
            return;
        violate(name(pair.members[0]) + " and " + name(pair.members[1]) +
                " have both been active for " + in_ms(facts_.now - *since) +
                " although frames pass both ways; allowed are " + in_ms(bound(pair)));
    }

    std::vector<std::optional<Instant>> both_since_;  ///< by pair
};

}  // namespace

std::unique_ptr<Invariant> make_one_active(Facts& facts) {
    return std::make_unique<OneActive>(facts);
}

}  // namespace sim::invariants
