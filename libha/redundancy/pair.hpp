// The pair as one pure machine: discovery and election, heartbeats and degraded mode, takeover,
// learnt MACs, collisions, split brain. It executes the state table (state_table.hpp).
//
// Its owner is libha/supervisor: it hands in frames that passed the gate, wraps messages into
// frames, and carries the state changes out. It never talks to modules and knows nothing of
// sockets.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libha/catalog/catalog.hpp"
#include "libha/redundancy/collisions.hpp"
#include "libha/redundancy/decisions.hpp"
#include "libha/redundancy/encounter.hpp"
#include "libha/redundancy/liveness.hpp"
#include "libha/redundancy/state_table.hpp"
#include "libha/redundancy/types.hpp"
#include "libha/wire/receiver.hpp"

namespace ha::redundancy {

/// A frame of a supervisor that passed the gate.
struct FrameReceived {
    wire::Received received;
    PortKind port = PortKind::control;
    Instant received_at;  ///< never later than now
    Instant now;
};
/// A frame that passed the gate but for its version: what all versions keep of it
/// (libha/wire/other_version.hpp).
struct OtherVersionReceived {
    std::uint8_t version = 0;
    FrameReceived frame;
    Instant now;
};
/// Every frame queued so far has been handed in: losses may be declared.
struct Tick {
    Instant now;
};
struct LinkChanged {
    PortKind port = PortKind::control;
    bool usable = false;  ///< present, up, with carrier: frames can leave
    std::string reason;   ///< why not usable
    Instant now;
};
struct StopRequested {
    wire::LeaveReason reason = wire::LeaveReason::stop;  ///< stop or reload
    Instant now;
};
struct ClearPeerMac {
    Instant now;
};
/// `system switchover`: the standby is to take over (SW-2).
struct SwitchoverRequested {
    Instant now;
    std::string by{};  ///< who asked, as HeartbeatRequest::ordered_by
};
/// `system inter-sup-heartbeat time`: another T, at once (HB-2). On the active; the standby adopts
/// it from the frames of its active, so there it is not taken. At least 3 h, else it is not taken.
struct LossIntervalChanged {
    Duration loss_interval{};
    Instant now;
};
/// `system redundancy role`: the role to have. Standalone becomes primary at once; every other
/// change waits for the next start (ROLE-2).
struct RoleRequested {
    Role role = Role::standalone;
    Instant now;
};
struct Stalled {
    Instant now;
};
/// A key was set or removed: whether only proven frames decide.
struct AuthenticationChanged {
    bool authenticated = false;
    Instant now;
};
/// The replicated state here has a new revision (active), or this one is held completely and
/// durably (standby).
struct RevisionChanged {
    std::uint64_t revision = 0;
    Instant now;
};
/// The standby says that it holds this revision, on its disk (SYNC-2). So do its heartbeats, later.
struct StandbyApplied {
    std::uint64_t revision = 0;
    Instant now;
};
/// Replication gave up on the standby (HB-5).
struct OutOfSync {
    std::string reason;
    Instant now;
};
/// `reload module` of the standby (SW-6): it is told to reset; without effect without a standby.
struct StandbyReloadRequested {
    Instant now;
};
/// What arbitration will compare if it comes to it.
struct FactsChanged {
    std::uint16_t module_count = 0;
    std::uint64_t configuration_maker = 0;
    std::uint64_t configuration_revision = 0;
    std::optional<Instant> configured_at;
    Instant now;
};
/// What both actives have to tell each other of their logs is on this disk, or cannot be (SB-4): a
/// loser need not wait any longer.
struct LogsKept {
    Instant now;
};
/// `domain id` on an active without a standby: the domain that it is in from now on.
struct DomainChanged {
    DomainId domain{};
    Instant now;
};
using Input =
    std::variant<FrameReceived, Tick, LinkChanged, StopRequested, ClearPeerMac, SwitchoverRequested,
                 LossIntervalChanged, RoleRequested, Stalled, AuthenticationChanged,
                 RevisionChanged, StandbyApplied, OutOfSync, FactsChanged, LogsKept, DomainChanged,
                 StandbyReloadRequested, OtherVersionReceived>;

/// Send to the peer, or broadcast, on a port.
struct SendMessage {
    PortKind port = PortKind::control;
    MacAddress destination;
    wire::Message message;
};
struct StateChanged {
    PairState from;
    PairState to;
    std::string reason;
};
/// peer_macs() or peer_incarnation() changed: to be stored (BOOT-5).
struct PeerKnowledgeChanged {};
/// administrative_role() changed: to be stored (ROLE-2).
struct AdministrativeRoleChanged {};
/// The split brain is over and this side stayed active: announce it again (PAINS).
struct StayedActive {};
/// This supervisor took over because the other one's operator wanted it: as the order says,
/// HeartbeatRequest::ordered_by (SW-2).
struct OrderObeyed {
    std::string by;
};
/// In state leaving, everything is said: stop, or start anew (ROLE-5).
struct Resigned {
    wire::LeaveReason why = wire::LeaveReason::stop;
    std::string reason;
};
struct Dropped {
    PortKind port = PortKind::control;
    wire::DropReason reason;
};
using Effect =
    std::variant<SendMessage, StateChanged, PeerKnowledgeChanged, AdministrativeRoleChanged,
                 StayedActive, OrderObeyed, Resigned, Dropped, catalog::Report>;
using Effects = std::vector<Effect>;

class Pair {
public:
    Pair(Options options, Instant now);

