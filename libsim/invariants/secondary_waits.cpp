// secondary-waits: of two that boot, the primary goes first (BOOT-2, BOOT-4).
#include "libha/redundancy/state_table.hpp"
#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class SecondaryWaits final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "secondary-waits"; }
    [[nodiscard]] const char* sentence() const override {
        return "A booting secondary becomes active only when nobody has answered it for a "
               "window, or the primary it waited for says that it leaves, or has died.";
    }

    void on_state(NodeIndex node, const StateChange& change) override {
        const bool boots =
            change.from == PairState::discovering || change.from == PairState::waiting;
        if (boots && ha::redundancy::is_active(change.to) &&
            supervisor(node).role == ha::Role::secondary &&
            change.event != to_string(ha::redundancy::PairEvent::window_expired) &&
            change.event != to_string(ha::redundancy::PairEvent::peer_leaving) &&
            change.event != to_string(ha::redundancy::PairEvent::peer_crashed))
            violate(name(node) + " becomes active on " + change.event + ": " + change.reason);
    }
};

}  // namespace

std::unique_ptr<Invariant> make_secondary_waits(Facts& facts) {
    return std::make_unique<SecondaryWaits>(facts);
}

}  // namespace sim::invariants
