// no-second-active: nobody becomes active beside an active it could hear.
//
// How long the path must have worked: a booting supervisor listens for three heartbeat intervals,
// in which an active speaks twice at least; a standby that lost the requests on one port gets them
// on the other after half of T, or hellos on both after T, and then has T again. Cables so slow
// that two passages do not fit into what half of T leaves of T defeat degraded mode.
#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class NoSecondActive final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "no-second-active"; }
    [[nodiscard]] const char* sentence() const override {
        return "A supervisor becomes active only when it could not have heard another active one.";
    }

    void on_state(NodeIndex node, const StateChange& change) override {
        if (!ha::redundancy::is_active(change.to) || ha::redundancy::is_active(change.from))
            return;
        const PairFacts* pair = facts_.pair_of(node);
        if (pair == nullptr || !pair->is_complete() || !pair->path_since)
            return;
        const NodeIndex partner = facts_.partner_of(node);
        if (!supervisor(partner).is_active())
            return;
        const Duration listened =
            facts_.now - std::max(*pair->path_since, supervisor(partner).active_since);
        if (listened < needed(*pair, change.from) || !pair->recognized || !can_help(*pair))
            return;
        violate(name(node) + " becomes active (" + change.reason + ") beside " + name(partner) +
                ", which it could hear for " + in_ms(listened));
    }

private:
    /// The last answer on a port that dies may still be on its way when the standby begins to miss
    /// requests: degraded mode comes that much later, and its requests have to travel too.
    [[nodiscard]] bool can_help(const PairFacts& pair) const {
        const auto heartbeats = pair.loss_interval / pair.heartbeat_interval;
        const Duration degraded_after = (heartbeats + 1) / 2 * pair.heartbeat_interval;
        return degraded_after + 2 * pair.lag_lately(facts_.now) + 2 * facts_.wake_jitter +
                   pair.loss_interval / 25 <
               pair.loss_interval;
    }

    [[nodiscard]] Duration needed(const PairFacts& pair, PairState from) const {
        const Duration slack = 2 * pair.delay + 4 * facts_.wake_jitter;
        Duration least = 2 * pair.heartbeat_interval + slack;
        if (ha::redundancy::is_standby(from))
            least = 2 * pair.loss_interval + slack;
        return least + least / 50;
    }
};

}  // namespace

std::unique_ptr<Invariant> make_no_second_active(Facts& facts) {
    return std::make_unique<NoSecondActive>(facts);
}

}  // namespace sim::invariants
