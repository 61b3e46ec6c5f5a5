// kept-numbers: a module number never changes hands (VEM-1).
//
// It is its host's for good once both supervisors have it on their disks. Before, a split brain may
// give one number to two hosts, and one of them must yield. It is free again when either disk lost
// what it held: that supervisor may be alone when it starts with nothing.
#include <algorithm>
#include <map>

#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

using ha::wire::ModuleRecord;

class KeptNumbers final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "kept-numbers"; }
    [[nodiscard]] const char* sentence() const override {
        return "A module number that both supervisors have stored stays with its host until a disk "
               "loses it.";
    }

    void on_life(NodeIndex node) override { look_at_disks(node); }
    void on_tick(NodeIndex node) override {
        if (facts_.knows(node))
            look_at_disks(node);
    }

    void on_sent(const Sent& sent) override {
        if (const auto* accept = std::get_if<ha::wire::ModuleAccept>(&sent.frame->message))
            check(sent.from, accept->names, accept->module);
        else if (const auto* beat = std::get_if<ha::wire::ModuleHeartbeat>(&sent.frame->message))
            check(sent.from, beat->names, beat->module);
    }

private:
    struct Pinned {
        std::vector<ModuleRecord> records;
        std::uint64_t torn = 0;
    };

    void look_at_disks(NodeIndex node) {
        const PairFacts* pair = facts_.pair_of(node);
        if (pair == nullptr || !pair->is_complete())
            return;
        const SupervisorFacts& one = supervisor(pair->members[0]);
        const SupervisorFacts& other = supervisor(pair->members[1]);
        Pinned& pinned = pinned_[pair->domain];
        if (const auto torn = one.disks_torn + other.disks_torn; torn != pinned.torn) {
            pinned.records.clear();
            pinned.torn = torn;
        }
        if (one.stored == nullptr || other.stored == nullptr)
            return;
        for (const ModuleRecord& record : one.stored->state().modules)
            if (holds(other.stored->state().modules, record) && !holds(pinned.records, record))
                pinned.records.push_back(record);
    }

    static bool holds(const std::vector<ModuleRecord>& records, const ModuleRecord& wanted) {
        return std::any_of(records.begin(), records.end(), [&](const ModuleRecord& record) {
            return record.host == wanted.host && record.module == wanted.module;
        });
    }

    void check(NodeIndex node, ha::Incarnation life, ha::Slot module_number) {
        const ModuleFacts* module = facts_.module_of(life);
        const PairFacts* pair = facts_.pair_of(node);
        if (module == nullptr || pair == nullptr)
            return;
        for (const ModuleRecord& record : pinned_[pair->domain].records)
            if ((record.host == module->host) != (record.module == module_number))
                violate(name(node) + " gives number " + std::to_string(number(module_number)) +
                        " to host " + module->host.to_string() + ", but number " +
                        std::to_string(number(record.module)) + " is stored as that of host " +
                        record.host.to_string());
    }

    std::map<ha::DomainId, Pinned> pinned_;
};

}  // namespace

std::unique_ptr<Invariant> make_kept_numbers(Facts& facts) {
    return std::make_unique<KeptNumbers>(facts);
}

}  // namespace sim::invariants
