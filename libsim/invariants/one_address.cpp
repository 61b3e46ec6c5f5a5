// one-address: the management address is where the active is (SW-5).
//
// A process that was killed or stopped by a signal cannot give it up: the kernel takes it away when
// its lease ends. So two nodes hold it at most for a lease, or while two are active.
#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class OneAddress final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "one-address"; }
    [[nodiscard]] const char* sentence() const override {
        return "A supervisor that runs holds the management address exactly while it is active, "
               "and one that does not run at most until its lease ends.";
    }

    void on_stepped(NodeIndex node) override {
        if (!facts_.knows(node) || facts_.pair_of(node) == nullptr)
            return;
        const SupervisorFacts& facts = supervisor(node);
        if (facts.runs && facts.brief.holds_address != facts.is_active())
            violate(name(node) + (facts.is_active() ? " is active without" : " has") +
                    " the address as " + std::string(to_string(facts.state)));
        const NodeIndex partner = facts_.partner_of(node);
        if (partner == kNoNode)
            return;
        const SupervisorFacts& other = supervisor(partner);
        if (other.has_address && !other.runs &&
            facts_.now - other.process_since > other.address_lease)
            violate(name(partner) + " does not run and has held the address for " +
                    in_ms(facts_.now - other.process_since));
        if (facts.has_address && facts.runs && !facts.is_active())
            violate(name(node) + " holds the address as " + std::string(to_string(facts.state)));
    }
};

}  // namespace

std::unique_ptr<Invariant> make_one_address(Facts& facts) {
    return std::make_unique<OneAddress>(facts);
}

}  // namespace sim::invariants
