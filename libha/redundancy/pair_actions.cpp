// Pair: what the actions of the state table do. See pair.hpp and state_table.hpp.
#include <algorithm>

#include "libha/redundancy/decisions.hpp"
#include "libha/redundancy/pair.hpp"

namespace ha::redundancy {

using catalog::MessageId;

namespace {

std::string slot_text(Slot slot) {
    return std::to_string(number(slot));
}

}  // namespace

void Pair::elect(PairEvent event, const Evidence& evidence) {
    const ElectionResult result =
        decide_election(options_.role, evidence.status->state, evidence.names_us);
    if (result.decision == Election::become_active)
        return become_active(event, result.reason);
    if (options_.role == Role::secondary) {
        window_end_ = evidence.received_at + window();
        enter(PairState::waiting, event, result.reason);
    }
    answer_hello(evidence);
}

void Pair::hold_window(const Evidence& evidence) {
    if (window_end_)
        window_end_ = std::max(*window_end_, evidence.received_at + window());
    // Its hello deserves an answer, or it could wait for one that was lost.
    if (std::holds_alternative<wire::Hello>(evidence.frame->message))
        answer_hello(evidence);
}

void Pair::follow(PairEvent event, const Evidence& evidence, const std::string& reason) {
    adopt_intervals(*evidence.status);
    revision_ = 0;
    liveness_.start(now_);
    one_way_reported_ = false;
    enter(PairState::standby_syncing, event, reason);
    set_peer_present(true, "it is active");
    followed_ = evidence.frame->incarnation;
    send_response(evidence.port, 0, false);
}

void Pair::become_active(PairEvent event, const std::string& reason) {
    set_peer_present(false, reason);
    enter(PairState::active_alone, event, reason);
    report(MessageId::becoming_active);
    broadcast_hello();
    next_send_ = now_ + options_.heartbeat_interval;
}

void Pair::take_over(PairEvent event, const std::string& reason) {
    report(MessageId::becoming_active_pre_start);
    report(MessageId::becoming_active);
    set_degraded(false, "takeover");
    // One that hands over is still there, and reloads once it hears that we are active.
    if (event == PairEvent::switchover_ordered)
        departing_ = Departing{followed_, now_ + options_.loss_interval};
    set_peer_present(false, reason);
    enter(PairState::active_alone, event, reason);
    report(MessageId::switchover_over);
    if (event == PairEvent::switchover_ordered && !ordered_by_.empty())
        effects_->emplace_back(OrderObeyed{ordered_by_});
    if (!departing_)
        report(MessageId::supervisor_removed, {slot_text(other_slot(slot_of(options_.role)))});
    broadcast_hello();
    next_send_ = now_ + options_.heartbeat_interval;
}

void Pair::admit(PairEvent event, const Evidence& evidence, const std::string& reason) {
    if (!evidence.names_us)
        return answer_hello(evidence);
    report_departure();
    const bool after_split = state_ == PairState::active_arbitrating;
    peer_applied_ = 0;
    joining_.reset();
    liveness_.start(now_);
    set_peer_present(true, reason);
    followed_ = evidence.frame->incarnation;
    enter(PairState::active_syncing, event, reason);
    if (after_split)
        effects_->emplace_back(StayedActive{});
    // The first request goes out now, and on both ports: a peer that followed our first frame on
    // one of them has not heard us on the other, and learns that MAC from this (BOOT-5).
    send_request(PortKind::control, 0);
    send_request(PortKind::mgmt, 0);
    next_send_ = now_ + options_.heartbeat_interval;
}

void Pair::hear(const Evidence& evidence) {
    if (!evidence.names_us)
        return drop(evidence.port, wire::DropReason::not_for_us);
    // Nobody holds more than there is: such a claim would hide for good how far behind it is.
    if (evidence.status->applied_revision > revision_)
        return drop(evidence.port, wire::DropReason::malformed_tlv);
    liveness_.heard(evidence.port, evidence.received_at);
    // A standby that does not know us on this port introduces itself: the answer shows it our MAC.
    if (std::holds_alternative<wire::Hello>(evidence.frame->message) && may_answer(evidence.port))
        send_request(evidence.port, 0);
    if (degraded_ && evidence.port == PortKind::control && usable_[index_of(PortKind::control)])
        set_degraded(false, "response on control");
    note_applied(evidence.status->applied_revision, &evidence);
}

void Pair::obey(const Evidence& evidence) {
    liveness_.heard(evidence.port, evidence.received_at);
    if (const auto* request = std::get_if<wire::HeartbeatRequest>(&evidence.frame->message)) {
        last_request_ = std::max(last_request_, evidence.received_at);
        one_way_reported_ = false;
        const bool degraded = evidence.status->has(wire::ControlFlag::degraded);
        if (!is_outdated(*evidence.frame))
            set_degraded(degraded, degraded ? "the active gets no responses on control"
                                            : "requests on control");
        for (const PortKind port : kPortKinds)
            if (port != evidence.port && peer_mac(port).is_zero())
                send_hello(port, kBroadcastMac, followed_);
        // Orders come fast, and who wakes finds a queue full of them: only fresh ones are answered.
        const bool is_order = evidence.status->state == wire::ClaimedState::switching_over;
        if (is_order && now_ - evidence.received_at >= options_.heartbeat_interval)
            return;
        return send_response(evidence.port, request->number, false);
    }
    // A hello of our active: it does not count us as present. Not caught up: join. Caught up: our
    // answers were lost for T, we are out of sync and ask to be reset (LOSS-3) - unless the hello
    // is only late and requests still come.
    if (state_ == PairState::standby_syncing)
        return send_response(evidence.port, 0, false);
    if (now_ - last_request_ < 2 * options_.heartbeat_interval)
        return;
    if (!one_way_reported_) {
        one_way_reported_ = true;
        const std::string reason = "the active is heard and does not hear us";
        trace(to_string(state_), to_string(state_), "one-way", reason);
        report(MessageId::one_way_suspected, {reason});
    }
    send_response(evidence.port, 0, true);
}

void Pair::drop_peer(PairEvent event, const std::string& reason) {
    set_degraded(false, "no standby");
    set_peer_present(false, reason);
    enter(PairState::active_alone, event, reason);
    report(MessageId::supervisor_removed, {slot_text(other_slot(slot_of(options_.role)))});
    broadcast_hello();
    next_send_ = now_ + options_.heartbeat_interval;
}

void Pair::order_reset(PairEvent event, const Evidence* evidence, const std::string& reason) {
    const auto flag = static_cast<std::uint8_t>(wire::ControlFlag::reset_yourself);
    if (evidence == nullptr || may_answer(evidence->port))
        for (const PortKind port : kPortKinds)
            if (evidence == nullptr || evidence->port == port || degraded_)
                send_request(port, flag);
    if (state_ != PairState::active_alone)
        drop_peer(event, reason);
    // A standby that does not obey asks again and again: one line an interval is enough.
    if (!reset_logged_ || now_ - *reset_logged_ >= options_.loss_interval) {
        reset_logged_ = now_;
        report(MessageId::supervisor_reset,
               {slot_text(other_slot(slot_of(options_.role))), reason});
    }
}

wire::ArbitrationTuple Pair::freeze() {
    const auto milliseconds_since = [this](Instant since) {
        return static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(now_ - since).count());
    };
    wire::ArbitrationTuple tuple;
    tuple.number = ++freezes_;
    tuple.module_count = facts_.module_count;
    tuple.configuration_maker = facts_.configuration_maker;
    tuple.configuration_revision = facts_.configuration_revision;
    tuple.configuration_age_ms =
        facts_.configured_at ? milliseconds_since(*facts_.configured_at) : ~std::uint64_t{0};
    tuple.active_age_ms = active_since_ ? milliseconds_since(*active_since_) : 0;
    tuple.vsg = options_.personality == Personality::vsg;
    return tuple;
}

