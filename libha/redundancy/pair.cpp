// Pair: inputs, the execution of the state table, state entries and the trace. See pair.hpp.
#include "libha/redundancy/pair.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>

namespace ha::redundancy {

using catalog::MessageId;

namespace {

/// A cell's sentence for operators: without the number of the rule it follows.
std::string reason_of(const Cell& cell) {
    return std::string(cell.why.substr(0, cell.why.find(" (")));
}

std::string milliseconds(Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) +
           " ms";
}

}  // namespace

Pair::Pair(Options options, Instant now)
    : options_(std::move(options)),
      since_(now),
      started_(now),
      now_(now),
      peer_macs_(options_.peer_macs),
      peer_incarnation_(options_.peer_incarnation),
      peer_reason_("never heard"),
      peer_since_(now),
      administrative_role_(options_.role),
      next_send_(now),
      degraded_since_(now) {
    facts_.now = now;
    unusable_reason_.fill("not yet seen");
    liveness_.configure(options_.heartbeat_interval, options_.loss_interval);
    if (options_.role == Role::standalone) {
        state_ = PairState::standalone;
        reason_ = "role standalone";
        active_since_ = now;
        next_send_ = kNever;
    } else {
        reason_ = "started";
    }
}

void Pair::step(const Input& input, Effects& effects) {
    effects_ = &effects;
    now_ =
        std::max(now_, std::visit([](const auto& alternative) { return alternative.now; }, input));
    std::visit([this](const auto& alternative) { on(alternative); }, input);
    effects_ = nullptr;
}

void Pair::on(const Tick& /*tick*/) {
    for (const Collision& gone : collisions_.expire(now_))
        report(MessageId::role_collision_cleared, {gone.mac.to_string()});
    if (departing_ && departing_->until <= now_)
        report_departure();
    if (other_version_ && now_ - other_version_->latest >= options_.loss_interval)
        forget_other_version("nothing heard of it for T");
    if (boots())
        run_boot(now_);
    else if (is_active(state_) && state_ != PairState::standalone)
        run_active(now_);
    else if (state_ == PairState::switching_over)
        run_switchover(now_);
    else if (is_standby(state_))
        run_standby(now_);
}

void Pair::on(const LinkChanged& change) {
    const std::size_t index = index_of(change.port);
    const bool came_back = change.usable && !usable_[index];
    usable_[index] = change.usable;
    unusable_reason_[index] = change.usable ? "" : change.reason;
    if (boots()) {
        // Without any port nothing was asked yet: the window opens with the first one.
        if (!any_port_usable())
            window_end_.reset();
        else if (!window_end_)
            window_end_ = now_ + window();
        if (came_back)
            next_send_ = now_;
        return;
    }
    // Our own lost carrier proves that no answer can come on control: ask on mgmt at once. It never
    // says anything about the peer (HB-6).
    if (change.port == PortKind::control && !change.usable && has_standby() && !degraded_) {
        set_degraded(true, "own control link unusable: " + change.reason);
        send_request(PortKind::mgmt, 0);
    }
    if (came_back && is_active_or_switching_over(state_) && state_ != PairState::standalone)
        next_send_ = now_;
}

void Pair::on(const StopRequested& request) {
    const bool reload = request.reason == wire::LeaveReason::reload;
    dispatch(reload ? PairEvent::reload_requested : PairEvent::stop_requested, nullptr,
             reload ? "reload requested" : "stop requested");
}

void Pair::on(const ClearPeerMac& /*clear*/) {
    if (options_.peer_mac_policy == PeerMacPolicy::fixed)
        peer_macs_ = options_.peer_macs;
    else
        peer_macs_ = {};
    if (followed_ == kNoIncarnation)
        peer_incarnation_ = kNoIncarnation;
    trace(to_string(state_), to_string(state_), "clear-peer-mac",
          "the peer's MACs are learnt again");
    report(MessageId::peer_mac_cleared);
    effects_->emplace_back(PeerKnowledgeChanged{});
}

