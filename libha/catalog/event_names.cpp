// What each operator message is called as an event, and its arguments. See catalog.hpp.
#include <algorithm>
#include <array>

#include "libha/catalog/catalog.hpp"

namespace ha::catalog {
namespace {

using enum MessageId;

constexpr EventEntry kEvents[] = {
    {state_changed, "role.changed", "unit from to event reason"},
    {becoming_active_pre_start, "role.taking-over", ""},
    {becoming_active, "role.active", ""},
    {switchover_over, "role.switchover-completed", ""},
    {switchover_refused, "role.switchover-refused", ""},
    {standby_ready, "peer.ready", "slot"},
    {supervisor_removed, "peer.lost", "slot"},
    {supervisor_reset, "peer.reset", "slot reason"},
    {supervisor_restarting, "role.restarting", "reason"},
    {degraded_entered, "link.degraded", "reason"},
    {degraded_left, "link.recovered", "duration reason"},
    {one_way_suspected, "link.one-way", "reason"},
    {split_brain_detected, "peer.split-brain", "slot mac"},
    {split_brain_resolved, "peer.split-brain-resolved", "slot reason"},
    {split_brain_logs_kept, "peer.split-brain-logs-kept", "extent"},
    {domain_changed, "configuration.domain-changed", "from to"},
    {other_version_heard, "peer.other-version", "slot mac port version here"},
    {other_version_gone, "peer.other-version-gone", "slot version reason"},
    {role_collision, "peer.collision", "mac port slot"},
    {role_collision_overwritten, "peer.collision-overwritten", "old_mac mac"},
    {role_collision_cleared, "peer.collision-cleared", "mac"},
    {peer_mac_learnt, "peer.mac-learnt", "port mac"},
    {peer_mac_rejected, "peer.mac-rejected", "port mac count"},
    {peer_mac_cleared, "peer.mac-cleared", ""},
    {peer_leaving, "peer.leaving", "slot reason"},
    {peer_crashed, "peer.crashed", "slot"},
    {frames_rejected, "link.frames-rejected", "count reason port"},
    {replication_refused, "peer.synchronization-refused", "reason"},
    {link_changed, "link.changed", "port interface state"},
    {link_failed, "link.failed", "port interface state reason"},
    {address_taken, "role.address-taken", "addresses"},
    {address_released, "role.address-released", "addresses"},
    {address_failed, "role.address-failed", "address reason"},
    {state_file_damaged, "service.store-damaged", "path reason kept_as"},
    {state_file_torn, "service.store-torn", "path reason"},
    {state_file_replaced, "service.store-replaced", "path reason"},
    {store_failed, "service.store-failed", "path reason"},
    {interval_differs, "configuration.interval-differs", "interval here peer"},
    {stall_detected, "service.stalled", "duration"},
    {module_detected, "module.detected", "host module"},
    {module_online, "module.online", "module"},
    {module_removed, "module.offline", "module reason"},
    {module_rejected, "module.rejected", "host reason"},
    {module_state_changed, "module.changed", "from to event reason"},
    {module_switched, "module.switched", "slot"},
    {module_headless, "module.headless", "reason"},
    {module_port_failed, "module.port-failed", "port reason"},
    {module_ports_ordered, "module.ports-ordered", "slot ports"},
    {module_reloading, "module.reloading", "reason"},
    {port_up, "module.port-up", "port"},
    {port_down_administratively, "module.port-shut-down", "port"},
    {port_down, "module.port-down", "port reason"},
    {program_started, "service.started", "program version"},
    {program_stopped, "service.stopped", "program reason"},
    {configuration_reloaded, "configuration.reloaded", "file"},
    {configuration_refused, "configuration.refused", "file reason"},
    {hook_failed, "service.hook-failed", "hook sequence event reason"},
    {hooks_skipped, "service.hooks-skipped", "first last reason"},
};

constexpr bool in_order() {
    for (std::size_t index = 0; index < std::size(kEvents); ++index)
        if (static_cast<std::size_t>(kEvents[index].id) != index)
            return false;
    return true;
}
static_assert(in_order(), "events are in the order of MessageId");

}  // namespace

std::span<const EventEntry> event_entries() {
    return kEvents;
}

const EventEntry& event_entry(MessageId id) {
    return kEvents[static_cast<std::size_t>(id)];
}

}  // namespace ha::catalog