    void step(const Input& input, Effects& effects);
    [[nodiscard]] Instant next_deadline() const;
    [[nodiscard]] Snapshot snapshot() const;

    [[nodiscard]] PairState state() const { return state_; }
    [[nodiscard]] const PeerMacs& peer_macs() const { return peer_macs_; }
    [[nodiscard]] Incarnation peer_incarnation() const { return peer_incarnation_; }
    [[nodiscard]] bool peer_present() const { return peer_present_; }
    [[nodiscard]] std::optional<wire::ClaimedState> peer_claim() const { return claimed_; }
    [[nodiscard]] bool degraded() const { return degraded_; }
    /// The operational role, and the one that the next start gives it (ROLE-2).
    [[nodiscard]] Role role() const { return options_.role; }
    [[nodiscard]] Role administrative_role() const { return administrative_role_; }
    /// T as it is now: configured, or the active's (HB-2).
    [[nodiscard]] Duration loss_interval() const { return options_.loss_interval; }
    /// Whether SwitchoverRequested would be accepted: there is a standby that holds everything, or
    /// will in a moment.
    [[nodiscard]] bool can_switch_over() const {
        return state_ == PairState::active_ha && (peer_applied_ == revision_ || !degraded_);
    }
    /// Whether a frame comes from the very life of the peer that is our active or our standby now:
    /// what replication may take in.
    [[nodiscard]] bool is_counted_on(const wire::Received& received, PortKind port) const;
    /// What to send, to whom, once this life is over and has said no farewell (HB-8): nothing when
    /// it has, or when nobody is known who would miss it.
    [[nodiscard]] std::vector<SendMessage> last_words() const;
    /// In a split brain: the other active has said what it compares, so it knows this life and
    /// takes in what we tell it.
    [[nodiscard]] bool has_met_active() const { return encounter_ && encounter_->theirs(); }
    /// "sup-2 restarts: fewer modules (0 against 3)": what comes of the split brain of now, or came
    /// of that which is just over. Nothing as long as one side does not know the other's tuple.
    [[nodiscard]] std::optional<std::string> verdict() const;
    [[nodiscard]] const std::vector<TraceEntry>& trace() const { return trace_; }
    /// What the standby said it holds; 0 without one.
    [[nodiscard]] std::uint64_t peer_applied_revision() const { return peer_applied_; }
    /// Whether a change is promised only when the standby holds it too (SYNC-2): while the pair is
    /// HA, and for at most T while a standby that has the whole state catches up with the last
    /// changes. Without that a constant stream of changes would keep the pair from becoming HA.
    [[nodiscard]] bool promises_together(Instant now) const;

private:
    /// A frame of the peer, seen through what the table needs to know.
    struct Evidence {
        const wire::Frame* frame = nullptr;
        const wire::SupervisorStatus* status = nullptr;
        const wire::Arbitration* arbitration = nullptr;
        MacAddress source;
        PortKind port = PortKind::control;
        Instant received_at;
        bool names_us = false;
    };

