// explained-errors: what is logged as an error was caused by something.
#include <algorithm>

#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

using ha::catalog::MessageId;

class ExplainedErrors final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "explained-errors"; }
    [[nodiscard]] const char* sentence() const override {
        return "A report of an error, a collision, a refusal or differing settings has a cause: a "
               "stranger, an injected frame, a spoiled wire or a disk that fails.";
    }

    void on_report(NodeIndex node, const ha::catalog::Report& report) override {
        const bool explained =
            facts_.injected || facts_.strangers || facts_.spoiled || facts_.readdressed;
        switch (report.id) {
            case MessageId::role_collision:
            case MessageId::role_collision_overwritten:
            case MessageId::frames_rejected:
            case MessageId::other_version_heard:
            case MessageId::module_rejected:
                if (!explained)
                    violate(name(node) + " reports " + ha::catalog::render(report) +
                            ", and nobody did anything of the kind");
                return;
            case MessageId::interval_differs:
                if (!explained && equal_intervals())
                    violate(name(node) + " reports " + ha::catalog::render(report));
                return;
            default:
                break;
        }
    }

private:
    [[nodiscard]] bool equal_intervals() const {
        const ha::Duration* first = nullptr;
        for (const SupervisorFacts& facts : facts_.supervisors) {
            if (!facts.known)
                continue;
            if (first != nullptr && *first != facts.heartbeat_interval)
                return false;
            first = &facts.heartbeat_interval;
        }
        return true;
    }
};

}  // namespace

std::unique_ptr<Invariant> make_explained_errors(Facts& facts) {
    return std::make_unique<ExplainedErrors>(facts);
}

}  // namespace sim::invariants
