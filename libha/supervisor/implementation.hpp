// The inside of Supervisor: which machine gets which input, and what their effects become. Private
// to this folder.
#pragma once

#include <deque>

#include <tl/expected.hpp>

#include "libha/config/module_line.hpp"
#include "libha/config/settings.hpp"
#include "libha/redundancy/pair.hpp"
#include "libha/replication/log_exchange.hpp"
#include "libha/replication/replica.hpp"
#include "libha/supervisor/kept_logs.hpp"
#include "libha/supervisor/supervisor.hpp"

namespace ha::supervisor {

using redundancy::PairState;

class Supervisor::Implementation {
public:
    Implementation(const Options& options, Instant now);
    void step(const Input& input, Effects& effects);
    [[nodiscard]] Instant next_deadline() const;
    [[nodiscard]] Snapshot snapshot() const;
    [[nodiscard]] Brief brief() const;
    [[nodiscard]] const LastWords& last_words() const { return last_words_; }
    [[nodiscard]] const records::Database& records() const { return database_; }
    [[nodiscard]] vem::registry::Attachment attachment(Slot module) const {
        return registry_.attachment(module);
    }

private:
    void on(const FrameReceived& input);
    void on(const FramesDropped& input);
    void on(const Tick& input);
    void on(const LinkChanged& input);
    void on(const StoreCompleted& input);
    void on(const StopRequested& input);
    void on(const ReloadRequested& input);
    void on(const ClearPeerMac& input);
    void on(const SwitchoverRequested& input);
    void on(const LossIntervalChanged& input);
    void on(const RoleRequested& input);
    void on(const KeyringChanged& input);
    void on(const ChangeRequested& input);
    void on(const Stalled& input);
    void on(const ClearKeptLog& input);
    void on(const ConsoleRequested& input);
    void on(const ConsoleAnswered& input);

    void feed(const redundancy::Input& input);
    void feed(const vem::registry::Input& input);
    void carry_out(const redundancy::SendMessage& effect);
    void carry_out(const redundancy::StateChanged& effect);
    void carry_out(const redundancy::PeerKnowledgeChanged& effect);
    void carry_out(const redundancy::AdministrativeRoleChanged& effect);
    void carry_out(const redundancy::StayedActive& effect);
    void carry_out(const redundancy::OrderObeyed& effect);
    void carry_out(const redundancy::Resigned& effect);
    void carry_out(const redundancy::Dropped& effect);
    void carry_out(const vem::registry::SendMessage& effect);
    void carry_out(const vem::registry::RecordsChanged& effect);
    void carry_out(const vem::registry::Dropped& effect);
    void carry_out(const catalog::Report& effect);

    // replication.cpp
    void on_peer_frame(const wire::Received& received, const FrameReceived& input);
    void take_in(const replication::Transaction& transaction);
    /// Applies the changes as the next revision, has them written, and tells the standby.
    void commit(records::Changes changes);
    void begin_replication();
    void begin_following();
    void run_channel();
    void confirm();
    [[nodiscard]] replication::Transaction transaction(records::Changes changes) const;
    [[nodiscard]] std::optional<Duration> configuration_age() const;

    // exchange.cpp: what the two supervisors tell each other beside replication
    void on_exchange_frame(const wire::Received& received, const FrameReceived& input);
    /// A new stream to the peer of now; what was queued for the one before is dropped.
    void open_exchange();
    [[nodiscard]] bool may_exchange(PortKind port) const;
    void run_exchange();
    [[nodiscard]] std::array<bool, kPortCount> exchange_ports() const;

    // console.cpp: the console of the standby (SW-6)
    void take_console_message(std::span<const std::uint8_t> message);
    void run_console();
    void begin_console();
    void end_console(const ConsoleAnswer& answer, const std::string& failure);
    void fail_consoles(const std::string& failure);
    void note_console(PairState from, PairState to, const std::string& reason);
    void answer_console(std::uint32_t id, const ConsoleAnswer& answer);
    [[nodiscard]] std::string console_fault() const;

