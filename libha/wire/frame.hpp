// The frames of a domain as values. codec.hpp turns them into bytes and back, seal.hpp proves who
// sent them, receiver.hpp decides whether one is let in. docs/wire-format.md documents every byte.
//
// A frame is a fixed header and one message; a message travels as TLVs, so that a later version can
// add fields that an older one skips.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libha/base/identity.hpp"
#include "libha/base/mac_address.hpp"
#include "libha/base/time.hpp"
#include "libha/base/uuid.hpp"

namespace ha::wire {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// IEEE local experimental 1; the default of the configurable EtherType.
inline constexpr std::uint16_t kDefaultEtherType = 0x88b5;
/// The longest payload (all after the EtherType) that is ever sent or accepted.
inline constexpr std::size_t kMaximumPayload = 1500;
/// The longest host name a module may announce, in bytes of printable ASCII: names are logged and
/// shown, so no frame may carry control characters into a log. encode() cuts and replaces the rest.
inline constexpr std::size_t kMaximumHostName = 63;
/// The longest name of an operator that an order may give.
inline constexpr std::size_t kMaximumOrderedBy = 127;
/// The ranges a frame may claim for h and T; what the configuration allows is narrower.
inline constexpr Duration kShortestHeartbeat = std::chrono::milliseconds{1};
inline constexpr Duration kLongestHeartbeat = std::chrono::seconds{60};
inline constexpr Duration kShortestLoss = std::chrono::milliseconds{3};
inline constexpr Duration kLongestLoss = std::chrono::seconds{600};

/// The longest age a frame may claim, a century: what is longer is no age, and must not overflow
/// anybody's arithmetic. kNeverAge stands for "never".
inline constexpr std::uint64_t kLongestAgeMs = std::uint64_t{100} * 365 * 24 * 3600 * 1000;
inline constexpr std::uint64_t kNeverAge = ~std::uint64_t{0};

/// The redundancy state a supervisor claims in a frame.
enum class ClaimedState : std::uint8_t {
    initializing = 1,     ///< booting, looking for a peer
    waiting = 2,          ///< booting, has seen the primary initialize and lets it go first
    active = 3,           ///< active
    standby_syncing = 4,  ///< standby, not yet holding all that the active knows
    standby_ha = 5,       ///< standby, synchronized, ready to take over
    switching_over = 6,   ///< was active, has given the role up for its standby to take (SW-2)
};

/// Requests for an action of the other side (BEHAVIOUR BOOT-6); bits of SupervisorStatus::flags.
enum class ControlFlag : std::uint8_t {
    reset_yourself = 1U << 0U,  ///< you are out of sync: reload
    reset_me = 1U << 1U,        ///< I am out of sync: tell me to reload (LOSS-3)
    synchronized = 1U << 2U,    ///< the active confirms that the standby holds everything
    peer_present = 1U << 3U,    ///< I count you as present
    degraded = 1U << 4U,        ///< I am in degraded mode (HB-3)
    switch_over = 1U << 5U,     ///< you hold all that I hold: take over from me now (SW-2)
};

/// What every frame between supervisors says of its sender.
struct SupervisorStatus {
    ClaimedState state = ClaimedState::initializing;
    std::uint8_t flags = 0;  ///< ControlFlag bits
    /// The receiver's incarnation as the sender last heard it: a frame that names my incarnation
    /// was made after I booted, so it is no replay from before. kNoIncarnation: has not heard me.
    Incarnation names = kNoIncarnation;
    Duration heartbeat_interval{0};
    Duration loss_interval{0};
    std::uint64_t revision = 0;          ///< active: newest revision of the replicated state
    std::uint64_t applied_revision = 0;  ///< standby: the revision it holds completely

