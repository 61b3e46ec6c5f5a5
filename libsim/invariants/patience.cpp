// patience: a peer is given up after T of silence on both ports, not earlier and not much later
// (LOSS-1, LOSS-2, HB-5).
//
// A process that did not run grants its peer two heartbeat intervals after it wakes (HB-7).
#include <set>

#include "libsim/invariants/all.hpp"
#include "libsim/invariants/silence.hpp"

namespace sim::invariants {

namespace {

class Patience final : public Invariant {
public:
    explicit Patience(Facts& facts) : Invariant(facts), book_(facts) {}
    [[nodiscard]] const char* id() const override { return "patience"; }
    [[nodiscard]] const char* sentence() const override {
        return "A peer is given up when nothing was heard of it on any port for T: not before, and "
               "at most two heartbeat intervals later.";
    }

    void on_life(NodeIndex node) override { book_.on_life(node); }
    void on_arrived(const Arrived& arrived) override { book_.on_arrived(arrived); }

    void on_state(NodeIndex node, const StateChange& change) override {
        const PairFacts* pair = facts_.pair_of(node);
        if (pair != nullptr && pair->is_complete() && change.event == "peer-lost") {
            const Duration silence = facts_.now - book_.heard(node);
            if (silence < shortest(*pair) && pair->recognized)
                violate(name(node) + " gives its peer up (" + change.reason + ") after " +
                        in_ms(silence) + " of silence");
        }
        book_.on_state(node, change);
    }

    void on_stepped(NodeIndex /*node*/) override {
        for (const PairFacts& pair : facts_.pairs)
            for (const NodeIndex member : pair.members)
                if (member != kNoNode && has_peer(member))
                    look_at(pair, member);
    }

private:
    [[nodiscard]] bool has_peer(NodeIndex node) {
        const SupervisorFacts& facts = supervisor(node);
        return facts.runs && (facts.is_standby() || facts.state == PairState::active_syncing ||
                              facts.state == PairState::active_ha ||
                              facts.state == PairState::active_arbitrating ||
                              facts.state == PairState::switching_over);
    }

    [[nodiscard]] Duration shortest(const PairFacts& pair) {
        const Duration one = supervisor(pair.members[0]).loss_interval;
        const Duration other = supervisor(pair.members[1]).loss_interval;
        const Duration least = std::min(one, other);
        return least - least / 50;
    }

    void look_at(const PairFacts& pair, NodeIndex node) {
        const Instant from = std::max(book_.heard(node), supervisor(node).process_since);
        const Duration longest = pair.loss_interval + 2 * pair.heartbeat_interval +
                                 2 * facts_.wake_jitter + pair.loss_interval / 50;
        const Duration silence = facts_.now - from;
        if (silence <= longest || !told_.insert({supervisor(node).incarnation, from}).second)
            return;
        // What it hears and this book does not count may keep the peer alive, as a frame that
        // teaches it another MAC: only real silence is held against it.
        if (!pair.path_since && !facts_.readdressed)
            violate(name(node) + " still counts on its peer after " + in_ms(silence) +
                    " of silence; allowed are " + in_ms(longest));
    }

    SilenceBook book_;
    std::set<std::pair<ha::Incarnation, Instant>> told_;
};

}  // namespace

std::unique_ptr<Invariant> make_patience(Facts& facts) {
    return std::make_unique<Patience>(facts);
}

}  // namespace sim::invariants