void Pair::arbitrate(PairEvent event, const Evidence& evidence, const std::string& reason) {
    if (state_ != PairState::active_arbitrating) {
        report_departure();
        const bool had_standby = has_standby();
        set_degraded(false, "both are active");
        set_peer_present(false, reason);
        followed_ = evidence.frame->incarnation;
        liveness_.start(now_);
        enter(PairState::active_arbitrating, event, reason);
        report(MessageId::split_brain_detected,
               {slot_text(other_slot(slot_of(options_.role))), evidence.source.to_string()});
        if (had_standby)
            report(MessageId::supervisor_removed, {slot_text(other_slot(slot_of(options_.role)))});
        // What is compared is frozen on the next Tick: then every frame queued so far has been
        // read, and a supervisor that was stopped for a while knows which modules have left it
        // meanwhile.
        next_send_ = now_;
    }
    liveness_.heard(evidence.port, evidence.received_at);
    if (!encounter_)
        return;
    // Only what was made for this life of ours is compared.
    bool answer = !evidence.names_us;
    if (evidence.names_us && evidence.arbitration != nullptr) {
        const auto before = encounter_->theirs();
        answer = encounter_->receive(*evidence.arbitration);
        // The other side compares another freeze now. It had not decided on the last one, or it
        // would have rebooted or we would have: what we found with that one is void.
        if (before != encounter_->theirs())
            encounter_won_.reset();
    }
    if (answer && may_answer(evidence.port))
        send_request(evidence.port, 0);
    decide_encounter();
}