    [[nodiscard]] bool has(ControlFlag flag) const {
        return (flags & static_cast<std::uint8_t>(flag)) != 0;
    }
    void set(ControlFlag flag) {
        flags = static_cast<std::uint8_t>(flags | static_cast<std::uint8_t>(flag));
    }
    friend bool operator==(const SupervisorStatus&, const SupervisorStatus&) = default;
};

/// What split-brain arbitration compares (BEHAVIOUR SB-1): frozen when the encounter opens.
struct ArbitrationTuple {
    std::uint32_t number = 0;               ///< which freeze of the sender's this is, from 1 up
    std::uint16_t module_count = 0;         ///< modules attached
    std::uint64_t configuration_maker = 0;  ///< incarnation that made the last configuration
    /// The maker's counter; equal pairs of maker and revision mean the same configuration.
    std::uint64_t configuration_revision = 0;
    std::uint64_t configuration_age_ms = 0;  ///< time since that configuration, all ones: never
    std::uint64_t active_age_ms = 0;         ///< time since standby→active (or boot→active)
    bool vsg = false;                        ///< the sender is a VSG (SB-2)
    friend bool operator==(const ArbitrationTuple&, const ArbitrationTuple&) = default;
};

/// One side's part of an encounter: its own frozen tuple, and the other's as it has received it.
struct Arbitration {
    ArbitrationTuple mine;
    std::optional<ArbitrationTuple> yours;  ///< absent until received
    friend bool operator==(const Arbitration&, const Arbitration&) = default;
};

/// Discovery: broadcast by a booting supervisor and by an active one without a peer (BOOT-1,
/// LOSS-1); unicast in answer to one.
struct Hello {
    SupervisorStatus status;
    std::optional<Arbitration> arbitration;
    friend bool operator==(const Hello&, const Hello&) = default;
};
/// Active to standby every heartbeat interval (HB-1); also active to active while arbitrating.
struct HeartbeatRequest {
    SupervisorStatus status;
    std::uint32_t number = 0;
    std::optional<Arbitration> arbitration;
    /// With ControlFlag::switch_over: who asked for it, for the accounting log of the new active,
    /// "user:terminal or address" of printable ASCII; empty when nobody knows.
    std::string ordered_by{};
    friend bool operator==(const HeartbeatRequest&, const HeartbeatRequest&) = default;
};
/// Standby to active, only in answer to a request, on the port the request came in.
struct HeartbeatResponse {
    SupervisorStatus status;
    std::uint32_t number = 0;  ///< of the request answered, 0 when volunteered on joining
    friend bool operator==(const HeartbeatResponse&, const HeartbeatResponse&) = default;
};

enum class LeaveReason : std::uint8_t {
    stop = 1,
    reload = 2,
    switchover = 3,
    reset = 4,
    crash = 5,  ///< the dying gasp: said for a life that is over by somebody that outlived it
};
/// The sequence of a dying gasp's first copy: greater than that of anything its life has sent.
inline constexpr std::uint64_t kGaspSequence = std::uint64_t{1} << 63U;
/// "I, this incarnation, am leaving": to the peer and, broadcast, to the modules (HB-8).
struct Leaving {
    SupervisorStatus status;
    Incarnation subject = kNoIncarnation;  ///< the incarnation spoken for
    LeaveReason reason = LeaveReason::stop;
    friend bool operator==(const Leaving&, const Leaving&) = default;
};

/// One line of the module table: a host and the number that belongs to it (VEM-1).
struct ModuleRecord {
    Uuid host;
    Slot module = kNoSlot;
    std::string host_name;
    friend bool operator==(const ModuleRecord&, const ModuleRecord&) = default;
};
/// Active, broadcast every heartbeat interval on control: lets a searching module find it.
struct ModuleBeacon {
    MacAddress other_supervisor;  ///< control MAC of its standby, zero when it has none
    friend bool operator==(const ModuleBeacon&, const ModuleBeacon&) = default;
};
/// A new active, broadcast, repeated: "switch to me" (VEM-4).
struct SwitchRequest {
    std::uint32_t number = 0;  ///< counts this incarnation's requests; copies carry the same
    friend bool operator==(const SwitchRequest&, const SwitchRequest&) = default;
};
/// Module, broadcast while it searches, or unicast to the active it wants.
struct ModuleHello {
    Uuid host;
    std::string host_name;
    Slot wanted = kNoSlot;  ///< the number it had before, kNoSlot if never
    bool headless = false;
    friend bool operator==(const ModuleHello&, const ModuleHello&) = default;
};
/// Active to a module: you are attached under this number. Sent only once the number is durable.
struct ModuleAccept {
    Incarnation names = kNoIncarnation;  ///< the module's incarnation
    Slot module = kNoSlot;
    Duration heartbeat_interval{0};
    MacAddress other_supervisor;
    friend bool operator==(const ModuleAccept&, const ModuleAccept&) = default;
};
/// What is configured for a port of a module (VEM-8). Nothing: it was never spoken of, and is left
/// as it is.
enum class PortOrder : std::uint8_t { none = 0, shutdown = 1, no_shutdown = 2 };
/// A module has at most so many ports that can be ordered about.
inline constexpr std::size_t kMaximumModulePorts = 248;
/// The orders for all ports of a module.
struct PortOrders {
    /// Counts those of this incarnation of the supervisor for this module, from 1 up.
    std::uint32_t number = 0;
    /// Of the ports 1, 2, … in this order, at most kMaximumModulePorts; none for those beyond.
    std::vector<PortOrder> ports;
    friend bool operator==(const PortOrders&, const PortOrders&) = default;
};
/// What a port of a module really is.
struct PortState {
    bool present = false;   ///< the interface exists
    bool admin_up = false;  ///< IFF_UP
    bool link = false;      ///< IFF_LOWER_UP
    bool forwards = false;  ///< it is in its bridge
    bool disobeys = false;  ///< what was ordered could not be carried out
    friend bool operator==(const PortState&, const PortState&) = default;
};
/// All ports of a module.
struct PortReport {
    std::uint32_t held = 0;        ///< number of the latest orders taken from the receiver, 0: none
    std::vector<PortState> ports;  ///< 1, 2, …, at most kMaximumModulePorts
    friend bool operator==(const PortReport&, const PortReport&) = default;
};
/// Active to an attached module every heartbeat interval (VEM-2).
struct ModuleHeartbeat {
    Incarnation names = kNoIncarnation;  ///< the module's incarnation
    Slot module = kNoSlot;
    std::uint32_t number = 0;
    MacAddress other_supervisor;
    /// Until the module has reported that it holds them.
    std::optional<PortOrders> orders{};
    /// The supervisor has gone to this domain, and the module is to follow.
    std::optional<DomainId> new_domain{};
    friend bool operator==(const ModuleHeartbeat&, const ModuleHeartbeat&) = default;
};
/// The module's answer; said again, with the number of the last one answered, when a port changes.
struct ModuleHeartbeatReply {
    Incarnation names = kNoIncarnation;  ///< the supervisor's incarnation
    Uuid host;
    Slot module = kNoSlot;
    std::uint32_t number = 0;
    std::optional<PortReport> ports{};  ///< absent from modules that take no orders
    friend bool operator==(const ModuleHeartbeatReply&, const ModuleHeartbeatReply&) = default;
};
enum class DetachReason : std::uint8_t {
    stopping = 1,  ///< module → supervisor: the module's agent is being stopped
    switched = 2,  ///< module → supervisor: it follows another active's switch request
    not_attached =
        3,  ///< supervisor → module: your frame names an attachment I do not have; say hello
    table_full = 4,  ///< supervisor → module: no free module number
    /// supervisor → module: restart your agent (SW-6); module → supervisor: it does
    reload = 5,
};
struct ModuleDetach {
    Incarnation names = kNoIncarnation;  ///< the receiver's incarnation
    Uuid host;
    DetachReason reason = DetachReason::stopping;
    friend bool operator==(const ModuleDetach&, const ModuleDetach&) = default;
};

/// A piece of a stream of messages between the supervisors, on control only
/// (libha/replication/channel_sender.hpp).
struct ChannelData {
    Incarnation names = kNoIncarnation;  ///< the receiver's incarnation, never kNoIncarnation
    std::uint32_t stream = 0;            ///< not 0; grows within a life of the sender
    std::uint64_t number = 0;            ///< of this frame in the stream, 1…kMaximumChannelNumber
    bool first = false;                  ///< the message begins here
    bool last = false;                   ///< the message ends here
    bool answer = false;  ///< nothing more is coming for now: acknowledge without delay
    /// At most kMaximumChannelBytes; none only in a message that is empty (first and last).
    Bytes bytes;
    friend bool operator==(const ChannelData&, const ChannelData&) = default;
};
/// What leaves room for the headers, `names` and a seal in the longest payload.
inline constexpr std::size_t kMaximumChannelBytes = 1400;
/// No stream gets this far; a bound so that numbers never overflow anybody's arithmetic.
inline constexpr std::uint64_t kMaximumChannelNumber = std::uint64_t{1} << 62U;
/// Numbers `first` to `last`, both included.
struct ChannelRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    friend bool operator==(const ChannelRange&, const ChannelRange&) = default;
};
/// What the receiver of a stream has of it.
struct ChannelAck {
    Incarnation names = kNoIncarnation;  ///< the receiver's incarnation, never kNoIncarnation
    std::uint32_t stream = 0;            ///< not 0
    std::uint64_t next = 1;    ///< everything below has come; 1…kMaximumChannelNumber + 1
    std::uint32_t window = 0;  ///< what it will keep of frames it has not got yet
    /// What it holds beyond `next`: ascending, apart from each other, at most
    /// kMaximumChannelRanges.
    std::vector<ChannelRange> ranges;
    friend bool operator==(const ChannelAck&, const ChannelAck&) = default;
};
inline constexpr std::size_t kMaximumChannelRanges = 16;
/// What a frame takes of the window, beside its bytes: an empty message takes memory as well.
inline constexpr std::size_t kChannelFrameCost = 64;
/// Standby to active: everything up to this revision is on its disk (SYNC-2).
struct StateApplied {
    Incarnation names = kNoIncarnation;  ///< the receiver's incarnation, never kNoIncarnation
    std::uint64_t revision = 0;
    friend bool operator==(const StateApplied&, const StateApplied&) = default;
};

