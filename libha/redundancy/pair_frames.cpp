// Pair: which frames of whom are believed, and which event of the table they are. See pair.hpp.
//
// Order of trust: our slot (collision), the learnt MAC, the life of the sender, and, with a key
// set, that the frame names our own life: then it was made after we booted and is no replay.
#include <algorithm>

#include "libha/redundancy/decisions.hpp"
#include "libha/redundancy/pair.hpp"

namespace ha::redundancy {
namespace {

constexpr Duration kRejectionLogInterval = std::chrono::seconds{10};

const wire::SupervisorStatus* status_of(const wire::Message& message) {
    if (const auto* hello = std::get_if<wire::Hello>(&message))
        return &hello->status;
    if (const auto* request = std::get_if<wire::HeartbeatRequest>(&message))
        return &request->status;
    if (const auto* response = std::get_if<wire::HeartbeatResponse>(&message))
        return &response->status;
    if (const auto* leaving = std::get_if<wire::Leaving>(&message))
        return &leaving->status;
    return nullptr;
}

const wire::Arbitration* arbitration_of(const wire::Message& message) {
    if (const auto* hello = std::get_if<wire::Hello>(&message))
        return hello->arbitration ? &*hello->arbitration : nullptr;
    if (const auto* request = std::get_if<wire::HeartbeatRequest>(&message))
        return request->arbitration ? &*request->arbitration : nullptr;
    return nullptr;
}

PairEvent event_of(wire::ClaimedState state) {
    switch (state) {
        case wire::ClaimedState::initializing:
            return PairEvent::peer_initializing;
        case wire::ClaimedState::waiting:
            return PairEvent::peer_waiting;
        case wire::ClaimedState::active:
            return PairEvent::peer_active;
        case wire::ClaimedState::standby_syncing:
            return PairEvent::peer_standby_syncing;
        case wire::ClaimedState::standby_ha:
            return PairEvent::peer_standby_ha;
        case wire::ClaimedState::switching_over:
            return PairEvent::peer_switching_over;
    }
    return PairEvent::peer_initializing;
}

std::string milliseconds(Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

void Pair::on(const FrameReceived& input) {
    const wire::Frame& frame = input.received.frame;
    if (state_ == PairState::leaving)
        return;
    if (state_ == PairState::standalone)
        return drop(input.port, wire::DropReason::standalone);
    if (frame.incarnation == options_.incarnation)
        return drop(input.port, wire::DropReason::own_frame);
    const Evidence evidence = evidence_of(input);
    if (frame.slot == slot_of(options_.role))
        return note_collision(evidence);
    if (evidence.status == nullptr)
        return on_bystander(evidence);
    const auto* leaving = std::get_if<wire::Leaving>(&frame.message);
    if (leaving != nullptr && leaving->reason == wire::LeaveReason::crash)
        return on_gasp(evidence, *leaving);
    const bool proven = input.received.authenticated;
    if (options_.authenticated && !(proven && evidence.names_us))
        return on_possible_replay(evidence, proven);
    if (admit_mac(evidence, proven) && admit_incarnation(evidence))
        on_peer_frame(evidence);
}

Pair::Evidence Pair::evidence_of(const FrameReceived& input) const {
    Evidence evidence;
    evidence.frame = &input.received.frame;
    evidence.status = status_of(input.received.frame.message);
    evidence.arbitration = arbitration_of(input.received.frame.message);
    evidence.source = input.received.source;
    evidence.port = input.port;
    evidence.received_at = input.received_at;
    evidence.names_us =
        evidence.status != nullptr && evidence.status->names == options_.incarnation;
    return evidence;
}

void Pair::on_possible_replay(const Evidence& evidence, bool proven) {
    const MacDecision decision = judge_mac(evidence, proven).decision;
    if (decision == MacDecision::reject)
        return reject_mac(evidence);
    // Lives of another machine say nothing about the one that is learnt.
    if (decision == MacDecision::accept && evidence.frame->incarnation < peer_incarnation_)
        drop(evidence.port, wire::DropReason::stale_incarnation);
    else if (evidence.status->names != kNoIncarnation)
        drop(evidence.port, wire::DropReason::not_for_us);
    // Introduce ourselves, so that its next frame can name us.
    if (std::holds_alternative<wire::Hello>(evidence.frame->message))
        answer_hello(evidence);
}

void Pair::on_bystander(const Evidence& evidence) {
    const MacAddress learnt = peer_mac(evidence.port);
    if (!learnt.is_zero() && learnt != evidence.source)
        drop(evidence.port, wire::DropReason::unlearnt_mac);
}

MacDecisionResult Pair::judge_mac(const Evidence& evidence, bool proven) const {
    MacDecisionInput decision;
    decision.policy = options_.peer_mac_policy;
    decision.learnt = peer_mac(evidence.port);
    decision.source = evidence.source;
    decision.proven = proven;
    // A stored MAC counts as present until it has been silent for T here.
    decision.peer_absent =
        !peer_present_ && !heard_lately() && now_ - started_ >= options_.loss_interval;
    decision.peer_known = knows_peer();
    decision.same_life = evidence.frame->incarnation == peer_incarnation_;
    return decide_mac(decision);
}

bool Pair::admit_mac(const Evidence& evidence, bool proven) {
    const MacDecisionResult result = judge_mac(evidence, proven);
    if (result.decision == MacDecision::accept)
        return true;
    if (result.decision == MacDecision::reject) {
        reject_mac(evidence);
        return false;
    }
    // Another machine in the peer's place: what was learnt of the old one on the other port is
    // stale.
    MacAddress& learnt = peer_macs_[index_of(evidence.port)];
    const bool same_life = evidence.frame->incarnation == peer_incarnation_;
    if (!learnt.is_zero() || (knows_peer() && !same_life)) {
        peer_macs_ = {};
        peer_incarnation_ = kNoIncarnation;
    }
    learnt = evidence.source;
    report(catalog::MessageId::peer_mac_learnt,
           {std::string(to_string(evidence.port)), evidence.source.to_string()});
    trace(to_string(state_), to_string(state_), "peer-mac-learnt",
          std::string(to_string(evidence.port)) + " " + evidence.source.to_string() + ": " +
              result.reason);
    effects_->emplace_back(PeerKnowledgeChanged{});
    return true;
}

void Pair::reject_mac(const Evidence& evidence) {
    note_rejected_mac(evidence);
    drop(evidence.port, wire::DropReason::unlearnt_mac);
}

void Pair::note_rejected_mac(const Evidence& evidence) {
    ++unlearnt_rejected_;
    last_rejected_mac_ = evidence.source;
    last_rejected_at_ = now_;
    if (!rejection_logged_at_ || now_ - *rejection_logged_at_ >= kRejectionLogInterval) {
        rejection_logged_at_ = now_;
        report(catalog::MessageId::peer_mac_rejected,
               {std::string(to_string(evidence.port)), evidence.source.to_string(),
                std::to_string(unlearnt_rejected_ - unlearnt_reported_)});
        unlearnt_reported_ = unlearnt_rejected_;
    }
}

bool Pair::heard_lately() const {
    return std::any_of(last_heard_.begin(), last_heard_.end(), [this](const auto& heard) {
        return heard && now_ - *heard < options_.loss_interval;
    });
}

bool Pair::admit_incarnation(const Evidence& evidence) {
    const Incarnation incarnation = evidence.frame->incarnation;
    if (incarnation == peer_incarnation_)
        return true;
    // A lower one is an old frame, unless it names us: then its sender lives and lost its counter.
    // A life that another has followed is over: what it had said to us and comes now is late, or
    // somebody recorded it. Not for ever: the one that followed it may itself have been late, and
    // then it is silent.
    const bool newer_lives = heard_lately();
    const bool is_over = std::any_of(over_.begin(), over_.end(), [&](const Over& over) {
        return over.life == incarnation && (newer_lives || now_ - over.at < options_.loss_interval);
    });
    if (incarnation < peer_incarnation_ && (is_over || !evidence.names_us)) {
        drop(evidence.port, wire::DropReason::stale_incarnation);
        if (std::holds_alternative<wire::Hello>(evidence.frame->message))
            answer_hello(evidence);
        return false;
    }
    if (peer_incarnation_ != kNoIncarnation) {
        std::rotate(over_.rbegin(), over_.rbegin() + 1, over_.rend());
        over_.front() = {peer_incarnation_, now_};
    }
    peer_incarnation_ = incarnation;
    effects_->emplace_back(PeerKnowledgeChanged{});
    report_departure();
    return true;
}

void Pair::on_peer_frame(const Evidence& evidence) {
    const wire::SupervisorStatus& peer = *evidence.status;
    // A port may deliver what was sent before the goodbye that another port has delivered. Not for
    // ever: a goodbye that somebody forged must not shut out the peer.
    if (evidence.frame->incarnation == left_incarnation_ &&
        now_ - left_at_ < options_.loss_interval &&
        !std::holds_alternative<wire::Leaving>(evidence.frame->message))
        return drop(evidence.port, wire::DropReason::stale_incarnation);
    auto& heard = last_heard_[index_of(evidence.port)];
    heard = std::max(heard.value_or(evidence.received_at), evidence.received_at);
    claimed_ = peer.state;
    note_request(*evidence.frame);
    if (const auto* leaving = std::get_if<wire::Leaving>(&evidence.frame->message))
        return on_leaving(evidence, *leaving);
    const bool bound = has_standby() || is_standby(state_) ||
                       state_ == PairState::active_arbitrating ||
                       state_ == PairState::switching_over;
    if (bound && followed_ != evidence.frame->incarnation) {
        if (is_standby(state_) && is_leader(peer.state))
            return dispatch(
                PairEvent::reset_ordered, &evidence,
                "the active is a new incarnation, this standby belongs to the one before");
        dispatch(PairEvent::peer_restarted, &evidence, "");
        if (state_ == PairState::leaving)
            return;
    }
    if (!is_outdated(*evidence.frame))
        adopt_intervals(peer);
    if (!dispatch_flags(evidence))
        dispatch(event_of(peer.state), &evidence, "");
}

void Pair::note_request(const wire::Frame& frame) {
    const auto* request = std::get_if<wire::HeartbeatRequest>(&frame.message);
    if (request != nullptr && !is_outdated(frame))
        newest_request_ = {frame.incarnation, request->number};
}

bool Pair::is_outdated(const wire::Frame& frame) const {
    const auto* request = std::get_if<wire::HeartbeatRequest>(&frame.message);
    // Numbers wrap, at the shortest interval within the year.
    return request != nullptr && frame.incarnation == newest_request_.life &&
           static_cast<std::int32_t>(request->number - newest_request_.number) < 0;
}

bool Pair::dispatch_flags(const Evidence& evidence) {
    const wire::SupervisorStatus& peer = *evidence.status;
    const bool from_active =
        peer.state == wire::ClaimedState::active || (is_standby(state_) && is_leader(peer.state));
    const bool from_standby = peer.state == wire::ClaimedState::standby_syncing ||
                              peer.state == wire::ClaimedState::standby_ha;
    // An order is for one incarnation only: ours, named. Only an active orders, only a standby
    // asks.
    if (peer.has(wire::ControlFlag::reset_yourself) && from_active && evidence.names_us) {
        dispatch(PairEvent::reset_ordered, &evidence, "");
        return true;
    }
    if (peer.has(wire::ControlFlag::reset_me) && from_standby && evidence.names_us) {
        dispatch(PairEvent::reset_requested, &evidence, "");
        return true;
    }
    if (is_standby(state_) && from_active && peer.has(wire::ControlFlag::synchronized) &&
        evidence.names_us && revision_ != 0)
        dispatch(PairEvent::synchronized, &evidence, "");
    if (is_standby(state_))
        note_order(evidence);
    return false;
}

void Pair::on_leaving(const Evidence& evidence, const wire::Leaving& leaving) {
    // Believed for the incarnation that it names, and only from itself (HB-8).
    if (leaving.subject != evidence.frame->incarnation)
        return drop(evidence.port, wire::DropReason::not_for_us);
    const bool departs = departing_ && departing_->life == evidence.frame->incarnation;
    const bool counted_on = followed_ == evidence.frame->incarnation || boots();
    if (!counted_on && !departs)
        return;
    static constexpr const char* kWhy[] = {"stopped", "stopped", "reloads", "switches over",
                                           "resets"};
    const auto why =
        std::min<std::size_t>(static_cast<std::size_t>(leaving.reason), std::size(kWhy) - 1);
    report(catalog::MessageId::peer_leaving,
           {std::to_string(number(other_slot(slot_of(options_.role)))), kWhy[why]});
    left_incarnation_ = leaving.subject;
    left_at_ = now_;
    if (departs)
        return report_departure();
    dispatch(PairEvent::peer_leaving, &evidence, std::string("the peer said that it ") + kWhy[why]);
}

/// It may have been under way for any time, or recorded: it teaches no MAC and no life, and is no
/// sign of one. What of our peer's present life names our own was made while the two knew each
/// other, and is said when that life is over.
void Pair::on_gasp(const Evidence& evidence, const wire::Leaving& gasp) {
    const Incarnation dead = evidence.frame->incarnation;
    if (peer_mac(evidence.port).is_zero())
        return drop(evidence.port, wire::DropReason::unlearnt_mac);
    if (peer_mac(evidence.port) != evidence.source)
        return reject_mac(evidence);
    if (gasp.subject != dead || !evidence.names_us)
        return drop(evidence.port, wire::DropReason::not_for_us);
    if (dead != peer_incarnation_)
        return drop(evidence.port, wire::DropReason::stale_incarnation);
    const bool departs = departing_ && departing_->life == dead;
    const bool counted_on = followed_ == dead || (boots() && left_incarnation_ != dead);
    if (!counted_on && !departs)
        return;
    report(catalog::MessageId::peer_crashed,
           {std::to_string(number(other_slot(slot_of(options_.role))))});
    left_incarnation_ = dead;
    left_at_ = now_;
    if (departs)
        return report_departure();
    dispatch(PairEvent::peer_crashed, &evidence, "dying gasp: the peer died without a farewell");
}

void Pair::note_collision(const Evidence& evidence) {
    const CollisionTable::Noted noted =
        collisions_.note(evidence.source, evidence.port, evidence.received_at);
    if (noted.outcome == CollisionTable::Outcome::overwrote && noted.log)
        report(catalog::MessageId::role_collision_overwritten,
               {noted.overwritten.to_string(), evidence.source.to_string()});
    if (noted.log)
        report(catalog::MessageId::role_collision,
               {evidence.source.to_string(), std::string(to_string(evidence.port)),
                std::to_string(number(slot_of(options_.role)))});
    if (evidence.status == nullptr)
        return;
    if (boots() && is_established(evidence.status->state) &&
        (!options_.authenticated || evidence.names_us))
        hold_ = Hold{evidence.received_at, evidence.frame->incarnation, "role-collision",
                     "held back: an established supervisor has the same role in this domain"};
    // Answer, so that the other one reports the collision too; never an answer to an answer.
    const bool asks =
        std::holds_alternative<wire::Hello>(evidence.frame->message) && !evidence.names_us;
    auto& answered = collision_answered_[index_of(evidence.port)];
    if (asks && (!answered || now_ - *answered >= options_.heartbeat_interval / 8)) {
        answered = now_;
        answer_hello(evidence);
    }
}

void Pair::adopt_intervals(const wire::SupervisorStatus& peer) {
    if (peer.heartbeat_interval == options_.heartbeat_interval &&
        peer.loss_interval == options_.loss_interval)
        return;
    // The active's value is the pair's (HB-2): a standby with a shorter one would take over too
    // early. What a standby still says of its own is on its way to be another.
    const bool adopts = is_leader(peer.state) && !is_active_or_switching_over(state_) &&
                        peer.loss_interval >= 3 * peer.heartbeat_interval;
    const bool is_standby_of_ours =
        is_active_or_switching_over(state_) && (peer.state == wire::ClaimedState::standby_syncing ||
                                                peer.state == wire::ClaimedState::standby_ha);
    if (adopts && is_standby(state_))
        trace(to_string(state_), to_string(state_), "loss-interval",
              milliseconds(options_.loss_interval) + " -> " + milliseconds(peer.loss_interval) +
                  " ms, as the active says");
    else if (!is_standby_of_ours)
        report_intervals(peer);
    if (!adopts)
        return;
    options_.heartbeat_interval = peer.heartbeat_interval;
    options_.loss_interval = peer.loss_interval;
    liveness_.configure(options_.heartbeat_interval, options_.loss_interval);
}

void Pair::report_intervals(const wire::SupervisorStatus& peer) {
    const std::string theirs =
        milliseconds(peer.heartbeat_interval) + "/" + milliseconds(peer.loss_interval) + " ms";
    const std::string mine = milliseconds(options_.heartbeat_interval) + "/" +
                             milliseconds(options_.loss_interval) + " ms";
    const bool may_log =
        !intervals_logged_at_ || now_ - *intervals_logged_at_ >= kRejectionLogInterval;
    if (differing_intervals_ == theirs || !may_log)
        return;
    differing_intervals_ = theirs;
    intervals_logged_at_ = now_;
    report(catalog::MessageId::interval_differs, {"heartbeat/loss interval", mine, theirs});
}

bool Pair::may_answer(PortKind port) {
    AnswerBudget& budget = answers_[index_of(port)];
    if (now_ - budget.since >= options_.heartbeat_interval) {
        budget.since = now_;
        budget.left = kAnswersPerInterval;
    }
    if (budget.left == 0) {
        drop(port, wire::DropReason::rate_limited);
        return false;
    }
    --budget.left;
    return true;
}

void Pair::answer_hello(const Evidence& evidence) {
    if (may_answer(evidence.port))
        send_hello(evidence.port, evidence.source, evidence.frame->incarnation);
}

bool Pair::knows_peer() const {
    return !peer_mac(PortKind::control).is_zero() || !peer_mac(PortKind::mgmt).is_zero();
}

void Pair::drop(PortKind port, wire::DropReason reason) {
    effects_->emplace_back(Dropped{port, reason});
}

}  // namespace ha::redundancy
