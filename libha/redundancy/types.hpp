// The vocabulary of the pair: its states, events and what a snapshot of it shows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libha/base/identity.hpp"
#include "libha/base/mac_address.hpp"
#include "libha/base/time.hpp"
#include "libha/wire/frame.hpp"

namespace ha::redundancy {

/// The state of this supervisor in the pair.
enum class PairState : std::uint8_t {
    standalone,          ///< role standalone: active, no HA frames (ROLE-1)
    discovering,         ///< booting: looking for a peer (BOOT-1)
    waiting,             ///< booting secondary that lets an initializing primary go first (BOOT-4)
    active_alone,        ///< "Active with no standby"
    active_syncing,      ///< a standby is there and being synchronized
    active_ha,           ///< "Active with HA standby"
    active_arbitrating,  ///< the peer is active too (SB-1)
    switching_over,      ///< "HA switchover in progress": the standby is to take over (SW-2)
    standby_syncing,     ///< standby, not caught up
    standby_ha,          ///< "HA standby"
    leaving,             ///< reloading or stopping: nothing is decided any more
};
inline constexpr std::size_t kPairStateCount = 11;

/// "active-alone": logs, traces, JSON.
std::string_view to_string(PairState state);
constexpr bool is_active(PairState state) {
    return state == PairState::standalone || state == PairState::active_alone ||
           state == PairState::active_syncing || state == PairState::active_ha ||
           state == PairState::active_arbitrating;
}
/// Neither active nor standby in between: it holds no address and accepts no change, but the
/// modules stay with it until they follow the new active.
constexpr bool is_active_or_switching_over(PairState state) {
    return is_active(state) || state == PairState::switching_over;
}
constexpr bool is_standby(PairState state) {
    return state == PairState::standby_syncing || state == PairState::standby_ha;
}

/// How the peer's MACs may change after first contact (BOOT-5).
enum class PeerMacPolicy : std::uint8_t {
    sticky,               ///< stays until `clear system redundancy peer-mac`
    replace_when_absent,  ///< another one is learnt once the old peer has been silent for T
    fixed,                ///< configured (`static` in YAML), never learnt
};
std::string_view to_string(PeerMacPolicy policy);

/// Whom split-brain resolution resets on a VSG (SB-2).
enum class Personality : std::uint8_t { vsm, vsg };

/// Past booting: active, or standby of somebody.
constexpr bool is_established(wire::ClaimedState state) {
    return state != wire::ClaimedState::initializing && state != wire::ClaimedState::waiting;
}
/// The one that its standby counts on: it is active, or waits for the standby to take over.
constexpr bool is_leader(wire::ClaimedState state) {
    return state == wire::ClaimedState::active || state == wire::ClaimedState::switching_over;
}

/// A supervisor in the peer's place that speaks another version of the wire format: it cannot be
/// our peer.
struct OtherVersionPeer {
    std::uint8_t version = 0;
    MacAddress mac;
    PortKind port = PortKind::control;  ///< heard last
    Incarnation life = kNoIncarnation;
    Instant since;   ///< this life was heard with this version
    Instant latest;  ///< heard
    /// Since when it claims to be active.
    std::optional<Instant> active_since;
};

using PeerMacs = std::array<MacAddress, kPortCount>;  ///< by index_of(PortKind); zero: not learnt

struct Options {
    Role role = Role::standalone;
    DomainId domain{1};
    Incarnation incarnation = kNoIncarnation;
    Personality personality = Personality::vsm;
    PeerMacPolicy peer_mac_policy = PeerMacPolicy::sticky;
    bool authenticated = false;  ///< a key is set: only frames that name us decide anything
    Duration heartbeat_interval{std::chrono::seconds{1}};  ///< h
    Duration loss_interval{std::chrono::seconds{15}};      ///< T, at least 3 h
    PeerMacs peer_macs{};                                  ///< from the store or the configuration
    Incarnation peer_incarnation = kNoIncarnation;         ///< newest seen, from the store
    /// The loser of a split brain waits until it is told LogsKept before it restarts, for
    /// kLogsShare of T at most (SB-4).
    bool waits_for_logs = false;
};

/// How long the loser of a split brain may wait for the logs: this part of T, counted from the
/// moment at which it met the other active. Long enough for a lossy path, and far from T, after
/// which it would give the other one up.
inline constexpr int kLogsShare = 4;

/// A switchover that is not complete by then ends with a reset of both supervisors (SW-3).
inline constexpr Duration kSwitchoverLimit = std::chrono::seconds{28};
/// The answer to `system switchover` when there is nobody ready to take over (SW-2).
inline constexpr std::string_view kSwitchoverRefusal =
    "Failed to switchover (standby not ready to takeover in vdc 1)";

/// One line of the redundancy trace: everything that changed the pair or its mode.
struct TraceEntry {
    Instant at;
    std::string from;
    std::string to;
    std::string event;
    std::string reason;
};

/// A supervisor of our own role seen in our domain (COL-1).
struct Collision {
    MacAddress mac;
    PortKind port = PortKind::control;
    Instant first_at;
    Instant latest_at;
    std::uint64_t count = 0;
};
inline constexpr std::size_t kMaximumCollisions = 8;

/// How the last split brain was resolved.
struct ArbitrationOutcome {
    Instant at;
    wire::ArbitrationTuple primary;
    wire::ArbitrationTuple secondary;
    Slot loser = kNoSlot;
    std::string reason;  ///< "fewer modules (0 against 3)"
};

struct PeerPortSnapshot {
    MacAddress learnt_mac;              ///< zero: none
    std::optional<Instant> last_heard;  ///< accepted frame of the peer on this port
};
struct PeerSnapshot {
    bool present = false;
    std::string reason;                         ///< why it counts as (not) present
    Instant since;                              ///< of present / not present
    std::optional<wire::ClaimedState> claimed;  ///< its last claim, absent when never heard
    Incarnation incarnation = kNoIncarnation;
    std::array<PeerPortSnapshot, kPortCount> ports;
};

struct Snapshot {
    Role administrative_role = Role::standalone;
    Role operational_role = Role::standalone;
    PairState state = PairState::standalone;
    std::string reason;
    Instant since;
    DomainId domain{};
    Incarnation incarnation = kNoIncarnation;
    bool degraded = false;
    std::string degraded_reason;
    Instant degraded_since;
    PeerSnapshot peer;
    PeerMacPolicy peer_mac_policy = PeerMacPolicy::sticky;
    Duration heartbeat_interval{};
    Duration loss_interval{};
    std::uint64_t revision = 0;          ///< of the replicated state here
    std::uint64_t applied_revision = 0;  ///< what the standby holds
    bool can_switch_over = false;        ///< `system switchover` would be accepted now
    std::vector<Collision> collisions;   ///< latest first
    std::uint64_t collisions_overwritten = 0;
    std::optional<Instant> collisions_overwritten_at;
    MacAddress collision_overwritten_mac;  ///< the entry last overwritten
    std::optional<ArbitrationOutcome> last_arbitration;
    std::optional<OtherVersionPeer> other_version;  ///< heard within T
    std::optional<Instant> active_since;
    std::vector<TraceEntry> trace;  ///< oldest first, the newest kTraceCapacity
    std::uint64_t unlearnt_rejected = 0;
    MacAddress last_rejected_mac;
    std::optional<Instant> last_rejected_at;
};
inline constexpr std::size_t kTraceCapacity = 256;

}  // namespace ha::redundancy
