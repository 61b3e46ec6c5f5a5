// kept-records: what the standby had acknowledged is there after it took over (SYNC-2, as far as
// there is replication: the module table).
#include <algorithm>
#include <map>

#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class KeptRecords final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "kept-records"; }
    [[nodiscard]] const char* sentence() const override {
        return "A standby that takes over holds every record of the revision it acknowledged last.";
    }

    void on_sent(const Sent& sent) override {
        const auto* response = std::get_if<ha::wire::HeartbeatResponse>(&sent.frame->message);
        if (response != nullptr && response->status.applied_revision != 0)
            claims_[sent.frame->incarnation] = {response->status.names,
                                                response->status.applied_revision};
    }

    void on_state(NodeIndex node, const StateChange& change) override {
        const SupervisorFacts& taker = supervisor(node);
        if (!ha::redundancy::is_standby(change.from) || !ha::redundancy::is_active(change.to) ||
            taker.stored == nullptr || taker.write_failed)
            return;
        const auto claim = claims_.find(taker.incarnation);
        if (claim == claims_.end())
            return;
        const auto revision = facts_.revisions.find(claim->second);
        if (revision == facts_.revisions.end())
            return;
        for (const auto& record : ha::supervisor::state_of(revision->second).modules)
            if (!holds(taker.stored->state().modules, record))
                violate(name(node) + " takes over without module " +
                        std::to_string(number(record.module)) + ", which it had acknowledged");
    }

private:
    static bool holds(const std::vector<ha::wire::ModuleRecord>& records,
                      const ha::wire::ModuleRecord& wanted) {
        return std::any_of(records.begin(), records.end(), [&](const auto& record) {
            return record.host == wanted.host && record.module == wanted.module;
        });
    }

    std::map<ha::Incarnation, std::pair<ha::Incarnation, std::uint64_t>> claims_;  ///< by life
};

}  // namespace

std::unique_ptr<Invariant> make_kept_records(Facts& facts) {
    return std::make_unique<KeptRecords>(facts);
}

}  // namespace sim::invariants
