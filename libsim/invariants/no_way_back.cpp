// no-way-back: going from active to standby takes a reload (ROLE-5).
#include <set>

#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class NoWayBack final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "no-way-back"; }
    [[nodiscard]] const char* sentence() const override {
        return "Who was active becomes standby only as a new incarnation.";
    }

    void on_state(NodeIndex node, const StateChange& change) override {
        const ha::Incarnation life = supervisor(node).incarnation;
        if (ha::redundancy::is_active(change.to))
            were_active_.insert(life);
        else if (change.to != PairState::leaving && change.to != PairState::switching_over &&
                 were_active_.contains(life))
            violate(name(node) + " goes from active to " + std::string(to_string(change.to)) +
                    " without a reload: " + change.reason);
    }

private:
    std::set<ha::Incarnation> were_active_;
};

}  // namespace

std::unique_ptr<Invariant> make_no_way_back(Facts& facts) {
    return std::make_unique<NoWayBack>(facts);
}

}  // namespace sim::invariants
