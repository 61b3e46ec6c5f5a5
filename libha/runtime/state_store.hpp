// What a supervisor finds on its disk when it starts, and the number of this life of the process.
// Relates to record_store.hpp; decides nothing about the pair.
#pragma once

#include <optional>
#include <string>

#include "libha/base/time.hpp"
#include "libha/runtime/record_store.hpp"
#include "libha/supervisor/stored_state.hpp"

namespace ha::runtime {

struct LoadedState {
    supervisor::StoredState state;  ///< this life counted
    std::optional<RecordStore> store;
    std::optional<Damage> damage;
    std::string torn;  ///< as in LoadedRecords
    /// Why nothing can be kept, or why the count of this life could not; one sentence or nothing.
    std::string fault;
};
/// Never fails: without a usable store the state is a fresh one. Counts the life that begins now
/// and returns when that is durable, so that nobody hears of a life that could come twice.
LoadedState begin_life(const RecordPlace& place, WallTime now);

/// Boot counter and 32 random bits.
Incarnation new_incarnation(std::uint32_t boots);

}  // namespace ha::runtime