/// What the supervisors tell each other beside replication, on streams of their own in both
/// directions: their logs while they settle a split brain, on both ports (SB-4).
struct ExchangeData : ChannelData {
    friend bool operator==(const ExchangeData&, const ExchangeData&) = default;
};
struct ExchangeAck : ChannelAck {
    friend bool operator==(const ExchangeAck&, const ExchangeAck&) = default;
};

/// The alternatives are in the order of FrameType; index() + 1 is the type on the wire.
using Message =
    std::variant<Hello, HeartbeatRequest, HeartbeatResponse, Leaving, ModuleBeacon, SwitchRequest,
                 ModuleHello, ModuleAccept, ModuleHeartbeat, ModuleHeartbeatReply, ModuleDetach,
                 ChannelData, ChannelAck, StateApplied, ExchangeData, ExchangeAck>;
enum class FrameType : std::uint8_t {
    hello = 1,
    heartbeat_request,
    heartbeat_response,
    leaving,
    module_beacon,
    switch_request,
    module_hello,
    module_accept,
    module_heartbeat,
    module_heartbeat_reply,
    module_detach,
    channel_data,
    channel_ack,
    state_applied,
    exchange_data,
    exchange_ack,
};
inline constexpr std::size_t kFrameTypeCount = std::variant_size_v<Message>;
constexpr FrameType type_of(const Message& message) {
    return static_cast<FrameType>(message.index() + 1);
}
/// "heartbeat-request".
std::string_view to_string(FrameType type);
/// Whether frames of `type` travel on `port`: mgmt carries discovery, heartbeats, farewells and
/// what settles a split brain, never state and nothing of the modules (BEHAVIOUR HB-3).
bool carries(PortKind port, FrameType type);

struct Frame {
    DomainId domain{};
    /// The sender: its slot (kNoSlot for a module without a number) and, for supervisors, its role.
    Slot slot = kNoSlot;
    Role role = Role::standalone;
    /// The port it was sent on. Covered by authentication: a frame cannot claim another link.
    PortKind port = PortKind::control;
    Incarnation incarnation = kNoIncarnation;
    std::uint64_t sequence = 0;  ///< one counter per sender, port and incarnation, from 1 up
    Message message;
    friend bool operator==(const Frame&, const Frame&) = default;
};

}  // namespace ha::wire
