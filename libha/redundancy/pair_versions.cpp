// Pair: supervisors in the peer's place that speak another version of the wire format. See
// pair.hpp.
//
// They can say no more to each other than who and what they are (libha/wire/other_version.hpp).
// That is enough to keep a domain from having two actives, and to tell an operator why it has no
// standby.
#include <algorithm>

#include "libha/redundancy/decisions.hpp"
#include "libha/redundancy/pair.hpp"
#include "libha/wire/layout.hpp"

namespace ha::redundancy {
namespace {

/// Whoever makes up new lives does not fill the log.
constexpr Duration kLogInterval = std::chrono::seconds{10};

std::string versions(std::uint8_t theirs) {
    return "wire version " + std::to_string(theirs) + ", this supervisor version " +
           std::to_string(wire::kVersion);
}

}  // namespace

void Pair::on(const OtherVersionReceived& input) {
    const PortKind port = input.frame.port;
    if (state_ == PairState::leaving)
        return;
    if (state_ == PairState::standalone)
        return drop(port, wire::DropReason::standalone);
    const Evidence evidence = evidence_of(input.frame);
    const Incarnation life = evidence.frame->incarnation;
    const bool proven = input.frame.received.authenticated;
    const bool ours = evidence.frame->slot == slot_of(options_.role);
    drop(port, wire::DropReason::unsupported_version);
    if (speaks_our_version(life))
        return;
    if (!ours && judge_mac(evidence, proven).decision == MacDecision::reject)
        return note_rejected_mac(evidence);
    if (ours)
        return note_collision(evidence);
    // With a key, what does not name our life may have been recorded before it.
    const bool trusted = !options_.authenticated || (proven && evidence.names_us);
    if (std::holds_alternative<wire::Leaving>(evidence.frame->message)) {
        if (trusted && other_version_ && other_version_->life == life)
            forget_other_version("it left");
        return;
    }
    // Who asks is told that we are there, so that it can stay out: who does not know this life, and
    // who boots, for it may name it from what it has stored. Never an answer to an answer.
    if (!evidence.names_us || (!is_established(evidence.status->state) && !boots()))
        answer_hello(evidence);
    if (!trusted)
        return;
    note_other_version(input, evidence);
    dispatch(PairEvent::other_version_heard, &evidence,
             "sup-" + std::to_string(number(evidence.frame->slot)) + " speaks " +
                 versions(input.version));
}

Incarnation Pair::named_life() const {
    const bool is_other = other_version_ && followed_ == kNoIncarnation && !heard_lately();
    return is_other ? other_version_->life : peer_incarnation_;
}

bool Pair::speaks_our_version(Incarnation life) const {
    const bool heard_any =
        std::any_of(last_heard_.begin(), last_heard_.end(),
                    [](const std::optional<Instant>& heard) { return heard.has_value(); });
    return life == options_.incarnation || (life == peer_incarnation_ && heard_any);
}

void Pair::note_other_version(const OtherVersionReceived& input, const Evidence& evidence) {
    const Incarnation life = evidence.frame->incarnation;
    if (!other_version_ || other_version_->life != life ||
        other_version_->version != input.version) {
        other_version_ = OtherVersionPeer{};
        other_version_->version = input.version;
        other_version_->life = life;
        other_version_->since = now_;
        other_version_reported_ = false;
    }
    OtherVersionPeer& other = *other_version_;
    other.mac = evidence.source;
    other.port = evidence.port;
    other.latest = std::max(other.latest, evidence.received_at);
    if (!is_leader(evidence.status->state))
        other.active_since.reset();
    else if (!other.active_since)
        other.active_since = now_;
    report_other_version();
}

void Pair::report_other_version() {
    const bool may_log =
        !other_version_logged_at_ || now_ - *other_version_logged_at_ >= kLogInterval;
    if (other_version_reported_ || !may_log)
        return;
    other_version_reported_ = true;
    other_version_logged_at_ = now_;
    report(catalog::MessageId::other_version_heard,
           {std::to_string(number(other_slot(slot_of(options_.role)))),
            other_version_->mac.to_string(), std::string(to_string(other_version_->port)),
            std::to_string(other_version_->version), std::to_string(wire::kVersion)});
}

void Pair::forget_other_version(const std::string& reason) {
    if (other_version_reported_)
        report(catalog::MessageId::other_version_gone,
               {std::to_string(number(other_slot(slot_of(options_.role)))),
                std::to_string(other_version_->version), reason});
    if (hold_ && hold_->life == other_version_->life) {
        hold_.reset();
        if (window_end_)
            window_end_ = std::min(*window_end_, now_ + window());
    }
    other_version_.reset();
    other_version_reported_ = false;
}

void Pair::hold_back(const Evidence& evidence, const std::string& reason) {
    if (is_established(evidence.status->state))
        hold_ = Hold{evidence.received_at, evidence.frame->incarnation,
                     to_string(PairEvent::other_version_heard), "held back: " + reason};
    else if (options_.role == Role::secondary && window_end_)
        window_end_ = std::max(*window_end_, evidence.received_at + window());
}

void Pair::run_other_version() {
    if (state_ != PairState::active_alone || !other_version_ || !other_version_->active_since)
        return;
    const Instant both_since = std::max(since_, *other_version_->active_since);
    if (other_version_->latest - both_since >= options_.loss_interval)
        dispatch(PairEvent::other_version_stays, nullptr,
                 "split brain: the other active speaks " + versions(other_version_->version));
}

void Pair::yield_to_other_version(PairEvent event, const std::string& reason) {
    if (decide_other_version(options_.personality) == slot_of(options_.role))
        leave(event, wire::LeaveReason::reset, reason);
}

}  // namespace ha::redundancy
