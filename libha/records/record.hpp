// What a supervisor keeps is records: small values under a name in a space. One Database holds
// them in memory, a store keeps them on disk, and those of the replicated spaces reach the standby.
// The number of a space is written to disk and to the wire: it is never given to another.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ha::records {

/// What a record is about. Spaces from 128 up belong to this supervisor alone; the others are the
/// pair's and are replicated (BEHAVIOUR SYNC-1).
enum class Space : std::uint8_t {
    running_configuration = 1,  ///< name: where the line stands; value: the line
    startup_configuration = 2,  ///< the same
    facts = 3,                  ///< of the replicated state: who configured it last
    modules = 4,                ///< name: UUID of the host; value: its number and name (VEM-1)
    accounting = 5,             ///< name: sequence_name(); value: who did what
    checkpoints = 6,            ///< of services: global records (SVC-2)

    identity = 128,              ///< boots, role, learnt peer
    accounting_backup = 129,     ///< this side's log, kept at a split brain (SB-4)
    accounting_of_remote = 130,  ///< the other side's
    redundancy_trace_backup = 131,
    redundancy_trace_of_remote = 132,
    events = 133,  ///< name: sequence_name()
};
constexpr bool is_replicated(Space space) {
    return static_cast<std::uint8_t>(space) < 128;
}
/// Whether this program knows a space of that number.
bool is_known(std::uint8_t number);
/// "running configuration".
std::string_view to_string(Space space);

/// The longest name, in bytes: what a store can index.
inline constexpr std::size_t kMaximumName = 400;
/// The largest value, in bytes.
inline constexpr std::size_t kMaximumValue = std::size_t{1} << 20U;

struct Key {
    Space space = Space::facts;
    std::string name;  ///< 1 to kMaximumName bytes of any kind
    friend auto operator<=>(const Key&, const Key&) = default;
};

/// One record set to a value, or erased.
struct Change {
    Key key;
    std::optional<std::string> value;  ///< nothing: erased
    friend bool operator==(const Change&, const Change&) = default;
};
/// In order; a later one of the same key wins.
using Changes = std::vector<Change>;

/// Empty when names and values are within bounds, or one sentence that names the first fault.
std::string fault_of(const Changes& changes);

/// A name that sorts like the number: for logs, whose records have no names of their own.
std::string sequence_name(std::uint64_t number);
/// The number of such a name; nothing when it is none.
std::optional<std::uint64_t> sequence_of(std::string_view name);

}  // namespace ha::records
