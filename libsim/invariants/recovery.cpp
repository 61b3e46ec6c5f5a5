// recovery: once nothing is wrong any more, the domain is whole again within a bound.
//
// The bound, in the worst order: a standby that is not stable waits for T before it restarts; both
// boot, which takes two windows of three heartbeat intervals when one begins as the other ends; the
// standby joins and is synchronized (four intervals and two writes); a supervisor that was replaced
// waits for another T until the old one counts as gone; the loser of a split brain waits T/4 for
// logs. A module then may have to go headless, and joins (six intervals and a write). Clocks that
// drift stretch it by two percent.
#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class Recovery final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "recovery"; }
    [[nodiscard]] const char* sentence() const override {
        return "When nothing is wrong any more, there is one active and one standby in HA with "
               "every module within 2T + T/4 + 16h + H.";
    }

    void on_stepped(NodeIndex /*node*/) override {
        since_.resize(facts_.pairs.size());
        for (std::size_t index = 0; index < facts_.pairs.size(); ++index)
            look_at(facts_.pairs[index], since_[index]);
    }

private:
    [[nodiscard]] Duration bound(const PairFacts& pair) const {
        Duration headless{};
        for (const ModuleFacts& module : facts_.modules)
            if (module.known && module.domain == pair.domain)
                headless = std::max(headless, module.headless_after);
        const Duration logs = pair.loss_interval / ha::redundancy::kLogsShare;
        const Duration sum = 2 * pair.loss_interval + logs + 16 * pair.heartbeat_interval +
                             headless + 2 * facts_.restart_delay + 3 * facts_.store_delay +
                             24 * pair.delay + 16 * facts_.wake_jitter;
        return sum + sum / 50;
    }

    void look_at(const PairFacts& pair, std::optional<Instant>& done) {
        if (!pair.well_since || facts_.stranger_runs || done == pair.well_since)
            return;
        const Duration took = facts_.now - *pair.well_since;
        if (pair.whole_since) {
            done = pair.well_since;
            facts_.measure(id(), std::max(took, Duration{}), bound(pair));
        } else if (took > bound(pair) && pair.recognized) {
            done = pair.well_since;
            violate("the domain of " + name(pair.members[0]) + " is not whole " + in_ms(took) +
                    " after everything was mended; allowed are " + in_ms(bound(pair)) + ": " +
                    describe(pair));
        }
    }

    [[nodiscard]] std::string describe(const PairFacts& pair) {
        std::string text;
        for (const NodeIndex member : pair.members)
            text += name(member) + " is " + std::string(to_string(supervisor(member).state)) + ", ";
        for (NodeIndex node = 0; node < facts_.modules.size(); ++node)
            if (const ModuleFacts& module = facts_.modules[node]; module.known)
                text += name(node) + " is " + std::string(to_string(module.state)) + ", ";
        return text.substr(0, text.size() - 2);
    }

    std::vector<std::optional<Instant>> since_;  ///< by pair: what was well since then is whole
};

}  // namespace

std::unique_ptr<Invariant> make_recovery(Facts& facts) {
    return std::make_unique<Recovery>(facts);
}

}  // namespace sim::invariants
