// state-table: states change only as docs/states.md says.
#include <array>

#include "libha/redundancy/state_table.hpp"
#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

using namespace ha::redundancy;

class StateTable final : public Invariant {
public:
    explicit StateTable(Facts& facts) : Invariant(facts) {}
    [[nodiscard]] const char* id() const override { return "state-table"; }
    [[nodiscard]] const char* sentence() const override {
        return "A state changes only on an event, and to a state, that the state table names.";
    }

    void on_state(NodeIndex node, const StateChange& change) override {
        for (const Cell& cell : state_table())
            if (cell.state == change.from && to_string(cell.event) == change.event &&
                leads_to(cell, change.to))
                return;
        violate(name(node) + " goes from " + std::string(to_string(change.from)) + " to " +
                std::string(to_string(change.to)) + " on " + change.event);
    }

private:
    /// "active-alone or waiting".
    static bool leads_to(const Cell& cell, PairState state) {
        const std::string_view wanted = to_string(state);
        for (std::string_view rest = cell.next; !rest.empty();) {
            const std::size_t end = rest.find(" or ");
            if (rest.substr(0, end) == wanted)
                return true;
            rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 4);
        }
        return false;
    }
};

}  // namespace

std::unique_ptr<Invariant> make_state_table(Facts& facts) {
    return std::make_unique<StateTable>(facts);
}

}  // namespace sim::invariants