    // pair.cpp: inputs and the execution of the table
    void on(const Tick& tick);
    void on(const LinkChanged& change);
    void on(const StopRequested& request);
    void on(const ClearPeerMac& clear);
    void on(const LossIntervalChanged& change);
    void on(const Stalled& stalled);
    void on(const AuthenticationChanged& change);
    void on(const RevisionChanged& change);
    void on(const StandbyApplied& applied);
    /// The standby says that it holds this revision; `evidence` may be null.
    void note_applied(std::uint64_t revision, const Evidence* evidence);
    void on(const OutOfSync& out_of_sync);
    void on(const StandbyReloadRequested& request);
    void on(const FactsChanged& facts);
    void on(const LogsKept& kept);
    void on(const DomainChanged& change);
    void dispatch(PairEvent event, const Evidence* evidence, const std::string& detail);
    void act(Action action, PairEvent event, const Evidence* evidence, const std::string& reason);
    void act_on_frame(Action action, PairEvent event, const Evidence& evidence,
                      const std::string& reason);
    void enter(PairState to, PairEvent event, const std::string& reason);
    void set_degraded(bool degraded, const std::string& reason);
    void set_peer_present(bool present, const std::string& reason);
    void trace(std::string_view from, std::string_view to, std::string_view event,
               const std::string& reason);
    void report(catalog::MessageId id, std::vector<std::string> arguments = {});
    [[nodiscard]] bool any_port_usable() const;
    [[nodiscard]] bool boots() const {
        return state_ == PairState::discovering || state_ == PairState::waiting;
    }
    [[nodiscard]] bool has_standby() const {
        return state_ == PairState::active_syncing || state_ == PairState::active_ha;
    }

    // pair_frames.cpp: which frames of whom are believed, and which event they are
    void on(const FrameReceived& input);
    /// `input` must outlive what is made of it.
    [[nodiscard]] Evidence evidence_of(const FrameReceived& input) const;
    /// A broadcast of the other slot to the modules: nothing for the pair, unless somebody poses as
    /// it.
    void on_bystander(const Evidence& evidence);
    void on_peer_frame(const Evidence& evidence);
    /// With a key set, a frame that does not name our life may have been recorded before it: it
    /// teaches nothing, not even a MAC, but a peer that does not know us yet is told who we are.
    void on_possible_replay(const Evidence& evidence, bool proven);
    void note_request(const wire::Frame& frame);
    /// A request that is older than the newest of the same life: late, or recorded and put on a
    /// port that had lost it. It shows that its sender lives, not how it is now.
    [[nodiscard]] bool is_outdated(const wire::Frame& frame) const;
    void on_leaving(const Evidence& evidence, const wire::Leaving& leaving);
    /// The dying gasp of the peer: believed for its present life only, and only when it names ours.
    void on_gasp(const Evidence& evidence, const wire::Leaving& gasp);
    [[nodiscard]] MacDecisionResult judge_mac(const Evidence& evidence, bool proven) const;
    bool admit_mac(const Evidence& evidence, bool proven);
    void reject_mac(const Evidence& evidence);
    void note_rejected_mac(const Evidence& evidence);
    bool admit_incarnation(const Evidence& evidence);
    /// The peer, on any port, within T.
    [[nodiscard]] bool heard_lately() const;
    void note_collision(const Evidence& evidence);
    void adopt_intervals(const wire::SupervisorStatus& status);
    void report_intervals(const wire::SupervisorStatus& status);
    /// Requests for an action (BOOT-6). True when the frame was an order or a plea and is dealt
    /// with.
    bool dispatch_flags(const Evidence& evidence);
    void drop(PortKind port, wire::DropReason reason);
    /// Whether another frame may be sent because one came: an honest peer needs a few in a
    /// heartbeat interval, and nobody shall make us send as fast as he does.
    bool may_answer(PortKind port);
    void answer_hello(const Evidence& evidence);
    [[nodiscard]] bool knows_peer() const;

