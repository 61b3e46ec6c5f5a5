// same-verdict: a split brain is decided on frozen tuples that both sides hold, as SB-1 says.
//
// The rule is written down here once more, not taken from the product: fewer modules loses; then
// the older last configuration, unless both have the same; then the shorter time as active; then
// the secondary. On a VSG always the primary (SB-2).
#include "libsim/invariants/all.hpp"
#include "libsim/invariants/tuples.hpp"

namespace sim::invariants {

namespace {

using Tuple = ha::wire::ArbitrationTuple;

ha::Slot loser_of(const Tuple& primary, const Tuple& secondary) {
    const auto loses = [](bool the_primary) {
        return the_primary ? ha::kPrimarySlot : ha::kSecondarySlot;
    };
    if (primary.vsg || secondary.vsg)
        return ha::kPrimarySlot;
    if (primary.module_count != secondary.module_count)
        return loses(primary.module_count < secondary.module_count);
    const bool same = primary.configuration_maker == secondary.configuration_maker &&
                      primary.configuration_revision == secondary.configuration_revision;
    if (!same && primary.configuration_age_ms != secondary.configuration_age_ms)
        return loses(primary.configuration_age_ms > secondary.configuration_age_ms);
    if (primary.active_age_ms != secondary.active_age_ms)
        return loses(primary.active_age_ms < secondary.active_age_ms);
    return ha::kSecondarySlot;
}

class SameVerdict final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "same-verdict"; }
    [[nodiscard]] const char* sentence() const override {
        return "Both sides of a split brain compare the same frozen data and come to the outcome "
               "that SB-1 gives for it.";
    }

    void on_sent(const Sent& sent) override {
        if (!book_.note(sent))
            violate(name(sent.from) + " changed what it had frozen as number " +
                    std::to_string(TupleBook::in(*sent.frame)->number));
    }

    void on_verdict(NodeIndex node, const ha::redundancy::ArbitrationOutcome& outcome) override {
        if (facts_.pair_of(node) == nullptr)
            return;
        if (outcome.loser != loser_of(outcome.primary, outcome.secondary))
            violate(name(node) + " finds that sup-" + std::to_string(number(outcome.loser)) +
                    " reboots (" + outcome.reason + "), which is not what SB-1 says");
        const bool primary = supervisor(node).role == ha::Role::primary;
        const NodeIndex partner = facts_.partner_of(node);
        const Tuple& mine = primary ? outcome.primary : outcome.secondary;
        const Tuple& theirs = primary ? outcome.secondary : outcome.primary;
        if (!book_.was_sent(supervisor(node).incarnation, mine))
            violate(name(node) + " decides on a tuple of its own that it never sent");
        if (partner != kNoNode && book_.sender_of(partner, theirs) == ha::kNoIncarnation)
            violate(name(node) + " decides on a tuple that " + name(partner) + " never sent");
    }

private:
    TupleBook book_;
};

}  // namespace

std::unique_ptr<Invariant> make_same_verdict(Facts& facts) {
    return std::make_unique<SameVerdict>(facts);
}

}  // namespace sim::invariants
