// durable-numbers: a module number is promised only when it is on disk (SYNC-2).
//
// A supervisor whose disk is full hands out numbers all the same, and says so: a disk that fails
// must not keep modules out. Such a life promises nothing here.
#include <algorithm>

#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class DurableNumbers final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "durable-numbers"; }
    [[nodiscard]] const char* sentence() const override {
        return "A module is accepted only under a number that is stored as its host's.";
    }

    void on_sent(const Sent& sent) override {
        const auto* accept = std::get_if<ha::wire::ModuleAccept>(&sent.frame->message);
        const SupervisorFacts& sender = supervisor(sent.from);
        if (accept == nullptr || sender.write_failed || sender.stored == nullptr)
            return;
        const ModuleFacts* module = facts_.module_of(accept->names);
        if (module == nullptr)
            return;  // of a life that is over by now
        const auto& records = sender.stored->state().modules;
        const bool held = std::any_of(records.begin(), records.end(), [&](const auto& record) {
            return record.host == module->host && record.module == accept->module;
        });
        if (!held)
            violate(name(sent.from) + " accepts a module under number " +
                    std::to_string(number(accept->module)) + " that it has not stored");
    }
};

}  // namespace

std::unique_ptr<Invariant> make_durable_numbers(Facts& facts) {
    return std::make_unique<DurableNumbers>(facts);
}

}  // namespace sim::invariants