    // pair_versions.cpp: supervisors that speak another version of the wire format
    void on(const OtherVersionReceived& input);
    /// Whether such a frame only looks like one: a life speaks one version, and we understood it.
    [[nodiscard]] bool speaks_our_version(Incarnation life) const;
    void note_other_version(const OtherVersionReceived& input, const Evidence& evidence);
    /// Of the supervisor in the peer's place, whatever it speaks: for frames to anybody there.
    [[nodiscard]] Incarnation named_life() const;
    void report_other_version();
    void hold_back(const Evidence& evidence, const std::string& reason);
    void forget_other_version(const std::string& reason);
    void run_other_version();
    void yield_to_other_version(PairEvent event, const std::string& reason);

    // pair_actions.cpp: what the table's actions do
    void hold_window(const Evidence& evidence);
    void elect(PairEvent event, const Evidence& evidence);
    void follow(PairEvent event, const Evidence& evidence, const std::string& reason);
    void become_active(PairEvent event, const std::string& reason);
    void take_over(PairEvent event, const std::string& reason);
    void admit(PairEvent event, const Evidence& evidence, const std::string& reason);
    void hear(const Evidence& evidence);
    void obey(const Evidence& evidence);
    void drop_peer(PairEvent event, const std::string& reason);
    void order_reset(PairEvent event, const Evidence* evidence, const std::string& reason);
    void arbitrate(PairEvent event, const Evidence& evidence, const std::string& reason);
    [[nodiscard]] ArbitrationOutcome judge_encounter() const;
    void decide_encounter();
    /// In a split brain: until when the loser may wait for the logs.
    [[nodiscard]] Instant logs_deadline() const {
        return since_ + options_.loss_interval / kLogsShare;
    }
    [[nodiscard]] bool may_lose() const {
        return !options_.waits_for_logs || logs_kept_ || logs_deadline() <= now_;
    }
    void win(const std::string& reason);
    void end_encounter(PairEvent event, const std::string& reason);
    /// What this life says when it ends: on control to everybody while modules are ours, else to
    /// the peer.
    [[nodiscard]] std::vector<SendMessage> farewell(wire::LeaveReason why) const;
    void leave(PairEvent event, wire::LeaveReason why, const std::string& reason);
    [[nodiscard]] wire::ArbitrationTuple freeze();

    // pair_switchover.cpp: planned switchover, and roles at run time
    void on(const SwitchoverRequested& request);
    void on(const RoleRequested& request);
    void begin_switchover(PairEvent event, const std::string& reason);
    void order_switchover();
    void cancel_switchover(PairEvent event, const std::string& reason);
    void take_back(PairEvent event, const std::string& reason);
    void reset_both(PairEvent event, const std::string& reason);
    void open_to_peers(PairEvent event, const std::string& reason);
    void run_switchover(Instant now);
    /// Whether frames of this moment tell the standby to take over.
    [[nodiscard]] bool orders_switchover() const;
    /// The active handed over to us: take over once every frame queued so far has been read.
    void note_order(const Evidence& evidence);
    /// Standby: what came of the order, now that every queued frame has been read.
    void obey_order();
    /// The supervisor that we took over from by its order has left, as far as we can know.
    void report_departure();

    // pair_timers.cpp: what time does, and what is sent
    void run_boot(Instant now);
    void run_active(Instant now);
    void run_standby(Instant now);
    void broadcast_hello();
    void send_hello(PortKind port, const MacAddress& destination, Incarnation names);
    void send_requests();
    void send_request(PortKind port, std::uint8_t extra_flags);
    void send_response(PortKind port, std::uint32_t number, bool ask_for_reset);
    void send(PortKind port, const MacAddress& destination, wire::Message message);
    [[nodiscard]] wire::SupervisorStatus status(Incarnation names) const;
    [[nodiscard]] MacAddress peer_mac(PortKind port) const;
    [[nodiscard]] Duration window() const { return 3 * options_.heartbeat_interval; }

