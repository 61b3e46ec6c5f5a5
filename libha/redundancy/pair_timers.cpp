// Pair: what the passing of time does, and how its frames are made. See pair.hpp.
#include <algorithm>

#include "libha/redundancy/pair.hpp"

namespace ha::redundancy {
namespace {

std::string silence(Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) +
           " ms";
}

}  // namespace

void Pair::run_boot(Instant now) {
    if (!any_port_usable())
        return;
    if (next_send_ <= now) {
        broadcast_hello();
        next_send_ = now + options_.heartbeat_interval;
    }
    if (!window_end_ || *window_end_ > now)
        return;
    // There is an established supervisor that this one must not disturb (COL-3, BOOT-4).
    if (hold_ && now - hold_->latest < options_.loss_interval) {
        window_end_ = hold_->latest + options_.loss_interval;
        if (reason_ != hold_->reason) {
            reason_ = hold_->reason;
            trace(to_string(state_), to_string(state_), hold_->event, reason_);
        }
        return;
    }
    dispatch(PairEvent::window_expired, nullptr,
             state_ == PairState::waiting ? "" : "no peer answered within " + silence(window()));
}

void Pair::run_active(Instant now) {
    const bool has_other = has_standby() || state_ == PairState::active_arbitrating;
    if (has_other && liveness_.loss_deadline() <= now)
        return dispatch(PairEvent::peer_lost, nullptr,
                        "nothing heard on control or mgmt for " + silence(options_.loss_interval));
    if (encounter_ && logs_deadline() <= now) {
        decide_encounter();
        if (state_ == PairState::leaving)
            return;
    }
    run_other_version();
    if (state_ == PairState::leaving)
        return;
    if (has_standby() && !degraded_ && liveness_.degraded_deadline() <= now) {
        set_degraded(true, "no response on control for " + silence(liveness_.degraded_after()));
        send_request(PortKind::mgmt, 0);
    }
    if (next_send_ > now)
        return;
    if (state_ == PairState::active_arbitrating && !encounter_)
        encounter_.emplace(freeze());
    if (state_ == PairState::active_alone)
        broadcast_hello();
    else
        send_requests();
    next_send_ += options_.heartbeat_interval;
    if (next_send_ <= now)
        next_send_ = now + options_.heartbeat_interval;
}

void Pair::run_standby(Instant now) {
    if (ordered_at_)
        obey_order();
    if (!is_standby(state_))
        return;
    if (liveness_.loss_deadline() > now)
        return;
    std::string reason = "nothing heard on control or mgmt for " + silence(options_.loss_interval);
    for (const PortKind port : kPortKinds)
        if (!usable_[index_of(port)])
            reason += "; own " + std::string(to_string(port)) +
                      " link: " + unusable_reason_[index_of(port)];
    dispatch(PairEvent::peer_lost, nullptr, reason);
}

Instant Pair::next_deadline() const {
    Instant deadline = collisions_.next_deadline();
    if (boots()) {
        if (any_port_usable())
            deadline = std::min({deadline, next_send_, window_end_.value_or(kNever)});
    } else if (state_ == PairState::active_alone) {
        deadline = std::min(deadline, next_send_);
    } else if (has_standby()) {
        deadline = std::min({deadline, next_send_, liveness_.loss_deadline(),
                             degraded_ ? kNever : liveness_.degraded_deadline()});
    } else if (state_ == PairState::active_arbitrating) {
        deadline = std::min({deadline, next_send_, liveness_.loss_deadline()});
        if (encounter_ && encounter_->complete() && !encounter_won_)
            deadline = std::min(deadline, logs_deadline());
    } else if (state_ == PairState::switching_over) {
        deadline = std::min({deadline, next_send_, liveness_.loss_deadline(), switchover_deadline_,
                             catch_up_deadline_});
    } else if (is_standby(state_)) {
        deadline = std::min({deadline, liveness_.loss_deadline(), ordered_at_.value_or(kNever)});
    }
    return departing_ ? std::min(deadline, departing_->until) : deadline;
}

void Pair::broadcast_hello() {
    for (const PortKind port : kPortKinds)
        send_hello(port, kBroadcastMac, named_life());
}

void Pair::send_hello(PortKind port, const MacAddress& destination, Incarnation names) {
    send(port, destination, wire::Hello{status(names), std::nullopt});
}

void Pair::send_requests() {
    send_request(PortKind::control, 0);
    // As long as its MAC there is unknown, a peer that restarts while control is dead would be
    // taken for a stranger on mgmt (BOOT-5).
    const bool mgmt_is_unknown = peer_mac(PortKind::mgmt).is_zero();
    if (degraded_ || state_ == PairState::active_arbitrating || mgmt_is_unknown)
        send_request(PortKind::mgmt, 0);
}

