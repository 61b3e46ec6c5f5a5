// The whole supervisor (VSM) as one pure machine: the gate for frames, the pair, the module
// registry, statistics. vsmd and the simulator run exactly this class.
//
// Thread: none of its own; the owner calls step() from one thread, carries out the effects in
// order, and calls step() with a Tick at next_deadline(). It never blocks and never asks for the
// time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libha/base/identity.hpp"
#include "libha/base/time.hpp"
#include "libha/catalog/catalog.hpp"
#include "libha/config/module_line.hpp"
#include "libha/redundancy/types.hpp"
#include "libha/supervisor/stored_state.hpp"
#include "libha/wire/codec.hpp"
#include "libha/wire/receiver.hpp"
#include "libvem/registry/registry.hpp"

namespace ha::supervisor {

struct Options {
    /// The name that a supervisor has before anybody configures one.
    std::string hostname = "switch";
    std::uint16_t control_vlan = 0;  ///< of its port, for the first configuration; 0: untagged
    redundancy::Options pair;
    vem::registry::Options modules;
    wire::Keyring keyring;
    StoredState stored;  ///< as loaded
    /// Revisions that the standby may be behind before it is given up as out of sync (HB-5).
    std::uint64_t backlog_limit = 1000;
    /// Bytes of changes that the standby has not got yet, at most (HB-5).
    std::uint64_t replication_buffer = std::uint64_t{64} << 20U;
    /// Whether both sides of a split brain tell each other their logs and keep them (SB-4). Tests
    /// that are about the decision alone do without.
    bool keeps_logs = true;
};

/// The options as a supervisor goes by them: what was saved rules over the installation.
Options with_startup(Options options);

struct LinkState {
    bool present = false;   ///< the interface exists
    bool admin_up = false;  ///< IFF_UP
    bool carrier = false;   ///< IFF_LOWER_UP
    MacAddress mac;
    std::string interface_name;
    std::string reason;  ///< what is wrong with it, empty when nothing
    friend bool operator==(const LinkState&, const LinkState&) = default;
};

/// A payload (all after the EtherType) received on a port.
struct FrameReceived {
    PortKind port = PortKind::control;
    MacAddress source;
    wire::ByteView payload;  ///< valid during step()
    Instant received_at;     ///< kernel receive time, never later than now (HB-7)
    Instant now;
};
/// The port dropped frames before they got here (e.g. of another VLAN).
struct FramesDropped {
    PortKind port = PortKind::control;
    wire::DropReason reason = wire::DropReason::vlan_mismatch;
    std::uint64_t count = 1;
    Instant now;
};
/// Every queued frame had been read when this was made: only a Tick may declare a loss (HB-7).
struct Tick {
    Instant now;
    WallTime wall_now = {};  ///< for the dates of what is kept only (SB-5)
};
struct LinkChanged {
    PortKind port = PortKind::control;
    LinkState link;
    Instant now;
};
struct StoreCompleted {
    std::uint64_t token = 0;
    bool ok = false;
    Instant now;
};
/// SIGTERM: tell the peer and the modules, then Exit.
struct StopRequested {
    Instant now;
};
/// `reload`: tell them, then Restart.
struct ReloadRequested {
    Instant now;
};
/// `clear system redundancy peer-mac`: forget the learnt MACs, learn again.
struct ClearPeerMac {
    Instant now;
};
/// Who asks for something: for the accounting log.
struct Operator {
    std::string user;    ///< "admin"
    std::string origin;  ///< terminal or address: "console0"
};
/// `system switchover` (SW-2): the standby takes over and this one reloads, or SWITCHOVER_REFUSED
/// is reported.
struct SwitchoverRequested {
    Instant now;
    Operator by{};  ///< for the accounting log of the new active
};
/// `system inter-sup-heartbeat time`: T from now on, here and on the standby (HB-2). The caller has
/// checked the range; without effect on a standby.
struct LossIntervalChanged {
    Duration loss_interval{};
    Instant now;
};
/// `system redundancy role` (ROLE-2).
struct RoleRequested {
    Role role = Role::standalone;
    Instant now;
};
/// SIGHUP with another keyring.
struct KeyringChanged {
    wire::Keyring keyring;
    Instant now;
};
/// A line for the running configuration, keywords in full, below the header `section` ("" at top
/// level).
struct ConfigurationLine {
    std::string section;
    std::string line;
};
/// `copy running-config startup-config`
struct SaveConfiguration {};
/// `write erase`
struct EraseConfiguration {};
/// `copy bootflash:x running-config`: what the file changes of the running configuration. Each of
/// its lines has been looked at.
struct LoadedLines {
    records::Changes changes;
    std::vector<config::ModuleLine> modules;  ///< to be done to the table of modules, in order
};
/// A command that others carry out, for the accounting log alone.
struct CommandGiven {
    bool succeeded = true;
};
/// `reload module N` (SW-6): of a module its agent restarts; of the standby it is reset; this
/// supervisor's own is refused. Answered when the accounting log has it: that it came back is
/// shown.
struct ReloadModule {
    Slot module = kNoSlot;
};
/// What a service that runs in this process wants kept (SVC-2): all of Space::checkpoints. It is no
/// configuration, and not accounted for.
struct ServiceRecords {
    records::Changes changes;
};
/// An operator or a service asks for a change of the replicated records, or for something that is
/// accounted for like one; answered by ChangeCompleted.
struct ChangeRequested {
    std::uint64_t ticket = 0;  ///< the owner's, to know the answer by
    Operator by;
    std::string command;  ///< as the accounting log shows it
    std::variant<ConfigurationLine, SaveConfiguration, EraseConfiguration, LoadedLines,
                 CommandGiven, ReloadModule, ServiceRecords>
        change;
    WallTime wall_now;  ///< for the log's date only (SB-5)
    Instant now;
};
/// `clear active-active …`: forget one of the logs that were kept at the last split brain (SB-4).
struct ClearKeptLog {
    records::Space space = records::Space::accounting_backup;  ///< of kKeptLogSpaces
    Instant now;
};
/// `attach module N`: a line for the console of the standby (SW-6), asked for on the active and
/// answered by ConsoleCompleted. The caller has checked that whoever asks may change things.
struct ConsoleRequested {
    std::uint64_t ticket = 0;  ///< the owner's, to know the answer by
    std::string user;          ///< for the log of the standby
    std::string line;          ///< at most kMaximumConsoleLine bytes
    Instant now;
};
inline constexpr std::size_t kMaximumConsoleLine = 4096;
/// What a line gave on a console.
struct ConsoleAnswer {
    std::uint8_t exit_status = 0;
    std::string output;
    std::string error;  ///< complete text for the operator
    friend bool operator==(const ConsoleAnswer&, const ConsoleAnswer&) = default;
};
/// Of both texts together, in bytes; a longer answer is replaced by a sentence that says so.
inline constexpr std::size_t kMaximumConsoleAnswer = std::size_t{3} << 20U;
/// What came of a line that RunConsole asked for.
struct ConsoleAnswered {
    std::uint32_t id = 0;  ///< of RunConsole
    ConsoleAnswer answer;
    Instant now;
};
/// The runtime noticed that this process did not run for `duration` (HB-7); told to the log.
struct Stalled {
    Duration duration{};
    Instant now;
};
using Input = std::variant<FrameReceived, FramesDropped, Tick, LinkChanged, StoreCompleted,
                           StopRequested, ReloadRequested, ClearPeerMac, KeyringChanged,
                           ChangeRequested, Stalled, SwitchoverRequested, LossIntervalChanged,
                           RoleRequested, ClearKeptLog, ConsoleRequested, ConsoleAnswered>;

struct SendFrame {
    PortKind port = PortKind::control;
    MacAddress destination;
    wire::Bytes payload;  ///< sealed
};
/// Write these changes, all or none, on top of those before, and answer with StoreCompleted{token}.
/// One is under way at a time; what could not be written comes again with the next.
struct Persist {
    std::uint64_t token = 0;
    records::Changes changes;
};
/// Have the mgmt address (SW-5): add it to the interface and announce it, repeatedly.
struct HoldAddress {};
/// Announce the held address again (after a split brain was resolved).
struct AnnounceAddress {};
/// Give it up at once.
struct ReleaseAddress {};
/// A change that was asked for is where it has to be: on this disk and, while the pair is HA, on
/// the standby's (SYNC-2). Or nothing has changed and `error` says why, without "% ".
struct ChangeCompleted {
    std::uint64_t ticket = 0;
    std::string error;
};
/// What the standby answered to a ConsoleRequested; or why there is no answer, without "% ".
struct ConsoleCompleted {
    std::uint64_t ticket = 0;
    ConsoleAnswer answer;
    std::string failure;
};
/// On the standby: run this line as a network-admin's and answer with ConsoleAnswered{id}. One is
/// under way at a time.
struct RunConsole {
    std::uint32_t id = 0;
    std::string user;  ///< who types it on the active
    std::string line;
};
/// The running configuration is another one: look at what it says (records()).
struct ConfigurationChanged {};
/// Start anew as a fresh incarnation (ROLE-5); everything that had to be said has been handed out.
struct Restart {
    std::string reason;
};
/// End the process with success.
struct Exit {};
using Effect = std::variant<SendFrame, Persist, HoldAddress, AnnounceAddress, ReleaseAddress,
                            ChangeCompleted, ConfigurationChanged, Restart, Exit, catalog::Report,
                            ConsoleCompleted, RunConsole>;
using Effects = std::vector<Effect>;

/// What somebody that outlives this life says for it when it has ended without a farewell (HB-8):
/// the dying gasp, made while the life lasts.
struct LastWords {
    std::uint64_t number = 0;      ///< grows with each change of them
    std::vector<SendFrame> words;  ///< in the order to send them; kGaspCopies of each
};
inline constexpr std::uint64_t kGaspCopies = 3;

struct Counter {
    std::uint64_t count = 0;
    std::optional<Instant> latest;
};
struct PortSnapshot {
    LinkState link;
    Instant link_since;
    std::array<Counter, wire::kFrameTypeCount + 1> received;  ///< by FrameType; [0] unused
    std::array<Counter, wire::kFrameTypeCount + 1> sent;
    std::array<Counter, wire::kDropReasonCount> dropped;
};
struct Snapshot {
    Instant now;  ///< of the last step; ages are shown against the reader's own now
    Instant started;
    redundancy::Snapshot pair;
    vem::registry::Snapshot modules;
    std::array<PortSnapshot, kPortCount> ports;  ///< by index_of(PortKind)
    bool authenticated = false;
    std::vector<std::uint8_t> key_ids;  ///< the first one makes proofs
    bool holds_address = false;
    bool store_failed = false;
};

/// The gist of a snapshot at the price of a few loads: for those who look after every step.
struct Brief {
    redundancy::PairState state = redundancy::PairState::discovering;
    Incarnation incarnation = kNoIncarnation;
    bool degraded = false;
    bool peer_present = false;
    std::optional<wire::ClaimedState> peer_claim;  ///< its last one, of a peer that is there or was
    bool holds_address = false;
    std::uint16_t modules_online = 0;
    std::uint64_t revision = 0;  ///< of the replicated state here
};

class Supervisor {
public:
    /// Sends nothing yet: the first step() does.
    Supervisor(const Options& options, Instant now);
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    void step(const Input& input, Effects& effects);
    /// When the next Tick is due; kNever when nothing is.
    [[nodiscard]] Instant next_deadline() const;
    [[nodiscard]] Snapshot snapshot() const;
    [[nodiscard]] Brief brief() const;
    /// As of the last step; to be kept where they can be said when this process is dead, and said
    /// by nobody while it lives.
    [[nodiscard]] const LastWords& last_words() const;
    /// What it keeps, written or not yet.
    [[nodiscard]] const records::Database& records() const;
    /// What `show module` goes by; absent when there is no such module.
    [[nodiscard]] vem::registry::Attachment attachment(Slot module) const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ha::supervisor
