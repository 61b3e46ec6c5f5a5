// The words of every operator message. Beside each entry: its arguments, in their order.
// Severity 3 and below is for what somebody must act on, and for the messages whose severity the
// product's documents fix (SYSMGR, PLATFORM, VEM_MGR).
#include "libha/catalog/catalog.hpp"

#include <algorithm>
#include <array>

namespace ha::catalog {
namespace {

using enum MessageId;

constexpr Entry kPairEntries[] = {
    // unit, from, to, event, reason
    {state_changed, "REDUNDANCY", 5, "STATE_CHANGE", "{}: {} -> {} on {}: {}",
     "The supervisor's place in the pair changed; the event and the reason say why.", "None."},
    // no arguments
    {becoming_active_pre_start, "SYSMGR", 2, "HASWITCHOVER_PRE_START",
     "This supervisor is becoming active (pre-start phase).",
     "The standby has lost its active, or was told that it leaves, and prepares to take over.",
     "Find out why the other supervisor left or went silent."},
    // no arguments
    {becoming_active, "SYSMGR", 2, "HASWITCHOVER_START", "This supervisor is becoming active.",
     "The standby takes over: it takes the management address and calls the modules.", "None."},
    // no arguments
    {switchover_over, "SYSMGR", 2, "SWITCHOVER_OVER", "Switchover completed.",
     "This supervisor is active.", "None."},
    // no arguments
    {switchover_refused, "SYSMGR", 4, "SWITCHOVER_REFUSED",
     "Failed to switchover (standby not ready to takeover in vdc 1)",
     "A switchover was asked for while no standby was there that holds everything.",
     "Wait until `show system redundancy status` shows the other supervisor as HA standby."},
    // slot
    {standby_ready, "MODULE", 5, "STANDBY_SUP_OK", "Supervisor {} is standby",
     "The standby holds everything the active knows and is ready to take over.", "None."},
    // slot
    {supervisor_removed, "PLATFORM", 2, "MOD_REMOVE", "Module {} removed (Serial number )",
     "The other supervisor is gone: it left, or nothing was heard of it on control and mgmt for "
     "the "
     "loss interval. High availability is lost until it is back.",
     "Check the other supervisor and the control and mgmt networks."},
    // slot, reason
    {supervisor_reset, "REDUNDANCY", 4, "SUP_RESET", "Supervisor {} is told to reset: {}",
     "The standby is out of sync with the active and has to start anew.",
     "If it happens again, check the control network between the supervisors for loss."},
    // reason
    {supervisor_restarting, "REDUNDANCY", 4, "SUP_RESTART", "This supervisor is restarting: {}",
     "This supervisor ends and starts anew as a fresh incarnation.",
     "None if the reason is known."},
    // reason
    {degraded_entered, "REDUNDANCY", 4, "DEGRADED_ENTER", "Degraded mode entered: {}",
     "Control has been silent for half of the loss interval; heartbeats also travel on mgmt. "
     "Nothing is synchronized meanwhile.",
     "Repair the control network. The pair survives on mgmt, but one more failure splits it."},
    // duration, reason
    {degraded_left, "REDUNDANCY", 5, "DEGRADED_EXIT", "Degraded mode left after {}: {}",
     "Control carries heartbeats again, or there is no peer left to exchange them with.", "None."},
    // reason
    {one_way_suspected, "REDUNDANCY", 4, "ONE_WAY", "One-way loss suspected: {}",
     "The peer's frames arrive here and show that ours do not arrive there, or the reverse.",
     "Check the path between the supervisors for filters and faults in one direction."},
    // slot of the peer, MAC
    {split_brain_detected, "REDUNDANCY", 4, "ACTIVE_ACTIVE_DETECTED",
     "Supervisor {} ({}) is active as well",
     "Both supervisors became active while they could not hear each other, and now hear each other "
     "again. They compare modules, configuration and time as active; one of them restarts.",
     "Find out why control and mgmt were interrupted at the same time."},
    // slot of the loser, reason
    {split_brain_resolved, "REDUNDANCY", 5, "ACTIVE_ACTIVE_RESOLVED", "Supervisor {} restarts: {}",
     "Both supervisors agreed on which of them stays active.",
     "Check configuration that was changed on the restarting supervisor during the split."},
    // how much of the other side's
    {split_brain_logs_kept, "REDUNDANCY", 5, "ACTIVE_ACTIVE_LOGS_KEPT",
     "Logs of both supervisors kept; of the other one: {}",
     "Before one of two actives restarts, both keep their own and the other's accounting log and "
     "redundancy trace.",
     "Look at them with `show system internal active-active [remote] accounting logs` and "
     "`redundancy traces`."},
    // from, to
    {domain_changed, "REDUNDANCY", 5, "DOMAIN_CHANGED", "Domain changed from {} to {}",
     "A supervisor without a standby was given another domain and is in it from now on, or a "
     "module "
     "has followed its supervisor there.",
     "None. The other supervisor needs the same domain before the two can be a pair again."},
    // slot of the peer, MAC, port, its version, ours
    {other_version_heard, "REDUNDANCY", 4, "OTHER_VERSION",
     "Supervisor {} ({} on {}) speaks wire version {}, this one version {}: they cannot be a pair",
     "The programs of the two supervisors are of releases that do not understand each other. One "
     "that starts while the other is there stays out and does not become active.",
     "Bring both supervisors to the same release."},
    // slot of the peer, its version, reason
    {other_version_gone, "REDUNDANCY", 5, "OTHER_VERSION_GONE",
     "Supervisor {} of wire version {} is gone: {}",
     "The supervisor that speaks another version of the wire format is not heard any more. One "
     "that stayed out because of it becomes active now.",
     "None."},
    // MAC, port, slot
    {role_collision, "REDUNDANCY", 3, "ROLE_COLLISION",
     "Supervisor with MAC {} on {} claims the role of supervisor {}, which is ours",
     "Another supervisor of this domain is configured with the same redundancy role.",
     "Give one of the two the other role, or another domain id."},
    // old MAC, new MAC
    {role_collision_overwritten, "REDUNDANCY", 4, "ROLE_COLLISION_OVERWRITE",
     "Collision entry of {} overwritten by {}",
     "More supervisors collide than the table holds; the one seen longest ago left the table.",
     "Resolve the role collisions."},
    // MAC
    {role_collision_cleared, "REDUNDANCY", 5, "ROLE_COLLISION_CLEAR", "Collision with {} is over",
     "The supervisor with this MAC has not collided for an hour.", "None."},
    // port, MAC
    {peer_mac_learnt, "REDUNDANCY", 5, "PEER_MAC_LEARNT", "MAC of the peer on {} learnt: {}",
     "The first contact with the peer; from now on only frames from this MAC count as its.",
     "None."},
    // port, MAC, count
    {peer_mac_rejected, "REDUNDANCY", 4, "PEER_MAC_REJECTED",
     "On {} frames of {} rejected, not the learnt MAC of the peer ({} in all)",
     "Somebody speaks for the peer's slot with another MAC than the one learnt.",
     "If the peer was replaced, use `clear system redundancy peer-mac`. If not, find the sender."},
    // no arguments
    {peer_mac_cleared, "REDUNDANCY", 5, "PEER_MAC_CLEARED", "Learnt MACs of the peer cleared",
     "An operator re-opened the learning of the peer's MACs.", "None."},
    // slot, reason
    {peer_leaving, "REDUNDANCY", 5, "PEER_LEAVING", "Supervisor {} is leaving: {}",
     "The other supervisor said that it stops, reloads or restarts.", "None."},
    // slot
    {peer_crashed, "REDUNDANCY", 4, "PEER_CRASHED", "Supervisor {} died without a farewell",
     "The other supervisor's program was killed or crashed; what outlived it for a moment said so "
     "(dying gasp).",
     "Look for the cause on that host: its log, a core file, the kernel's messages about memory."},
    // count, reason, port
    {frames_rejected, "REDUNDANCY", 4, "FRAMES_REJECTED", "{} frame(s) rejected as {} on {}",
     "Frames that could not be used arrived; `show system internal redundancy statistics` counts "
     "them.",
     "docs/wire-format.md explains each reason."},
    // reason
    {replication_refused, "REDUNDANCY", 3, "SYNC_REFUSED",
     "What the active sends cannot be taken in: {}",
     "The standby cannot read what it should hold, so it stays out and will not take over.",
     "Run the same version of vsmd on both supervisors."},
};

constexpr Entry kNodeEntries[] = {
    // port, interface, state
    {link_changed, "ETHPORT", 5, "LINK_CHANGE", "Port {} ({}): {}",
     "An interface of this node appeared, vanished, or changed its state or MAC.",
     "If it was not intended, check the interface and its cable."},
    // port, interface, up or down, reason
    {link_failed, "ETHPORT", 3, "LINK_FAILED", "Port {} ({}) cannot be set {}: {}",
     "`shutdown` or `no shutdown` of this port could not be carried out on its interface.",
     "Check that the interface exists and that the program has the capability CAP_NET_ADMIN."},
    // addresses
    {address_taken, "REDUNDANCY", 5, "ADDRESS_TAKEN", "Management address taken: {}",
     "The active holds and announces the management address.", "None."},
    // addresses
    {address_released, "REDUNDANCY", 5, "ADDRESS_RELEASED", "Management address released: {}",
     "This supervisor is not active any more and gave the management address up.", "None."},
    // address, reason
    {address_failed, "REDUNDANCY", 3, "ADDRESS_FAILED", "Management address {}: {}",
     "The management address could not be added or removed.",
     "Check the mgmt interface and that the program has the capability CAP_NET_ADMIN."},
    // path, reason, what became of it
    {state_file_damaged, "SYSMGR", 3, "STATE_DAMAGED", "{}: {}; kept as {}",
     "The stored state could not be read, and the program starts without it. A supervisor learns "
     "module numbers and the peer's MACs anew, a module is told its number again.",
     "Check the disk. The file was kept for inspection."},
    // path, reason
    {state_file_torn, "SYSMGR", 4, "STATE_TORN",
     "{}: the last write is not whole ({}) and is undone",
     "Power was lost during a write. It had not been confirmed to anybody, unless the disk calls "
     "written what is not, and the program goes on with what was stored before it.",
     "Nothing after a loss of power. Without one, check the disk."},
    // path, reason
    {state_file_replaced, "SYSMGR", 4, "STATE_REPLACED", "{}: {}; written anew",
     "Somebody else removed, replaced or cut the file of the stored state while the program was "
     "running. Nothing of it is lost: a fresh file holds all of it.",
     "Find out who changes files of this folder, and leave them to the program."},
    // path, reason
    {store_failed, "SYSMGR", 3, "STORE_FAILED", "{}: {}",
     "State could not be made durable. A restart may forget what changed since.",
     "Check the disk for space, permissions and faults."},
    // what, mine, peer's
    {interval_differs, "REDUNDANCY", 4, "INTERVAL_DIFFERS", "{} differs: {} here, {} at the peer",
     "Two supervisors, or a module and its supervisor, are configured with different timers.",
     "Configure the same timers everywhere in the domain."},
    // duration
    {stall_detected, "SYSMGR", 4, "STALL", "This process did not run for {}",
     "The system did not let the supervisor run. No loss was declared for the time it slept.",
     "Check the load of the host and whether the process was stopped."},
};

constexpr Entry kModuleEntries[] = {
    // host name, module
    {module_detected, "VEM_MGR", 2, "VEM_MGR_DETECTED", "Host {} detected as module {}",
     "A host was given a module number, or came back to its own.", "None."},
    // module
    {module_online, "VEM_MGR", 2, "MOD_ONLINE", "Module {} is online",
     "The module is attached to this supervisor.", "None."},
    // module, reason
    {module_removed, "VEM_MGR", 2, "MOD_OFFLINE", "Module {} is offline: {}",
     "The module is not attached any more. Its ports keep forwarding.",
     "If it was not intended, check the host and the control network."},
    // host name, reason
    {module_rejected, "VEM_MGR", 4, "HOST_REJECTED", "Host {} is not accepted: {}",
     "A module asked to attach and cannot.", "The reason says what to change."},
    // from, to, event, reason
    {module_state_changed, "VEM", 5, "STATE_CHANGE", "{} -> {} on {}: {}",
     "The module's attachment changed; the event and the reason say why.", "None."},
    // slot of the supervisor
    {module_switched, "VEM", 5, "SWITCHED", "Following supervisor {}",
     "The module follows the request of a supervisor that has become active.", "None."},
    // reason
    {module_headless, "VEM", 4, "HEADLESS", "Headless: {}",
     "The module has lost its supervisor. Its ports keep forwarding as they were.",
     "Check the supervisors and the control network."},
    // port, reason
    {module_port_failed, "VEM", 3, "PORT_FAILED", "Port {}: {}",
     "A port of the module could not be set up as configured.", "Check the interface on the host."},
    // slot of the supervisor, ports with their orders
    {module_ports_ordered, "VEM", 5, "PORTS_ORDERED", "Orders of supervisor {} for ports: {}",
     "`shutdown` or `no shutdown` was configured for these ports. The module carries it out, and "
     "keeps "
     "to it without a supervisor and over its own restart.",
     "None."},
    // reason
    {module_reloading, "VEM", 4, "RELOAD", "The agent restarts: {}",
     "The agent of the module ends and begins anew, as `reload module` asked. Its ports keep "
     "forwarding.",
     "None."},
    // module and port
    {port_up, "ETHPORT", 5, "IF_UP", "Interface Ethernet{} is up",
     "A port of a module has a link and forwards.", "None."},
    // module and port
    {port_down_administratively, "ETHPORT", 5, "IF_DOWN_ADMIN_DOWN",
     "Interface Ethernet{} is down (Administratively down)",
     "A port of a module was set down, by `shutdown` or on its host.",
     "`no shutdown` below `interface ethernet` sets it up again."},
    // module and port, reason
    {port_down, "ETHPORT", 5, "IF_DOWN_LINK_FAILURE", "Interface Ethernet{} is down ({})",
     "A port of a module has no link, or does not forward for the reason given.",
     "Check the cable and its other end, and the interface on the host."},
};

constexpr Entry kProgramEntries[] = {
    // name, version
    {program_started, "SYSMGR", 6, "STARTED", "{} {} started", "The program runs.", "None."},
    // name, reason
    {program_stopped, "SYSMGR", 6, "STOPPED", "{} stopped: {}", "The program ends.",
     "None if the reason is known."},
    // file
    {configuration_reloaded, "SYSMGR", 5, "CONFIG_RELOADED", "{} re-read",
     "What can change without a restart was taken from the file.", "None."},
    // file, reason
    {configuration_refused, "SYSMGR", 3, "CONFIG_REFUSED", "{} refused: {}",
     "The file has an error; everything stays as it was.", "Correct the file and signal again."},
};

constexpr Entry kHookEntries[] = {
    // hook, sequence, event, reason
    {hook_failed, "SYSMGR", 4, "HOOK_FAILED", "Hook {} for event {} ({}): {}",
     "A command of `hooks` in the configuration could not be run, ended with an error or was "
     "killed at "
     "its time limit. It is not run again for this event; the next hook is.",
     "Correct the command, or raise its `limit_seconds`."},
    // first sequence, last sequence, reason
    {hooks_skipped, "SYSMGR", 4, "HOOKS_SKIPPED", "Hooks are not run for the events {} to {}: {}",
     "Hooks run one after the other and could not keep up with the events.",
     "Make the commands quicker, lower their `limit_seconds`, or name fewer events."},
};

constexpr std::size_t kEntryCount = std::size(kPairEntries) + std::size(kNodeEntries) +
                                    std::size(kModuleEntries) + std::size(kProgramEntries) +
                                    std::size(kHookEntries);

constexpr std::array<Entry, kEntryCount> join() {
    std::array<Entry, kEntryCount> all{};
    auto out = std::ranges::copy(kPairEntries, all.begin()).out;
    out = std::ranges::copy(kNodeEntries, out).out;
    out = std::ranges::copy(kModuleEntries, out).out;
    out = std::ranges::copy(kProgramEntries, out).out;
    std::ranges::copy(kHookEntries, out);
    return all;
}

constexpr std::array<Entry, kEntryCount> kEntries = join();

constexpr bool in_order() {
    for (std::size_t index = 0; index < kEntries.size(); ++index)
        if (static_cast<std::size_t>(kEntries[index].id) != index)
            return false;
    return true;
}
static_assert(in_order(), "entries are in the order of MessageId");
static_assert(kEntries.size() == static_cast<std::size_t>(hooks_skipped) + 1,
              "every MessageId has an entry");

}  // namespace

std::span<const Entry> entries() {
    return kEntries;
}

const Entry& entry(MessageId id) {
    return kEntries[static_cast<std::size_t>(id)];
}

std::string render(const Report& report) {
    const Entry& found = entry(report.id);
    std::string text = "%" + std::string(found.facility) + "-" + std::to_string(found.severity) +
                       "-" + std::string(found.mnemonic) + ": ";
    std::size_t argument = 0;
    std::string_view rest = found.text;
    for (auto hole = rest.find("{}"); hole != std::string_view::npos; hole = rest.find("{}")) {
        text += rest.substr(0, hole);
        text += argument < report.arguments.size() ? report.arguments[argument] : "?";
        ++argument;
        rest.remove_prefix(hole + 2);
    }
    text += rest;
    return text;
}

}  // namespace ha::catalog
