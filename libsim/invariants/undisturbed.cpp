// undisturbed: a pair that is whole, and that nothing is wrong with, stays as it is, whatever
// strangers, foreign domains and hostile frames do (COL-3, ANY-1).
//
// Three heartbeat intervals after the last fault every timer that was running down has been set
// anew by a frame; but that of a module which went to another supervisor meanwhile runs on.
#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class Undisturbed final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "undisturbed"; }
    [[nodiscard]] const char* sentence() const override {
        return "While nothing is wrong with a whole pair, its states, its lives and its modules do "
               "not change: no frame of a stranger changes them.";
    }

    void on_state(NodeIndex node, const StateChange& change) override {
        const PairFacts* pair = facts_.pair_of(node);
        if (is_settled(pair) && pair->recognized)
            violate(name(node) + " goes from " + std::string(to_string(change.from)) + " to " +
                    std::string(to_string(change.to)) + " (" + change.reason +
                    ") although nothing happened to it");
    }

    void on_stepped(NodeIndex node) override {
        settled_.resize(facts_.pairs.size());
        for (std::size_t index = 0; index < facts_.pairs.size(); ++index) {
            const PairFacts& pair = facts_.pairs[index];
            const bool settled = is_settled(&pair, kModuleHeartbeats);
            const bool still_well =
                pair.well_since && is_over(pair, *pair.well_since, kModuleHeartbeats);
            if (settled_[index] && !settled && still_well && pair.recognized)
                violate("the domain of " + name(pair.members[0]) +
                        " is no longer whole, after a step of " + name(node) +
                        ", although nothing happened to it");
            settled_[index] = settled;
        }
    }

    void on_report(NodeIndex node, const ha::catalog::Report& report) override {
        using enum ha::catalog::MessageId;
        const PairFacts* pair = facts_.pair_of(node);
        const bool bad = report.id == degraded_entered || report.id == one_way_suspected ||
                         report.id == split_brain_detected || report.id == supervisor_reset ||
                         (report.id == module_removed && is_settled(pair, kModuleHeartbeats));
        if (bad && is_settled(pair) && pair->recognized)
            violate(name(node) + " reports " + ha::catalog::render(report) +
                    " although nothing happened to it");
    }

private:
    static constexpr int kHeartbeats = 3;
    static constexpr int kModuleHeartbeats = 6 + kHeartbeats;  ///< six missed: VEM-2

    [[nodiscard]] bool is_over(const PairFacts& pair, Instant since,
                               int heartbeats = kHeartbeats) const {
        return facts_.now - since >
               heartbeats * pair.heartbeat_interval + 4 * facts_.wake_jitter + 4 * pair.delay;
    }
    [[nodiscard]] bool is_settled(const PairFacts* pair, int heartbeats = kHeartbeats) const {
        return pair != nullptr && pair->whole_since && pair->well_since &&
               is_over(*pair, *pair->well_since, heartbeats);
    }

    std::vector<bool> settled_;  ///< by pair, after the last step
};

}  // namespace

std::unique_ptr<Invariant> make_undisturbed(Facts& facts) {
    return std::make_unique<Undisturbed>(facts);
}

}  // namespace sim::invariants
