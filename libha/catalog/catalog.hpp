// Every operator message, in one place: %FACILITY-SEVERITY-MNEMONIC, its text, what it means and
// what to do about it. Machines report a MessageId with arguments; only the catalog knows words.
// docs/messages.md is generated from this table and a test compares the two.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ha::catalog {

enum class MessageId : std::uint8_t {
    // The pair.
    state_changed,
    becoming_active_pre_start,
    becoming_active,
    switchover_over,
    switchover_refused,
    standby_ready,
    supervisor_removed,
    supervisor_reset,
    supervisor_restarting,
    degraded_entered,
    degraded_left,
    one_way_suspected,
    split_brain_detected,
    split_brain_resolved,
    split_brain_logs_kept,
    domain_changed,
    other_version_heard,
    other_version_gone,
    role_collision,
    role_collision_overwritten,
    role_collision_cleared,
    peer_mac_learnt,
    peer_mac_rejected,
    peer_mac_cleared,
    peer_leaving,
    peer_crashed,
    frames_rejected,
    replication_refused,
    // Links, address, storage.
    link_changed,
    link_failed,
    address_taken,
    address_released,
    address_failed,
    state_file_damaged,
    state_file_torn,
    state_file_replaced,
    store_failed,
    interval_differs,
    stall_detected,
    // Modules.
    module_detected,
    module_online,
    module_removed,
    module_rejected,
    module_state_changed,
    module_switched,
    module_headless,
    module_port_failed,
    module_ports_ordered,
    module_reloading,
    port_up,
    port_down_administratively,
    port_down,
    // The programs.
    program_started,
    program_stopped,
    configuration_reloaded,
    configuration_refused,
    // Hooks.
    hook_failed,
    hooks_skipped,
};

/// Severities are syslog's: 2 critical, 3 error, 4 warning, 5 notice, 6 informational.
struct Entry {
    MessageId id;
    std::string_view facility;
    std::uint8_t severity;
    std::string_view mnemonic;
    std::string_view text;     ///< with {} for each argument
    std::string_view meaning;  ///< for docs/messages.md
    std::string_view action;   ///< for docs/messages.md
};

/// All entries, in the order of MessageId.
std::span<const Entry> entries();
const Entry& entry(MessageId id);

/// A message as an event: what hooks and followers know it by. Names and fields are a promise to
/// scripts: they are never given another meaning.
struct EventEntry {
    MessageId id;
    std::string_view name;    ///< "role.active"
    std::string_view fields;  ///< the names of the arguments in their order: "slot reason"
};

/// One for each message, in the order of MessageId.
std::span<const EventEntry> event_entries();
const EventEntry& event_entry(MessageId id);

/// A message as a machine reports it: an effect like any other.
struct Report {
    MessageId id;
    std::vector<std::string> arguments;
    friend bool operator==(const Report&, const Report&) = default;
};

/// "%MODULE-5-STANDBY_SUP_OK: Supervisor 2 is standby". Missing arguments print as "?".
std::string render(const Report& report);

}  // namespace ha::catalog
