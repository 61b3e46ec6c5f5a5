// Supervisor: the replicated records, how they reach the standby, and when a change counts as kept.
#include <algorithm>
#include <iterator>
#include <utility>

#include "libha/supervisor/implementation.hpp"

namespace ha::supervisor {

using records::Space;

namespace {

/// Frames of the channel in one step: heartbeats come in between (HB-1).
constexpr std::size_t kFramesPerStep = 64;

/// Whom a frame of replication names; kNoIncarnation for other frames.
Incarnation named_by(const wire::Message& message) {
    if (const auto* data = std::get_if<wire::ChannelData>(&message))
        return data->names;
    if (const auto* ack = std::get_if<wire::ChannelAck>(&message))
        return ack->names;
    if (const auto* applied = std::get_if<wire::StateApplied>(&message))
        return applied->names;
    return kNoIncarnation;
}

}  // namespace

void Supervisor::Implementation::on_peer_frame(const wire::Received& received,
                                               const FrameReceived& input) {
    const wire::Message& message = received.frame.message;
    const auto* data = std::get_if<wire::ChannelData>(&message);
    const bool in_role = data != nullptr ? redundancy::is_standby(pair_.state())
                                         : redundancy::is_active_or_switching_over(pair_.state());
    if (!in_role || named_by(message) != options_.pair.incarnation ||
        !pair_.is_counted_on(received, input.port))
        return count_drop(input.port, wire::DropReason::not_for_us);
    if (data != nullptr) {
        for (const wire::Bytes& bytes : receiver_.channel().receive(*data, now_)) {
            const auto taken = receiver_.take(bytes, database_);
            if (!taken)
                carry_out(
                    catalog::Report{catalog::MessageId::replication_refused, {taken.error()}});
            else if (*taken)
                take_in(**taken);
        }
    } else if (const auto* ack = std::get_if<wire::ChannelAck>(&message)) {
        sender_.channel().acknowledge(*ack, now_);
    } else if (const auto* applied = std::get_if<wire::StateApplied>(&message)) {
        feed(redundancy::StandbyApplied{applied->revision, now_});
        confirm();
    }
}

/// The standby holds another revision, and will say so once it is on its disk.
void Supervisor::Implementation::take_in(const replication::Transaction& transaction) {
    revision_ = transaction.revision;
    configured_at_.reset();
    if (transaction.configuration_age)
        configured_at_ = now_ - *transaction.configuration_age;
    database_.apply(transaction.changes);
    const auto touches = [&](Space space) {
        return std::ranges::any_of(transaction.changes, [space](const records::Change& change) {
            return change.key.space == space;
        });
    };
    if (touches(Space::facts) || touches(Space::modules))
        known_ = state_of(database_);
    told_module_count_ = kNothingTold;  // the facts are another configuration's now
    if (touches(Space::modules)) {
        // After a takeover a number is promised only when it is on this disk too.
        feed(vem::registry::RecordsLoaded{known_.modules, now_, false});
        awaited_.push_back({revision_, registry_.records_revision(), std::nullopt});
    }
    write(transaction.changes);
    if (touches(Space::running_configuration))
        obey_configuration();
}

void Supervisor::Implementation::commit(records::Changes changes) {
    database_.apply(changes);
    ++revision_;
    feed(redundancy::RevisionChanged{revision_, now_});
    write(changes);
    if (!sender_.is_open())
        return;
    const bool fits = sender_.append(transaction(std::move(changes)), now_);
    const std::uint64_t behind = revision_ - std::min(revision_, pair_.peer_applied_revision());
    if (!fits || (pair_.state() == PairState::active_ha && behind > options_.backlog_limit))
        feed(redundancy::OutOfSync{
            fits ? "more than " + std::to_string(options_.backlog_limit) +
                       " changes could not be sent to the standby"
                 : "the buffer for changes that the standby has not got yet is full",
            now_});
}

replication::Transaction Supervisor::Implementation::transaction(records::Changes changes) const {
    return {revision_, configuration_age(), std::move(changes)};
}

std::optional<Duration> Supervisor::Implementation::configuration_age() const {
    if (!configured_at_)
        return std::nullopt;
    return now_ - *configured_at_;
}

void Supervisor::Implementation::begin_replication() {
    sender_.begin(now_);
}

/// As the standby of a life of the active: its revisions count from now on.
void Supervisor::Implementation::begin_following() {
    receiver_.reset();
    revision_ = 0;
    durable_revision_ = 0;
    if (storing_)
        storing_->revision = 0;
    // What waited for a revision of the life before is promised to nobody any more; numbers that
    // were being stored are loaded again with the first records that come.
    awaited_.clear();
}

void Supervisor::Implementation::run_channel() {
    const MacAddress peer = pair_.peer_macs()[index_of(PortKind::control)];
    if (sender_.is_open()) {
        replication::ChannelSender& channel = sender_.channel();
        sender_.pump(database_, transaction({}), now_);
        for (wire::ChannelData& data : channel.take_due(now_, kFramesPerStep)) {
            data.names = pair_.peer_incarnation();
            send(PortKind::control, peer, data);
        }
        // In degraded mode control is known to be dead and changes are buffered (HB-5); otherwise
        // bytes that nobody acknowledges although heartbeats are answered mean that the standby
        // does not take them in. They have the whole interval when control comes back.
        if (pair_.degraded()) {
            channel.forgive(now_);
            confirm();
        }
        if (pair_.state() == PairState::active_ha && !pair_.degraded() && !channel.idle() &&
            now_ - channel.stuck_since() > pair_.loss_interval())
            feed(redundancy::OutOfSync{"no progress of synchronization for the loss interval",
                                       now_});
    }
    // A change waits for the standby the longest, which has the way there and back before it: what
    // it needs goes before this supervisor's own write. Nobody waits for an acknowledgement.
    if (persist_)
        effects_->emplace_back(*std::exchange(persist_, std::nullopt));
    if (auto ack = receiver_.channel().take_ack(now_)) {
        ack->names = pair_.peer_incarnation();
        send(PortKind::control, peer, *ack);
    }
}

/// Tells those who wait for a revision that it is where it has to be: on this disk, and on that of
/// the standby while the pair is HA, or about to be (SYNC-2).
///
/// While control is dead between the two supervisors nothing can get there, for as long as that
/// lasts. A module attaches all the same, and asks for the same number should the standby take over
/// without knowing it; an operator waits, until his patience or the pair is at its end.
void Supervisor::Implementation::confirm() {
    const std::uint64_t here = durable_revision_;
    const std::uint64_t both =
        pair_.promises_together(now_) ? std::min(here, pair_.peer_applied_revision()) : here;
    const std::uint64_t for_modules = pair_.degraded() ? here : both;
    std::deque<Awaited> still_awaited;
    for (const Awaited& awaited : std::exchange(awaited_, {})) {
        if (awaited.revision > (awaited.ticket ? both : for_modules))
            still_awaited.push_back(awaited);
        else if (awaited.ticket)
            complete(*awaited.ticket,
                     store_failed_ ? "The change is made, but it could not be stored" : "");
        else
            feed(vem::registry::RecordsDurable{*awaited.records_revision, now_});
    }
    std::ranges::move(awaited_, std::back_inserter(still_awaited));
    awaited_ = std::move(still_awaited);
}

}  // namespace ha::supervisor
