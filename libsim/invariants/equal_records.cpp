// equal-records: in the end both hold the same (SYNC-1).
#include <map>

#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

/// One was under way, the next one has all that came meanwhile; on the other side the same begins
/// when the first has arrived.
constexpr int kWrites = 3;

class EqualRecords final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "equal-records"; }
    [[nodiscard]] const char* sentence() const override {
        return "The disks of a whole pair that nothing has been wrong with, and that was asked for "
               "no change, for T and three writes hold the same replicated records.";
    }

    void on_change(NodeIndex node, const ha::supervisor::ChangeRequested& /*change*/) override {
        asked_[node] = facts_.now;
    }

    void on_stepped(NodeIndex node) override {
        const PairFacts* const pair = facts_.pair_of(node);
        if (pair == nullptr || !pair->whole_since || !pair->well_since || !pair->is_complete())
            return;
        const Instant since = std::max({*pair->whole_since, *pair->well_since,
                                        asked_[pair->members[0]], asked_[pair->members[1]]});
        auto& checked = checked_[pair->members[0]];
        if (checked == since ||
            facts_.now - since < pair->loss_interval + kWrites * facts_.store_delay)
            return;
        checked = since;
        const SupervisorFacts& one = supervisor(pair->members[0]);
        const SupervisorFacts& other = supervisor(pair->members[1]);
        if (one.stored == nullptr || other.stored == nullptr || one.write_failed ||
            other.write_failed)
            return;
        const auto differing = one.stored->records().replicate(other.stored->records()).size();
        if (differing != 0)
            violate("the disks of " + name(pair->members[0]) + " and " + name(pair->members[1]) +
                    " differ in " + std::to_string(differing) + " records");
    }

private:
    std::map<NodeIndex, Instant> asked_;
    std::map<NodeIndex, Instant> checked_;  ///< by the primary: since when it was alone
};

}  // namespace

std::unique_ptr<Invariant> make_equal_records(Facts& facts) {
    return std::make_unique<EqualRecords>(facts);
}

}  // namespace sim::invariants
