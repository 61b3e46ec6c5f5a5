// kept-changes: what an operator was told is made stays made, once (SYNC-2).
#include <map>
#include <set>
#include <utility>

#include "libha/config/accounting.hpp"
#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class KeptChanges final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "kept-changes"; }
    [[nodiscard]] const char* sentence() const override {
        return "A change that was acknowledged is on the disk of a supervisor that starts again or "
               "takes over, and is there as often as somebody asked for it. A disk that was full "
               "excepted.";
    }

    void on_change(NodeIndex node, const ha::supervisor::ChangeRequested& change) override {
        ++asked_[change.command];
        commands_[{node, change.ticket}] = change.command;
    }

    void on_switchover_asked(NodeIndex /*node*/) override { ++asked_["system switchover"]; }

    void on_completed(NodeIndex node, const ha::supervisor::ChangeCompleted& completed) override {
        const auto command = commands_.find({node, completed.ticket});
        if (command == commands_.end() || !completed.error.empty())
            return;
        promised_[node].insert(command->second);
        // While the pair is HA, both have it before anybody is told. The word of a standby whose
        // disk was destroyed meanwhile may come after that.
        const NodeIndex partner = facts_.partner_of(node);
        if (supervisor(node).state == PairState::active_ha && keeps(partner) &&
            torn_at_pairing_[partner] == supervisor(partner).disks_torn)
            promised_[partner].insert(command->second);
    }

    void on_state(NodeIndex node, const StateChange& change) override {
        const NodeIndex partner = facts_.partner_of(node);
        if (change.to == PairState::active_ha && change.from != PairState::active_ha) {
            promised_[partner] = keeps(partner) ? promised_[node] : std::set<std::string>{};
            torn_at_pairing_[partner] = supervisor(partner).disks_torn;
        }
        // It takes in what its active has; what only it had is given up (SB-3).
        if (change.to == PairState::standby_syncing)
            promised_[node].clear();
        if (ha::redundancy::is_standby(change.from) && ha::redundancy::is_active(change.to))
            check(node, "takes over");
    }

    void on_life(NodeIndex node) override {
        const std::uint64_t torn = supervisor(node).disks_torn;
        if (std::exchange(torn_[node], torn) != torn)
            promised_[node].clear();
        check(node, "starts");
    }

private:
    /// Who cannot write, or could not in its last life, holds in memory what it said that it holds,
    /// for as long as that life lasts; and a word of that life may come after it.
    [[nodiscard]] bool keeps(NodeIndex node) {
        return !supervisor(node).write_failed && !supervisor(node).disk_was_full;
    }
    void check(NodeIndex node, const std::string& what) {
        const auto* const stored = supervisor(node).stored;
        if (stored == nullptr || asked_.empty())
            return;
        if (!keeps(node))
            return promised_[node].clear();
        std::map<std::string, std::uint64_t> made;
        for (const auto& entry : ha::config::accounting_of(stored->records()))
            if (entry.succeeded)
                ++made[entry.command];
        for (const std::string& command : promised_[node])
            if (made.find(command) == made.end())
                violate(name(node) + " " + what + " without '" + command +
                        "', which was acknowledged");
        for (const auto& [command, times] : made)
            if (times > asked_[command])
                violate(name(node) + " " + what + " with '" + command + "' made " +
                        std::to_string(times) + " times, asked for " +
                        std::to_string(asked_[command]) + " times");
    }

    std::map<std::pair<NodeIndex, std::uint64_t>, std::string> commands_;  ///< by ticket
    std::map<std::string, std::uint64_t> asked_;
    std::map<NodeIndex, std::set<std::string>> promised_;  ///< what its disk must hold
    std::map<NodeIndex, std::uint64_t> torn_;
    std::map<NodeIndex, std::uint64_t> torn_at_pairing_;  ///< when its active took it for HA
};

}  // namespace

std::unique_ptr<Invariant> make_kept_changes(Facts& facts) {
    return std::make_unique<KeptChanges>(facts);
}

}  // namespace sim::invariants