void Pair::on(const LossIntervalChanged& change) {
    if (is_standby(state_) || change.loss_interval < 3 * options_.heartbeat_interval ||
        change.loss_interval == options_.loss_interval)
        return;
    trace(to_string(state_), to_string(state_), "loss-interval",
          milliseconds(options_.loss_interval) + " -> " + milliseconds(change.loss_interval));
    options_.loss_interval = change.loss_interval;
    liveness_.configure(options_.heartbeat_interval, options_.loss_interval);
    // The standby learns it with the next frame: that is now.
    if (is_active_or_switching_over(state_) && state_ != PairState::standalone)
        next_send_ = now_;
}

void Pair::on(const Stalled& /*stalled*/) {
    liveness_.forgive_stall(now_);
}

void Pair::on(const AuthenticationChanged& change) {
    options_.authenticated = change.authenticated;
}

void Pair::on(const RevisionChanged& change) {
    revision_ = change.revision;
    if (has_standby() && peer_applied_ == revision_)
        dispatch(PairEvent::synchronized, nullptr, "");
}

void Pair::on(const StandbyApplied& applied) {
    if (!(has_standby() || state_ == PairState::switching_over) || applied.revision > revision_)
        return;
    note_applied(applied.revision, nullptr);
}

void Pair::note_applied(std::uint64_t revision, const Evidence* evidence) {
    peer_applied_ = std::max(peer_applied_, revision);
    if (peer_applied_ == 0)
        return;
    if (state_ == PairState::active_syncing && !promises_together(now_))
        joining_ = {revision_, now_};
    const std::uint64_t needed =
        state_ == PairState::active_syncing ? joining_->revision : revision_;
    if (peer_applied_ >= needed)
        dispatch(PairEvent::synchronized, evidence, "");
}

bool Pair::promises_together(Instant now) const {
    return state_ == PairState::active_ha || state_ == PairState::switching_over ||
           (state_ == PairState::active_syncing && joining_ &&
            now - joining_->since < options_.loss_interval);
}

void Pair::on(const OutOfSync& out_of_sync) {
    if (has_standby())
        dispatch(PairEvent::out_of_sync, nullptr, out_of_sync.reason);
}

void Pair::on(const StandbyReloadRequested& /*request*/) {
    if (has_standby())
        dispatch(PairEvent::standby_reload, nullptr, "");
}

void Pair::on(const FactsChanged& facts) {
    facts_ = facts;
}

void Pair::on(const LogsKept& /*kept*/) {
    if (state_ != PairState::active_arbitrating || !encounter_)
        return;
    logs_kept_ = true;
    decide_encounter();
}

void Pair::on(const DomainChanged& change) {
    trace(to_string(state_), to_string(state_), "domain-changed",
          std::to_string(number(options_.domain)) + " -> " + std::to_string(number(change.domain)));
    options_.domain = change.domain;
    if (state_ == PairState::active_alone) {
        broadcast_hello();
        next_send_ = now_ + options_.heartbeat_interval;
    }
}

void Pair::dispatch(PairEvent event, const Evidence* evidence, const std::string& detail) {
    const Cell& found = cell(state_, event);
    switch (found.verdict) {
        case Verdict::taken:
            act(found.action, event, evidence, detail.empty() ? reason_of(found) : detail);
            return;
        case Verdict::ignored:
            return;
        case Verdict::peer_error:
            if (evidence != nullptr)
                drop(evidence->port, wire::DropReason::not_for_us);
            return;
        case Verdict::impossible:
            // Our own invariant: going on would mean deciding on a state nobody designed.
            assert(false && "an event that cannot happen in this state");
            std::abort();
    }
}

/// The actions that answer a frame; the others need none.
void Pair::act_on_frame(Action action, PairEvent event, const Evidence& evidence,
                        const std::string& reason) {
    if (action == Action::answer)
        return answer_hello(evidence);
    if (action == Action::elect)
        return elect(event, evidence);
    if (action == Action::hold_window)
        return hold_window(evidence);
    if (action == Action::follow)
        return follow(event, evidence, reason);
    if (action == Action::admit)
        return admit(event, evidence, reason);
    if (action == Action::hear)
        return hear(evidence);
    if (action == Action::obey)
        return obey(evidence);
    if (action == Action::hold_back)
        return hold_back(evidence, reason);
    if (action == Action::arbitrate)
        return arbitrate(event, evidence, reason);
}