    // split_brain.cpp
    void begin_log_exchange();
    void run_log_exchange();
    void note_encounter(PairState from, PairState to);
    [[nodiscard]] replication::Logs own_logs() const;
    void keep_logs();
    void note_logs_stored();
    [[nodiscard]] WallTime wall_now() const;

    // domain.cpp: the domain can change while no standby is there (OPS-1)
    void obey_domain(const config::Settings& settings);
    void call_modules_over();
    void note_followed(const MacAddress& module);

    // requests.cpp
    void load_startup();
    void note_configured(records::Changes& changes);
    void obey_configuration();
    /// What the running configuration says. Reading it looks every line up: once a step is enough.
    [[nodiscard]] config::Settings running_settings() const;
    void obey_loss_interval(const config::Settings& settings, std::optional<Duration> otherwise);
    void obey_ports(const config::Settings& settings);
    /// What lines about the table of modules ask for is done, and the records' changes that follow
    /// are left to the caller; or the operator's error and nothing.
    tl::expected<records::Changes, std::string> obey_module_lines(
        const std::vector<config::ModuleLine>& lines);
    /// What the table of modules has become, for the records.
    records::Changes take_module_records();
    [[nodiscard]] std::string reload_fault(Slot module) const;
    void complete(std::uint64_t ticket, std::string error);
    void abandon_requests();

    // shutdown.cpp
    [[nodiscard]] std::string cut_off_fault(const records::Changes& changes) const;

    // last_words.cpp
    void renew_last_words();

    // storage.cpp
    void note_own_facts();
    void write(const records::Changes& changes);
    void write_next();
    void write_again();
    void note_durable(std::uint64_t revision);

    void on_other_version(const FrameReceived& input);
    void route(const wire::Received& received, const FrameReceived& input);
    void send(PortKind port, const MacAddress& destination, const wire::Message& message);
    void send(PortKind port, const MacAddress& destination, const wire::Message& message,
              DomainId domain);
    /// The payload of a frame of this supervisor.
    [[nodiscard]] wire::Bytes sealed(PortKind port, const wire::Message& message, DomainId domain,
                                     std::uint64_t sequence) const;
    void count_drop(PortKind port, wire::DropReason reason, std::uint64_t count = 1);
    void tell_facts();
    void tell_other_supervisor();
    [[nodiscard]] bool usable(PortKind port) const;
    /// The modules stay attached meanwhile, but none gets a number: that would be a change that the
    /// new active does not know of.
    [[nodiscard]] bool may_hear_in_switchover(const wire::Received& received) const;

    Options options_;
    Duration installed_loss_interval_;  ///< what it is while none is configured
    Instant now_;
    Instant started_;
    bool begun_ = false;
    Effects* effects_ = nullptr;

    wire::Receiver gate_;
    redundancy::Pair pair_;
    vem::registry::Registry registry_;
    replication::ReplicaSender sender_;
    replication::ReplicaReceiver receiver_;

    std::array<PortSnapshot, kPortCount> ports_;
    std::array<std::uint64_t, kPortCount> sequences_{};
    /// What the log has not been told yet of frames that were refused.
    struct Rejections {
        std::uint64_t unreported = 0;
        std::optional<Instant> reported_at;
    };
    std::array<std::array<Rejections, wire::kDropReasonCount>, kPortCount> rejections_{};
    /// What the last words were made of: they are made anew when something of it changes.
    struct WordsBasis {
        PairState state = PairState::discovering;
        Role role = Role::standalone;
        DomainId domain{};
        Incarnation peer = kNoIncarnation;
        redundancy::PeerMacs peer_macs{};
        std::array<MacAddress, kPortCount> own_macs{};
        friend bool operator==(const WordsBasis&, const WordsBasis&) = default;
    };
    WordsBasis words_basis_;
    bool words_outdated_ = true;  ///< whatever the basis says: never made, or with other keys
    LastWords last_words_;
    std::optional<Effect> end_;  ///< Exit or Restart, until the step that decided it is over
    bool configuration_changed_ = false;  ///< likewise
    bool gathers_records_ = false;  ///< what the table of modules changes goes with another change
    bool holds_address_ = false;
    bool begun_active_ = false;  ///< the modules are this supervisor's
    MacAddress told_other_supervisor_;
    static constexpr std::uint16_t kNothingTold = 0xffff;
    std::uint16_t told_module_count_ = 0;

