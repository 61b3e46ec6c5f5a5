// degraded: the active is in degraded mode when control has been silent for half of T, in whole
// heartbeats rounded up, and not before (HB-3, HB-4).
#include <map>

#include "libsim/invariants/all.hpp"
#include "libsim/invariants/silence.hpp"

namespace sim::invariants {

namespace {

class Degraded final : public Invariant {
public:
    explicit Degraded(Facts& facts) : Invariant(facts), book_(facts) {}
    [[nodiscard]] const char* id() const override { return "degraded"; }
    [[nodiscard]] const char* sentence() const override {
        return "An active with a standby is in degraded mode when nothing was heard on control for "
               "half of T: not before, and at most a heartbeat interval later.";
    }

    void on_life(NodeIndex node) override { book_.on_life(node); }
    void on_arrived(const Arrived& arrived) override { book_.on_arrived(arrived); }
    void on_state(NodeIndex node, const StateChange& change) override {
        book_.on_state(node, change);
        // Who hands over asks on both ports as it is; it looks at control again when that failed.
        if (change.from == PairState::switching_over)
            back_[node] = facts_.now;
    }

    void on_report(NodeIndex node, const ha::catalog::Report& report) override {
        const SupervisorFacts& facts = supervisor(node);
        if (report.id != ha::catalog::MessageId::degraded_entered || !facts.is_active())
            return;
        const bool own_link =
            !report.arguments.empty() && report.arguments[0].starts_with("own control link");
        const Duration silence = facts_.now - book_.heard(node, ha::PortKind::control);
        const Duration least = threshold(facts);
        const PairFacts* pair = facts_.pair_of(node);
        if (!own_link && silence < least - least / 50 && pair != nullptr && pair->recognized)
            violate(name(node) + " enters degraded mode after " + in_ms(silence) +
                    " of silence on control; half of T are " + in_ms(least));
    }

    void on_stepped(NodeIndex node) override {
        const SupervisorFacts& facts = supervisor(node);
        const bool has_standby =
            facts.state == PairState::active_ha || facts.state == PairState::active_syncing;
        if (!facts.runs || !has_standby || facts.brief.degraded || facts_.pair_of(node) == nullptr)
            return;
        const Instant from =
            std::max({book_.heard(node, ha::PortKind::control), facts.process_since, back_[node]});
        const Duration most = threshold(facts) + facts.heartbeat_interval + 2 * facts_.wake_jitter +
                              threshold(facts) / 50;
        if (facts_.now - from > most && !facts_.pair_of(node)->path_since)
            violate(name(node) + " is not in degraded mode after " + in_ms(facts_.now - from) +
                    " of silence on control");
    }

private:
    /// 8 heartbeats at the default of 15.
    static Duration threshold(const SupervisorFacts& facts) {
        const auto heartbeats = facts.loss_interval / facts.heartbeat_interval;
        return (heartbeats + 1) / 2 * facts.heartbeat_interval;
    }

    SilenceBook book_;
    std::map<NodeIndex, Instant> back_;  ///< from a switchover that came to nothing
};

}  // namespace

std::unique_ptr<Invariant> make_degraded(Facts& facts) {
    return std::make_unique<Degraded>(facts);
}

}  // namespace sim::invariants