ArbitrationOutcome Pair::judge_encounter() const {
    const bool primary = options_.role == Role::primary;
    const ArbitrationInput input{primary ? encounter_->mine() : *encounter_->theirs(),
                                 primary ? *encounter_->theirs() : encounter_->mine()};
    const ArbitrationResult result = decide_arbitration(input);
    return {now_, input.primary, input.secondary, result.loser, result.reason};
}

void Pair::decide_encounter() {
    if (!encounter_->complete() || encounter_won_)
        return;
    const ArbitrationOutcome outcome = judge_encounter();
    const bool won = outcome.loser != slot_of(options_.role);
    // As long as the loser waits for the logs it has decided nothing: to the other side, and to
    // whatever happens meanwhile, it is a loser that has not got the last echo yet.
    if (!won && !may_lose())
        return;
    last_arbitration_ = outcome;
    report(MessageId::split_brain_resolved, {slot_text(outcome.loser), outcome.reason});
    encounter_won_ = won;
    dispatch(won ? PairEvent::arbitration_won : PairEvent::arbitration_lost, nullptr,
             "split brain: sup-" + slot_text(outcome.loser) + " reboots: " + outcome.reason);
}

std::optional<std::string> Pair::verdict() const {
    const auto words = [](const ArbitrationOutcome& outcome) {
        return "sup-" + slot_text(outcome.loser) + " restarts: " + outcome.reason;
    };
    if (encounter_ && encounter_->theirs())
        return words(judge_encounter());
    if (last_arbitration_ && (!encounter_ || last_arbitration_->at >= since_))
        return words(*last_arbitration_);
    return std::nullopt;
}

void Pair::win(const std::string& reason) {
    reason_ = reason;
    trace(to_string(state_), to_string(state_), to_string(PairEvent::arbitration_won), reason);
    effects_->emplace_back(StayedActive{});
}

void Pair::end_encounter(PairEvent event, const std::string& reason) {
    set_peer_present(false, reason);
    enter(PairState::active_alone, event, reason);
    effects_->emplace_back(StayedActive{});
    broadcast_hello();
    next_send_ = now_ + options_.heartbeat_interval;
}

void Pair::leave(PairEvent event, wire::LeaveReason why, const std::string& reason) {
    const std::vector<SendMessage> words = farewell(why);
    enter(PairState::leaving, event, reason);
    if (why != wire::LeaveReason::stop)
        report(MessageId::supervisor_restarting, {reason});
    // Two copies each: nobody will be here to repeat them.
    for (int copy = 0; copy < 2; ++copy)
        for (const SendMessage& word : words)
            send(word.port, word.destination, word.message);
    effects_->emplace_back(Resigned{why, reason});
}

std::vector<SendMessage> Pair::farewell(wire::LeaveReason why) const {
    wire::Leaving leaving;
    leaving.status = status(named_life());
    leaving.subject = options_.incarnation;
    leaving.reason = why;
    // A broadcast on control reaches the modules as well as the peer.
    const MacAddress control =
        is_active_or_switching_over(state_) ? kBroadcastMac : peer_mac(PortKind::control);
    std::vector<SendMessage> words{
        {PortKind::control, control.is_zero() ? kBroadcastMac : control, leaving}};
    if (options_.role != Role::standalone) {
        const MacAddress mgmt = peer_mac(PortKind::mgmt);
        words.push_back({PortKind::mgmt, mgmt.is_zero() ? kBroadcastMac : mgmt, leaving});
    }
    return words;
}

std::vector<SendMessage> Pair::last_words() const {
    const bool is_missed =
        is_active_or_switching_over(state_) || peer_incarnation_ != kNoIncarnation;
    if (state_ == PairState::leaving || !is_missed)
        return {};
    return farewell(wire::LeaveReason::crash);
}

}  // namespace ha::redundancy