    static constexpr Duration kStallLogInterval = std::chrono::seconds{10};
    std::optional<Instant> stall_logged_at_;
    Duration longest_stall_{};

    // The exchange with the other supervisor.
    replication::ChannelSender exchange_sender_;
    replication::ChannelReceiver exchange_receiver_;
    std::uint32_t exchange_stream_ = 0;
    Incarnation exchange_peer_ = kNoIncarnation;  ///< whose frames the receiver follows
    std::optional<PortKind> exchange_port_;       ///< where an acknowledgement came last
    std::array<bool, kPortCount> unanswered_{};   ///< where data came since we acknowledged some

    /// A module that has not followed to the new domain yet, and the one that it was in.
    struct Follower {
        MacAddress mac;
        Incarnation incarnation = kNoIncarnation;
        Slot module = kNoSlot;
        DomainId domain{};
    };
    std::vector<Follower> followers_;
    Instant call_at_ = kNever;  ///< when they are called next
    Instant call_until_;

    /// Lines for the console of the standby, the oldest of them under way.
    std::deque<ConsoleRequested> consoles_;
    std::uint32_t console_id_ = 0;  ///< of the one under way; 0: none
    Instant console_deadline_ = kNever;
    wire::Bytes console_parts_;  ///< what has come of its answer
    std::uint32_t console_ids_ = 0;
    /// As the standby: the line that is being run, and how many began since when.
    std::uint32_t console_running_ = 0;
    Instant console_counted_at_;
    unsigned console_count_ = 0;

    /// The logs of the split brain that is being settled (SB-4).
    struct SplitBrainLogs {
        bool begun = false;
        Instant deadline = kNever;  ///< what has not come by then is not waited for
        bool kept = false;
        std::size_t kept_entries = 0;  ///< of the other side's
        bool storing = false;          ///< the pair waits until they are on the disk
    };
    SplitBrainLogs logs_;
    replication::LogCollector their_logs_;
    Instant their_logs_at_;  ///< when some of them came last
    Instant dated_at_;       ///< when dated_ was told
    WallTime dated_;

    // The records, the revisions of those that are replicated, and their store.
    records::Database database_;
    PersistentState known_;  ///< what the database says of this supervisor's own facts
    std::optional<Instant> configured_at_;
    std::uint64_t revision_ = 0;
    std::uint64_t durable_revision_ = 0;  ///< on this disk
    /// Who waits for a revision to be where it has to be (SYNC-2), oldest first.
    struct Awaited {
        std::uint64_t revision = 0;
        std::optional<std::uint64_t> records_revision;  ///< of the registry
        std::optional<std::uint64_t> ticket;            ///< of a change that was asked for
    };
    std::deque<Awaited> awaited_;
    std::uint64_t token_ = 0;
    struct Storing {
        std::uint64_t token = 0;
        std::uint64_t revision = 0;  ///< 0: of a life of the pair that is over
        records::Changes changes;
    };
    std::optional<Storing> storing_;
    std::optional<Persist> persist_;  ///< its effect, until the frames of the same step are out
    records::Changes unwritten_;      ///< wait for the write under way
    bool write_wanted_ = false;
    bool store_failed_ = false;
    Instant write_again_at_ = kNever;
};

}  // namespace ha::supervisor