void Pair::send_request(PortKind port, std::uint8_t extra_flags) {
    const MacAddress destination = peer_mac(port);
    wire::HeartbeatRequest request;
    request.status = status(peer_incarnation_);
    request.status.flags = static_cast<std::uint8_t>(request.status.flags | extra_flags);
    request.number = ++request_number_;
    if (encounter_)
        request.arbitration = encounter_->part();
    if (request.status.has(wire::ControlFlag::switch_over))
        request.ordered_by = ordered_by_;
    send(port, destination.is_zero() ? kBroadcastMac : destination, std::move(request));
}

void Pair::send_response(PortKind port, std::uint32_t number, bool ask_for_reset) {
    wire::HeartbeatResponse response;
    response.status = status(followed_);
    response.number = number;
    if (ask_for_reset)
        response.status.set(wire::ControlFlag::reset_me);
    send(port, peer_mac(port), response);
}

void Pair::send(PortKind port, const MacAddress& destination, wire::Message message) {
    if (usable_[index_of(port)])
        effects_->emplace_back(SendMessage{port, destination, std::move(message)});
}

wire::SupervisorStatus Pair::status(Incarnation names) const {
    wire::SupervisorStatus own;
    switch (state_) {
        case PairState::standalone:
        case PairState::active_alone:
        case PairState::active_syncing:
        case PairState::active_ha:
        case PairState::active_arbitrating:
            own.state = wire::ClaimedState::active;
            own.revision = revision_;
            break;
        case PairState::switching_over:
            own.state = wire::ClaimedState::switching_over;
            own.revision = revision_;
            if (peer_applied_ == revision_)
                own.set(wire::ControlFlag::synchronized);
            if (orders_switchover())
                own.set(wire::ControlFlag::switch_over);
            break;
        case PairState::discovering:
        case PairState::leaving:
            own.state = wire::ClaimedState::initializing;
            break;
        case PairState::waiting:
            own.state = wire::ClaimedState::waiting;
            break;
        case PairState::standby_syncing:
            own.state = wire::ClaimedState::standby_syncing;
            own.applied_revision = revision_;
            break;
        case PairState::standby_ha:
            own.state = wire::ClaimedState::standby_ha;
            own.applied_revision = revision_;
            break;
    }
    if (state_ == PairState::active_ha)
        own.set(wire::ControlFlag::synchronized);
    if (peer_present_)
        own.set(wire::ControlFlag::peer_present);
    if (degraded_)
        own.set(wire::ControlFlag::degraded);
    own.names = names;
    own.heartbeat_interval = options_.heartbeat_interval;
    own.loss_interval = options_.loss_interval;
    return own;
}

MacAddress Pair::peer_mac(PortKind port) const {
    return peer_macs_[index_of(port)];
}

bool Pair::is_counted_on(const wire::Received& received, PortKind port) const {
    return followed_ != kNoIncarnation && received.frame.incarnation == followed_ &&
           received.source == peer_mac(port) &&
           received.frame.slot == other_slot(slot_of(options_.role));
}

Snapshot Pair::snapshot() const {
    Snapshot snapshot;
    snapshot.administrative_role = administrative_role_;
    snapshot.operational_role = options_.role;
    snapshot.state = state_;
    snapshot.reason = reason_;
    snapshot.since = since_;
    snapshot.domain = options_.domain;
    snapshot.incarnation = options_.incarnation;
    snapshot.degraded = degraded_;
    snapshot.degraded_reason = degraded_reason_;
    snapshot.degraded_since = degraded_since_;
    snapshot.peer.present = peer_present_;
    snapshot.peer.reason = peer_reason_;
    snapshot.peer.since = peer_since_;
    snapshot.peer.claimed = claimed_;
    snapshot.peer.incarnation = peer_incarnation_;
    for (std::size_t index = 0; index < kPortCount; ++index)
        snapshot.peer.ports[index] = {peer_macs_[index], last_heard_[index]};
    snapshot.peer_mac_policy = options_.peer_mac_policy;
    snapshot.heartbeat_interval = options_.heartbeat_interval;
    snapshot.loss_interval = options_.loss_interval;
    snapshot.revision = revision_;
    snapshot.applied_revision = is_active_or_switching_over(state_) ? peer_applied_ : revision_;
    snapshot.can_switch_over = can_switch_over();
    snapshot.collisions = collisions_.sorted();
    snapshot.collisions_overwritten = collisions_.overwritten_count();
    snapshot.collisions_overwritten_at = collisions_.overwritten_at();
    snapshot.collision_overwritten_mac = collisions_.overwritten_mac();
    snapshot.last_arbitration = last_arbitration_;
    snapshot.other_version = other_version_;
    snapshot.active_since = active_since_;
    snapshot.trace = trace_;
    snapshot.unlearnt_rejected = unlearnt_rejected_;
    snapshot.last_rejected_mac = last_rejected_mac_;
    snapshot.last_rejected_at = last_rejected_at_;
    return snapshot;
}

}  // namespace ha::redundancy
