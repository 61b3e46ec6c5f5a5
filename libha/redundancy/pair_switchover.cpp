// Pair: planned switchover (SW-2, SW-3), and roles at run time (ROLE-2). See pair.hpp.
//
// Never two actives while a path works both ways, whatever is lost or late. The old active has
// given its role up before it orders the standby, and is active again only when it has heard
// nothing of the standby for T. It orders only while it has heard the standby within T/2, and an
// order counts for a heartbeat interval after it was received, at most T/3: so the last order that
// can still be obeyed is obeyed a T/6 before the role is taken back, and the new active, which
// answers every frame of the old one, is heard in between. An order names life and revision of the
// standby: no other obeys it.
#include <algorithm>

#include "libha/redundancy/pair.hpp"

namespace ha::redundancy {

using catalog::MessageId;

namespace {

/// Orders are repeated until the standby is heard as active: nobody waits for a heartbeat.
constexpr int kOrdersPerInterval = 10;
constexpr Duration kShortestOrderInterval = std::chrono::milliseconds{5};

/// How long the standby may take for what is on its way to it. Until then nobody is told to take
/// over, and the active can still keep its role.
constexpr int kCatchUpIntervals = 2;
constexpr Duration kShortestCatchUp = std::chrono::milliseconds{500};

Duration order_interval(Duration heartbeat_interval) {
    return std::max(heartbeat_interval / kOrdersPerInterval,
                    std::min(heartbeat_interval, kShortestOrderInterval));
}

}  // namespace

void Pair::on(const SwitchoverRequested& request) {
    if (can_switch_over())
        ordered_by_ = request.by;
    dispatch(PairEvent::switchover_requested, nullptr, "");
}

void Pair::begin_switchover(PairEvent event, const std::string& reason) {
    if (!can_switch_over())
        return report(MessageId::switchover_refused);
    switchover_deadline_ = now_ + kSwitchoverLimit;
    catch_up_deadline_ =
        now_ + std::max(kCatchUpIntervals * options_.heartbeat_interval, kShortestCatchUp);
    enter(PairState::switching_over, event, reason);
    next_send_ = now_;
    if (peer_applied_ == revision_)
        dispatch(PairEvent::synchronized, nullptr, "");
    run_switchover(now_);
}

bool Pair::orders_switchover() const {
    const Duration patience = liveness_.loss_deadline() - now_;
    return state_ == PairState::switching_over && peer_applied_ == revision_ &&
           patience > options_.loss_interval / 2;
}

void Pair::run_switchover(Instant now) {
    if (liveness_.loss_deadline() <= now)
        return dispatch(PairEvent::peer_lost, nullptr, "");
    if (switchover_deadline_ <= now)
        return dispatch(PairEvent::switchover_expired, nullptr, "");
    if (catch_up_deadline_ <= now)
        return dispatch(PairEvent::out_of_sync, nullptr, "");
    if (next_send_ > now)
        return;
    // On both ports: which of them works is no question for this moment.
    for (const PortKind port : kPortKinds)
        send_request(port, 0);
    next_send_ = now + order_interval(options_.heartbeat_interval);
}

void Pair::order_switchover() {
    if (catch_up_deadline_ == kNever)
        return;  // orders go out by their own timer since
    // Nothing changes here any more: who holds everything once does so for good.
    catch_up_deadline_ = kNever;
    next_send_ = now_;
}

void Pair::cancel_switchover(PairEvent event, const std::string& reason) {
    report(MessageId::switchover_refused);
    enter(PairState::active_ha, event, reason);
    next_send_ = now_;
}

void Pair::take_back(PairEvent event, const std::string& reason) {
    drop_peer(event, "the switchover failed: " + reason);
    effects_->emplace_back(StayedActive{});
}

void Pair::reset_both(PairEvent event, const std::string& reason) {
    for (const PortKind port : kPortKinds)
        send_request(port, static_cast<std::uint8_t>(wire::ControlFlag::reset_yourself));
    report(MessageId::supervisor_reset,
           {std::to_string(number(other_slot(slot_of(options_.role)))), reason});
    leave(event, wire::LeaveReason::reset, reason);
}

void Pair::note_order(const Evidence& evidence) {
    const wire::SupervisorStatus& active = *evidence.status;
    const bool orders = active.state == wire::ClaimedState::switching_over &&
                        active.has(wire::ControlFlag::switch_over) && evidence.names_us &&
                        active.revision == revision_;
    // Whatever else the active says takes an earlier order back.
    if (!orders)
        return ordered_at_.reset();
    ordered_at_ = std::max(ordered_at_.value_or(evidence.received_at), evidence.received_at);
    if (const auto* request = std::get_if<wire::HeartbeatRequest>(&evidence.frame->message))
        ordered_by_ = request->ordered_by;
}

void Pair::obey_order() {
    const bool counts = now_ - *ordered_at_ < options_.heartbeat_interval;
    ordered_at_.reset();
    if (counts && state_ == PairState::standby_ha)
        dispatch(PairEvent::switchover_ordered, nullptr, "");
}

void Pair::report_departure() {
    if (!departing_)
        return;
    departing_.reset();
    report(MessageId::supervisor_removed,
           {std::to_string(number(other_slot(slot_of(options_.role))))});
}

void Pair::on(const RoleRequested& request) {
    if (administrative_role_ != request.role) {
        administrative_role_ = request.role;
        trace(to_string(state_), to_string(state_), "role-requested",
              "the administrative role is " + std::string(to_string(request.role)));
        effects_->emplace_back(AdministrativeRoleChanged{});
    }
    if (state_ == PairState::standalone && request.role == Role::primary)
        dispatch(PairEvent::role_changed, nullptr, "");
}

void Pair::open_to_peers(PairEvent event, const std::string& reason) {
    options_.role = Role::primary;
    enter(PairState::active_alone, event, reason);
    broadcast_hello();
    next_send_ = now_ + options_.heartbeat_interval;
}

}  // namespace ha::redundancy