void Pair::act(Action action, PairEvent event, const Evidence* evidence,
               const std::string& reason) {
    switch (action) {
        case Action::none:
            return;
        case Action::answer:
        case Action::elect:
        case Action::hold_window:
        case Action::follow:
        case Action::admit:
        case Action::hear:
        case Action::obey:
        case Action::arbitrate:
        case Action::hold_back:
            assert(evidence != nullptr && "an action that answers a frame, without one");
            if (evidence != nullptr)
                act_on_frame(action, event, *evidence, reason);
            return;
        case Action::become_active:
            return become_active(event, reason);
        case Action::take_over:
            return take_over(event, reason);
        case Action::confirm:
            enter(PairState::active_ha, event, reason);
            report(MessageId::standby_ready,
                   {std::to_string(number(other_slot(slot_of(options_.role))))});
            next_send_ = now_;  // tell the standby at once
            return;
        case Action::ready:
            return enter(PairState::standby_ha, event, reason);
        case Action::drop_peer:
            return drop_peer(event, reason);
        case Action::order_reset:
            return order_reset(event, evidence, reason);
        case Action::end_encounter:
            return end_encounter(event, reason);
        case Action::win:
            return win(reason);
        case Action::reset_self:
            return leave(event, wire::LeaveReason::reset, reason);
        case Action::leave:
            return leave(event,
                         event == PairEvent::stop_requested ? wire::LeaveReason::stop
                                                            : wire::LeaveReason::reload,
                         reason);
        case Action::begin_switchover:
            return begin_switchover(event, reason);
        case Action::refuse_switchover:
            return report(MessageId::switchover_refused);
        case Action::hand_over:
            return leave(event, wire::LeaveReason::switchover, reason);
        case Action::order_switchover:
            return order_switchover();
        case Action::cancel_switchover:
            return cancel_switchover(event, reason);
        case Action::take_back:
            return take_back(event, reason);
        case Action::reset_both:
            return reset_both(event, reason);
        case Action::yield_to_other_version:
            return yield_to_other_version(event, reason);
        case Action::open_to_peers:
            return open_to_peers(event, reason);
    }
}

void Pair::enter(PairState to, PairEvent event, const std::string& reason) {
    const PairState from = state_;
    state_ = to;
    reason_ = reason;
    since_ = now_;
    // Who takes its role back has not been standby in between (SB-1).
    if (is_active(to) && !is_active_or_switching_over(from))
        active_since_ = now_;
    if (!is_active_or_switching_over(to))
        active_since_.reset();
    ordered_at_.reset();
    logs_kept_ = false;
    if (to != PairState::active_arbitrating) {
        encounter_.reset();
        encounter_won_.reset();
    }
    trace(to_string(from), to_string(to), to_string(event), reason);
    report(MessageId::state_changed,
           {"sup-" + std::to_string(number(slot_of(options_.role))), std::string(to_string(from)),
            std::string(to_string(to)), std::string(to_string(event)), reason});
    effects_->emplace_back(StateChanged{from, to, reason});
}

void Pair::set_degraded(bool degraded, const std::string& reason) {
    if (degraded_ == degraded)
        return;
    const Duration lasted = now_ - degraded_since_;
    degraded_ = degraded;
    degraded_reason_ = reason;
    degraded_since_ = now_;
    trace(degraded ? "normal" : "degraded", degraded ? "degraded" : "normal", "heartbeat", reason);
    if (degraded)
        report(MessageId::degraded_entered, {reason});
    else
        report(
            MessageId::degraded_left,
            {std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(lasted).count()) +
                 " ms",
             reason});
}

void Pair::set_peer_present(bool present, const std::string& reason) {
    if (peer_present_ != present)
        peer_since_ = now_;
    peer_present_ = present;
    peer_reason_ = reason;
    if (!present) {
        peer_applied_ = 0;
        joining_.reset();
        followed_ = kNoIncarnation;
    }
}

void Pair::trace(std::string_view from, std::string_view to, std::string_view event,
                 const std::string& reason) {
    if (trace_.size() == kTraceCapacity)
        trace_.erase(trace_.begin());
    trace_.push_back({now_, std::string(from), std::string(to), std::string(event), reason});
}

void Pair::report(MessageId id, std::vector<std::string> arguments) {
    effects_->emplace_back(catalog::Report{id, std::move(arguments)});
}

bool Pair::any_port_usable() const {
    return std::any_of(usable_.begin(), usable_.end(), [](bool usable) { return usable; });
}

}  // namespace ha::redundancy
