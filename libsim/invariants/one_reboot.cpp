// one-reboot: of two actives that met, one reboots, not both. That one does is one-active's.
#include <map>

#include "libsim/invariants/all.hpp"
#include "libsim/invariants/tuples.hpp"

namespace sim::invariants {

namespace {

class OneReboot final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "one-reboot"; }
    [[nodiscard]] const char* sentence() const override {
        return "After a split brain exactly one of the two lives that met reboots.";
    }

    void on_sent(const Sent& sent) override { book_.note(sent); }

    void on_verdict(NodeIndex node, const ha::redundancy::ArbitrationOutcome& outcome) override {
        const SupervisorFacts& loser = supervisor(node);
        const NodeIndex partner = facts_.partner_of(node);
        if (partner == kNoNode || outcome.loser != slot_of(loser.role))
            return;
        const bool primary = loser.role == ha::Role::primary;
        const ha::Incarnation winner =
            book_.sender_of(partner, primary ? outcome.secondary : outcome.primary);
        lost_to_[loser.incarnation] = winner;
        if (const auto other = lost_to_.find(winner);
            other != lost_to_.end() && other->second == loser.incarnation)
            violate(name(node) + " and " + name(partner) +
                    " both reboot for the split brain in which they met");
    }

private:
    TupleBook book_;
    std::map<ha::Incarnation, ha::Incarnation> lost_to_;
};

}  // namespace

std::unique_ptr<Invariant> make_one_reboot(Facts& facts) {
    return std::make_unique<OneReboot>(facts);
}

}  // namespace sim::invariants
