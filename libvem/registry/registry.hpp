// The supervisor's side of the modules: whose number is whose, who is attached, who has gone quiet.
//
// Pure. The owner (libha/supervisor) feeds it frames that passed the gate, the time and its own
// role, and carries out the effects. Only an active supervisor talks to modules; a standby holds
// the replicated records so that numbers survive a switchover (BEHAVIOUR VEM-1…VEM-5).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libha/base/identity.hpp"
#include "libha/base/time.hpp"
#include "libha/catalog/catalog.hpp"
#include "libha/wire/frame.hpp"
#include "libha/wire/receiver.hpp"

namespace vem::registry {

using ha::Duration;
using ha::Instant;

struct Options {
    /// This supervisor's own: a reply is valid only when it names it. Must be set.
    ha::Incarnation incarnation = ha::kNoIncarnation;
    Duration heartbeat_interval{std::chrono::seconds{1}};
    unsigned missed_limit = 6;           ///< heartbeats missed until a module is removed (VEM-2)
    unsigned switch_request_copies = 3;  ///< per announcement, one each heartbeat interval
};

/// A frame of a type that modules send, received on control.
struct FrameReceived {
    ha::wire::Received received;
    Instant received_at;  ///< never later than now
    Instant now;
};
struct Tick {
    Instant now;
};
/// Frames may have been lost on our side for as long as `duration`: silence in it proves nothing.
struct Stalled {
    Duration duration{};
    Instant now;
};
/// This supervisor has become active. `announce`: ask the modules to switch to it (VEM-4).
struct Activated {
    bool announce = true;
    Instant now;
};
/// The active asks the modules again to come to it (after a split brain was resolved).
struct Announce {
    Instant now;
};
/// It stopped being active (it is about to reload or stop): forget attachments, keep records.
struct Deactivated {
    Instant now;
};
/// The control MAC of the standby, zero when there is none; told to the modules.
struct OtherSupervisorChanged {
    ha::MacAddress mac;
    Instant now;
};
/// Records from the active (on a standby) or from the store (at start). Replaces all.
struct RecordsLoaded {
    std::vector<ha::wire::ModuleRecord> records;
    Instant now;
    /// They are on this supervisor's disk already. If not, they must become durable under
    /// records_revision() as those of RecordsChanged.
    bool durable = true;
};
/// What RecordsChanged asked for is durable: attachments waiting for `revision` or less may go on.
struct RecordsDurable {
    std::uint64_t revision = 0;
    Instant now;
};
/// What the running configuration says of the ports of modules: of the ports 1, 2, … of each module
/// number. Replaces all that was said before (VEM-8).
struct PortsConfigured {
    std::map<ha::Slot, std::vector<ha::wire::PortOrder>> orders;
    Instant now;
};
/// `vem N` / `host id`: the number belongs to this host from now on. The owner has asked
/// reservation_fault().
struct NumberReserved {
    ha::Slot module = ha::kNoSlot;
    ha::Uuid host;
    Instant now;
};
/// `no vem N`: the number is nobody's any more. The owner has asked release_fault().
struct NumberReleased {
    ha::Slot module = ha::kNoSlot;
    Instant now;
};
/// `reload module N`: its agent is told to restart, again and again until it leaves (SW-6). Without
/// effect on one that is not attached.
struct ModuleReloadRequested {
    ha::Slot module = ha::kNoSlot;
    Instant now;
};
using Input = std::variant<FrameReceived, Tick, Stalled, Activated, Announce, Deactivated,
                           OtherSupervisorChanged, RecordsLoaded, RecordsDurable, PortsConfigured,
                           NumberReserved, NumberReleased, ModuleReloadRequested>;

/// Send a message on control. kBroadcastMac reaches all modules.
struct SendMessage {
    ha::MacAddress destination;
    ha::wire::Message message;
};
/// records() changed and must become durable under this revision (then RecordsDurable comes back).
struct RecordsChanged {
    std::uint64_t revision = 0;
};
/// A frame was not used.
struct Dropped {
    ha::wire::DropReason reason;
};
using Effect = std::variant<SendMessage, RecordsChanged, Dropped, ha::catalog::Report>;
using Effects = std::vector<Effect>;

enum class Attachment : std::uint8_t {
    absent,   ///< known, not attached
    storing,  ///< said hello; its number is being made durable, or its first reply is awaited
    online,   ///< attached: it has answered a heartbeat of this incarnation of ours
};
std::string_view to_string(Attachment attachment);

/// A port of a module as the module reported it last.
struct Port {
    ha::wire::PortState state;
    Instant since;  ///< when that was first heard
};

struct ModuleSnapshot {
    ha::wire::ModuleRecord record;
    Attachment attachment = Attachment::absent;
    std::string reason;  ///< why it is in this state, e.g. "6 heartbeats missed"
    Instant since;       ///< when it entered this state
    ha::MacAddress mac;  ///< of its last frame, zero if never heard
    ha::Incarnation incarnation = ha::kNoIncarnation;
    Instant last_heard;
    ha::wire::PortOrders orders;    ///< as configured
    std::uint32_t orders_held = 0;  ///< number of those that the module holds
    std::vector<Port> ports;        ///< 1, 2, …; none while it is not online
    // show module vem counters
    std::uint64_t hellos_received = 0;
    std::uint64_t accepts_sent = 0;
    std::uint64_t heartbeats_sent = 0;
    std::uint64_t heartbeats_received = 0;
    std::uint64_t insertions = 0;
    std::uint64_t removals = 0;
};
struct Snapshot {
    bool active = false;
    std::uint64_t revision = 0;
    std::vector<ModuleSnapshot> modules;  ///< by module number
    /// Ports that are configured, of modules that are known or not.
    std::map<ha::Slot, std::vector<ha::wire::PortOrder>> configured_ports;
};

class Registry {
public:
    explicit Registry(Options options);
    void step(const Input& input, Effects& effects);
    [[nodiscard]] Instant next_deadline() const;
    [[nodiscard]] Snapshot snapshot() const;
    /// What is stored and replicated, by module number.
    [[nodiscard]] std::vector<ha::wire::ModuleRecord> records() const;
    /// What the newest of them must be made durable under.
    [[nodiscard]] std::uint64_t records_revision() const { return revision_; }
    /// Modules attached now: what split-brain arbitration counts (SB-1).
    [[nodiscard]] std::uint16_t online_count() const;
    /// absent as well when there is no such module.
    [[nodiscard]] Attachment attachment(ha::Slot module) const;
    /// Why a number cannot be reserved for a host, for an operator; empty when it can. An attached
    /// module keeps its number, and an attached host has one already.
    [[nodiscard]] std::string reservation_fault(ha::Slot module, const ha::Uuid& host) const;
    /// Why a number cannot be given up; empty when it can, or is nobody's.
    [[nodiscard]] std::string release_fault(ha::Slot module) const;

private:
    /// So many events an interval and no more: what strangers may make us do.
    struct Budget {
        Instant window;
        unsigned used = 0;
        bool take(Instant now, Duration interval, unsigned limit);
    };
    /// A module number and everything known of the host it belongs to.
    struct Entry {
        ModuleSnapshot shown;
        std::uint64_t stored_under = 0;  ///< revision that makes its record durable
        bool accepted = false;           ///< an accept went out for this attachment
        bool proven = false;             ///< stored before, or has been online: somebody's for good
        Instant silent_since;            ///< of its last sign of life, less the time we did not ask
        std::optional<Instant> accepted_at;
        std::optional<Instant> renamed_at;
        std::uint32_t number = 0;  ///< of the last heartbeat sent to it
        Budget port_reports;
        unsigned reloads_left = 0;  ///< orders to restart that are still to be sent
    };

