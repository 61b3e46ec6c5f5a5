// The supervisor's side of the modules: whose number is whose, who is attached, who has gone quiet.
//
// Pure. The owner (libha/supervisor) feeds it frames that passed the gate, the time and its own role,
// and carries out the effects. Only an active supervisor talks to modules; a standby holds the
// replicated records so that numbers survive a switchover (BEHAVIOUR VEM-1…VEM-5).
#pragma once

#include <cstdint>
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
    Duration heartbeat_interval{std::chrono::seconds{1}};
    unsigned missed_limit = 6;  ///< heartbeats missed until a module is removed (VEM-2)
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
};
/// What RecordsChanged asked for is durable: attachments waiting for `revision` or less may go on.
struct RecordsDurable {
    std::uint64_t revision = 0;
    Instant now;
};
using Input = std::variant<FrameReceived, Tick, Activated, Announce, Deactivated, OtherSupervisorChanged,
                           RecordsLoaded, RecordsDurable>;

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
    storing,  ///< said hello; its number is being made durable
    online,   ///< attached
};
std::string_view to_string(Attachment attachment);

struct ModuleSnapshot {
    ha::wire::ModuleRecord record;
    Attachment attachment = Attachment::absent;
    std::string reason;  ///< why it is in this state, e.g. "6 heartbeats missed"
    Instant since;       ///< when it entered this state
    ha::MacAddress mac;  ///< of its last frame, zero if never heard
    ha::Incarnation incarnation = ha::kNoIncarnation;
    Instant last_heard;
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
};

class Registry {
public:
    explicit Registry(Options options);
    void step(const Input& input, Effects& effects);
    [[nodiscard]] Instant next_deadline() const;
    [[nodiscard]] Snapshot snapshot() const;
    /// What is stored and replicated, by module number.
    [[nodiscard]] std::vector<ha::wire::ModuleRecord> records() const;
    /// Modules attached now: what split-brain arbitration counts (SB-1).
    [[nodiscard]] std::uint16_t online_count() const;

private:
    // (the implementer's)
};

}  // namespace vem::registry
