// hand-over: a planned switchover gives the role to exactly one, with everything that goes with it
// (SW-2).
//
// Who is told to take over acts on an order that is at most a heartbeat interval old, and the one
// that gave it takes its role back at least a sixth of T after the last order could be obeyed: so
// cables on which a frame travels for longer than a third of that, and timers that are as late,
// prove nothing.
#include <algorithm>

#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class HandOver final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "hand-over"; }
    [[nodiscard]] const char* sentence() const override {
        return "A supervisor that is told to take over does so only while the other one is not "
               "active, and holds every module number that the other one holds.";
    }

    void on_state(NodeIndex node, const StateChange& change) override {
        if (change.event != "switchover-ordered")
            return;
        const NodeIndex partner = facts_.partner_of(node);
        const PairFacts* pair = facts_.pair_of(node);
        if (partner == kNoNode || pair == nullptr)
            return;
        const SupervisorFacts& giver = supervisor(partner);
        if (giver.is_active() && is_fast(*pair))
            violate(name(node) + " takes over by order beside " + name(partner) + ", which is " +
                    std::string(to_string(giver.state)));
        if (giver.state == PairState::switching_over && giver.lives)
            compare(node, partner);
    }

private:
    [[nodiscard]] bool is_fast(const PairFacts& pair) const {
        return 3 * (pair.lag_lately(facts_.now) + facts_.wake_jitter) < pair.loss_interval / 6;
    }

    void compare(NodeIndex node, NodeIndex partner) {
        const SupervisorFacts& taker = supervisor(node);
        const SupervisorFacts& giver = supervisor(partner);
        const bool known = taker.stored != nullptr && giver.stored != nullptr;
        if (!known || taker.write_failed || giver.write_failed)
            return;
        for (const auto& record : giver.stored->state().modules) {
            const bool held =
                std::ranges::any_of(taker.stored->state().modules, [&](const auto& other) {
                    return other.host == record.host && other.module == record.module;
                });
            if (!held)
                violate(name(node) + " takes over from " + name(partner) + " without module " +
                        std::to_string(number(record.module)));
        }
    }
};

}  // namespace

std::unique_ptr<Invariant> make_hand_over(Facts& facts) {
    return std::make_unique<HandOver>(facts);
}

}  // namespace sim::invariants
