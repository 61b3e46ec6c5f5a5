// The supervisor's state across restarts, as JSON on disk, and the number of this life of the
// process. Relates to supervisor::PersistentState; decides nothing about the pair.
#pragma once

#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "libha/base/time.hpp"
#include "libha/runtime/file_store.hpp"
#include "libha/supervisor/supervisor.hpp"

namespace ha::runtime {

std::string to_document(const supervisor::PersistentState& state);
/// The error is one sentence without the file's name.
tl::expected<supervisor::PersistentState, std::string> from_document(const std::string& body);

struct LoadedState {
    supervisor::PersistentState state;
    std::optional<Damage> damage;
};
/// Never fails: without a usable file the state is a fresh one.
LoadedState load_state(const DocumentPlace& place);

/// Boot counter and 32 random bits.
Incarnation new_incarnation(std::uint32_t boots);

}  // namespace ha::runtime
