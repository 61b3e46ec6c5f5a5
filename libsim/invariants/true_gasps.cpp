// true-gasps: a dying gasp speaks for a life that is over, and moves only who counts on that life
// (HB-8).
#include <map>

#include "libha/redundancy/state_table.hpp"
#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class TrueGasps final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "true-gasps"; }
    [[nodiscard]] const char* sentence() const override {
        return "A dying gasp is said for a life that is over, and believed by nobody who "
               "follows a later life of that supervisor.";
    }

    void on_gasp_sent(const Sent& sent) override {
        const SupervisorFacts& sender = supervisor(sent.from);
        if (sender.lives && sender.incarnation == sent.frame->incarnation)
            violate(name(sent.from) + " is said to be dead, and lives");
    }

    void on_life(NodeIndex node) override { heard_[node] = {}; }

    void on_arrived(const Arrived& arrived) override {
        if (arrived.from != facts_.partner_of(arrived.to) || arrived.from == kNoNode)
            return;
        Heard& heard = heard_[arrived.to];
        if (arrived.frame->incarnation >= heard.newest) {
            heard.newest = arrived.frame->incarnation;
            heard.newest_at = facts_.now;
        }
    }

    void on_gasp_arrived(const Arrived& arrived) override {
        heard_[arrived.to].gasp = arrived.frame->incarnation;
    }

    void on_state(NodeIndex node, const StateChange& change) override {
        if (change.event != to_string(ha::redundancy::PairEvent::peer_crashed))
            return;
        const NodeIndex partner = facts_.partner_of(node);
        if (partner == kNoNode)
            return;
        const Heard& heard = heard_[node];
        const SupervisorFacts& peer = supervisor(partner);
        if (peer.lives && peer.incarnation == heard.gasp)
            violate(name(node) + " takes " + name(partner) + " for dead, which lives");
        // Who lost its count of lives may live under a lower number than before.
        const bool counted = !peer.counts_back() && peer.disks_torn == 0 && !peer.disk_was_full;
        // A later life that is silent for longer is lost, and what it followed is not barred any
        // more; one that came from another MAC was not believed.
        const PairFacts* pair = facts_.pair_of(node);
        const bool followed = pair != nullptr && pair->recognized &&
                              facts_.now - heard.newest_at < pair->loss_interval;
        if (counted && followed && heard.newest > heard.gasp)
            violate(name(node) + " believes the gasp of a life that another has followed: " +
                    to_string(heard.gasp) + " before " + to_string(heard.newest));
    }

private:
    struct Heard {
        ha::Incarnation newest = ha::kNoIncarnation;
        Instant newest_at;
        ha::Incarnation gasp = ha::kNoIncarnation;  ///< that came last
    };
    std::map<NodeIndex, Heard> heard_;
};

}  // namespace

std::unique_ptr<Invariant> make_true_gasps(Facts& facts) {
    return std::make_unique<TrueGasps>(facts);
}

}  // namespace sim::invariants
