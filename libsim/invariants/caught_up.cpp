// caught-up: who has not caught up does not take over (LOSS-2, ROLE-3).
#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class CaughtUp final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "caught-up"; }
    [[nodiscard]] const char* sentence() const override {
        return "A standby that does not hold what the active knows restarts, and never takes over.";
    }

    void on_state(NodeIndex node, const StateChange& change) override {
        if (change.from == PairState::standby_syncing && ha::redundancy::is_active(change.to))
            violate(name(node) + " becomes active before it has caught up: " + change.reason);
    }
};

}  // namespace

std::unique_ptr<Invariant> make_caught_up(Facts& facts) {
    return std::make_unique<CaughtUp>(facts);
}

}  // namespace sim::invariants