    Options options_;
    PairState state_ = PairState::discovering;
    std::string reason_;
    Instant since_;
    Instant started_;
    Instant now_;
    Effects* effects_ = nullptr;  ///< of the step under way

    std::array<bool, kPortCount> usable_{};
    std::array<std::string, kPortCount> unusable_reason_;

    // The peer.
    PeerMacs peer_macs_{};
    Incarnation peer_incarnation_ = kNoIncarnation;  ///< newest life seen
    /// A life of it that another followed, and when.
    struct Over {
        Incarnation life = kNoIncarnation;
        Instant at;
    };
    std::array<Over, 8> over_{};  ///< latest first
    /// The life that said it leaves, and when: what it had sent before on the other port is late.
    Incarnation left_incarnation_ = kNoIncarnation;
    Instant left_at_;
    Incarnation followed_ = kNoIncarnation;  ///< the life that is our active or standby now
    std::array<std::optional<Instant>, kPortCount> last_heard_;
    std::optional<wire::ClaimedState> claimed_;
    bool peer_present_ = false;
    std::string peer_reason_;
    Instant peer_since_;
    Liveness liveness_;
    std::uint64_t peer_applied_ = 0;
    /// While the standby synchronizes: all that was promised without it is in this revision.
    struct Joining {
        std::uint64_t revision = 0;
        Instant since;
    };
    std::optional<Joining> joining_;
    std::string differing_intervals_;
    std::optional<Instant> intervals_logged_at_;
    bool one_way_reported_ = false;

    Role administrative_role_;

    // Planned switchover.
    Instant switchover_deadline_;  ///< in switching_over
    Instant catch_up_deadline_;    ///< in switching_over, until the standby holds everything
    /// Standby: when the latest order to take over was received.
    std::optional<Instant> ordered_at_;
    /// Who asked for the switchover under way, or for that which this side took over by.
    std::string ordered_by_;
    /// The active that we took over from by its order, while it is about to leave.
    struct Departing {
        Incarnation life = kNoIncarnation;
        Instant until;
    };
    std::optional<Departing> departing_;

    // Timers.
    Instant next_send_;
    std::optional<Instant> window_end_;  ///< absent while no port is usable
    /// Why a booting supervisor must not become active: who was heard, and when last.
    struct Hold {
        Instant latest;
        Incarnation life = kNoIncarnation;
        std::string_view event;
        std::string reason;
    };
    std::optional<Hold> hold_;
    std::optional<OtherVersionPeer> other_version_;
    bool other_version_reported_ = false;
    std::optional<Instant> other_version_logged_at_;
    std::uint32_t request_number_ = 0;
    Instant last_request_;  ///< standby: newest request of the active
    /// The latest heartbeat request of a life of the peer's, on whichever port it came.
    struct NewestRequest {
        Incarnation life = kNoIncarnation;
        std::uint32_t number = 0;
    };
    NewestRequest newest_request_;
    std::optional<Instant> reset_logged_;

    static constexpr unsigned kAnswersPerInterval = 16;
    struct AnswerBudget {
        Instant since;
        unsigned left = kAnswersPerInterval;
    };
    std::array<AnswerBudget, kPortCount> answers_{};

    bool degraded_ = false;
    std::string degraded_reason_;
    Instant degraded_since_;

    std::uint64_t revision_ = 0;
    FactsChanged facts_;
    std::optional<Instant> active_since_;
    std::optional<Encounter> encounter_;
    std::optional<bool> encounter_won_;
    bool logs_kept_ = false;  ///< of this encounter
    std::uint32_t freezes_ = 0;
    std::optional<ArbitrationOutcome> last_arbitration_;

    CollisionTable collisions_;
    std::array<std::optional<Instant>, kPortCount> collision_answered_;
    std::vector<TraceEntry> trace_;

    std::uint64_t unlearnt_rejected_ = 0;
    std::uint64_t unlearnt_reported_ = 0;
    MacAddress last_rejected_mac_;
    std::optional<Instant> last_rejected_at_;
    std::optional<Instant> rejection_logged_at_;
};

}  // namespace ha::redundancy
