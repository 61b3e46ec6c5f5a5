// durable-revisions: what a standby says it holds, its disk holds.
#include <map>

#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class DurableRevisions final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "durable-revisions"; }
    [[nodiscard]] const char* sentence() const override {
        return "A standby claims a revision only when its disk holds the records of that revision "
               "or of a later one.";
    }

    void on_sent(const Sent& sent) override {
        const auto* response = std::get_if<ha::wire::HeartbeatResponse>(&sent.frame->message);
        const SupervisorFacts& sender = supervisor(sent.from);
        if (response == nullptr || response->status.applied_revision == 0)
            return;
        const ha::Incarnation active = response->status.names;
        const std::uint64_t claimed = response->status.applied_revision;
        auto& checked = checked_[sent.frame->incarnation];
        if (checked == claimed || sender.write_failed || sender.stored == nullptr)
            return;
        checked = claimed;
        auto entry = facts_.revisions.find({active, claimed});
        if (entry == facts_.revisions.end())
            return;  // one of several in the same step
        for (; entry != facts_.revisions.end() && entry->first.first == active; ++entry)
            if (sender.stored->records().replicate(entry->second).empty())
                return;
        violate(name(sent.from) + " claims to hold revision " + std::to_string(claimed) +
                ", but its disk does not hold the records of that revision");
    }

private:
    std::map<ha::Incarnation, std::uint64_t> checked_;  ///< the last claim, by life
};

}  // namespace

std::unique_ptr<Invariant> make_durable_revisions(Facts& facts) {
    return std::make_unique<DurableRevisions>(facts);
}

}  // namespace sim::invariants