    void on(const FrameReceived& input, Effects& effects);
    void on(const Tick& input, Effects& effects);
    void on(const Stalled& input, Effects& effects);
    void on(const Activated& input, Effects& effects);
    void on(const Announce& input, Effects& effects);
    void on(const Deactivated& input, Effects& effects);
    void on(const OtherSupervisorChanged& input, Effects& effects);
    void on(const RecordsLoaded& input, Effects& effects);
    void on(const RecordsDurable& input, Effects& effects);
    void on(const PortsConfigured& input, Effects& effects);
    void on(const NumberReserved& input, Effects& effects);
    void on(const NumberReleased& input, Effects& effects);
    void on(const ModuleReloadRequested& input, Effects& effects);

    void take_hello(const FrameReceived& input, const ha::wire::ModuleHello& hello,
                    Effects& effects);
    void take_reply(const FrameReceived& input, const ha::wire::ModuleHeartbeatReply& reply,
                    Effects& effects);
    void take_detach(const FrameReceived& input, const ha::wire::ModuleDetach& detach,
                     Effects& effects);
    Entry* admit(const FrameReceived& input, const ha::wire::ModuleHello& hello, Effects& effects);
    bool may_attach(Entry& entry, const FrameReceived& input, Effects& effects);
    unsigned number_for(const ha::wire::ModuleHello& hello);
    void rename(Entry& entry, const std::string& host_name, Instant now, Effects& effects);
    void accept_when_durable(Entry& entry, Instant now, Effects& effects);
    void send_heartbeat(Entry& entry, Effects& effects);
    static void order_reload(Entry& entry, Effects& effects);
    void send_not_attached(const FrameReceived& input, const ha::Uuid& host, Effects& effects);
    void remove(Entry& entry, const std::string& reason, Instant now, Effects& effects);
    void report_rejected(const ha::Uuid& host, const ha::MacAddress& mac, const std::string& reason,
                         Instant now, Effects& effects);
    void forgive_own_silence(Instant now);
    void forgive(Duration duration, Instant now);
    void remove_silent(Instant now, Effects& effects);
    void beat(Instant now, Effects& effects);

    // ports.cpp
    [[nodiscard]] const ha::wire::PortOrders& orders_for(ha::Slot module) const;
    static void take_report(Entry& entry, const ha::wire::PortReport& report, bool is_first,
                            Instant now, Effects& effects);

    Entry* find(const ha::Uuid& host);
    [[nodiscard]] Duration silence_limit() const;
    static void enter(Entry& entry, Attachment attachment, std::string reason, Instant now);

    Options options_;
    bool active_ = false;
    std::map<unsigned, Entry> modules_;  ///< by module number
    std::map<ha::Slot, ha::wire::PortOrders> orders_;
    std::uint64_t revision_ = 0;  ///< newest of our records
    std::uint64_t durable_ = 0;   ///< newest that is stored
    ha::MacAddress other_supervisor_;
    Instant next_beat_ = ha::kNever;
    std::uint32_t announcement_ = 0;  ///< number of the latest switch request
    unsigned copies_left_ = 0;
    Budget refusals_;
    Budget rejections_;
};

}  // namespace vem::registry
