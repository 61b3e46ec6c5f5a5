// What a supervisor keeps across restarts, as records, and what it reads from them at its start.
// The names and values of these records are the stored format: docs/architecture.md, Storage.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libha/base/identity.hpp"
#include "libha/records/database.hpp"
#include "libha/redundancy/types.hpp"
#include "libha/wire/frame.hpp"

namespace ha::supervisor {

/// The records that the supervisor itself reads and writes, as values.
struct PersistentState {
    std::uint32_t boots = 0;  ///< counted up and stored by the runtime before the machine starts
    redundancy::PeerMacs peer_macs{};
    Incarnation peer_incarnation = kNoIncarnation;
    std::uint64_t configuration_maker = 0;
    std::uint64_t configuration_revision = 0;
    std::vector<wire::ModuleRecord> modules;  ///< in the order of their numbers
    /// What `system redundancy role` asked for; a start takes it instead of Options::pair.role.
    std::optional<Role> administrative_role;
    friend bool operator==(const PersistentState&, const PersistentState&) = default;
};

/// The state as records say it. A record that is missing or impossible counts as one that was never
/// written.
PersistentState state_of(const records::Database& database);
/// What makes a database say this state, when it says `before` now.
records::Changes changes_between(const PersistentState& before, const PersistentState& after);

/// All records on a supervisor's disk, with their state at hand.
class StoredState {
public:
    StoredState() = default;
    explicit StoredState(records::Database database);
    /// Has the records of this state and no others: what tests begin with.
    explicit StoredState(const PersistentState& state);

    void apply(const records::Changes& changes);
    /// Counts a life: the runtime's part before the machine starts.
    records::Changes count_boot(std::uint32_t boots);
    [[nodiscard]] const records::Database& records() const { return database_; }
    [[nodiscard]] const PersistentState& state() const { return state_; }
    friend bool operator==(const StoredState&, const StoredState&) = default;

private:
    records::Database database_;
    PersistentState state_;
};

}  // namespace ha::supervisor
