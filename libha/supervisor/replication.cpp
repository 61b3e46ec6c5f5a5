// Supervisor: the replicated state, how it reaches the standby, and how both become durable.
#include <algorithm>
#include <iterator>
#include <utility>

#include "libha/supervisor/implementation.hpp"

namespace ha::supervisor {

using redundancy::PairState;

void Supervisor::Implementation::on_state_page(const wire::Received& received,
                                               const wire::StatePage& page, PortKind port) {
    if (!redundancy::is_standby(pair_.state()) || !pair_.is_counted_on(received, port))
        return count_drop(port, wire::DropReason::not_for_us);
    auto complete = receiver_.receive(page);
    send(PortKind::control, received.source, wire::StatePageAck{page.revision, page.page});
    if (!complete)
        return;
    revision_ = complete->revision;
    configuration_maker_ = complete->configuration_maker;
    configuration_revision_ = complete->configuration_revision;
    constexpr auto kNever = ~std::uint64_t{0};
    configured_at_.reset();
    if (complete->configuration_age_ms != kNever)
        configured_at_ = now_ - std::chrono::milliseconds{complete->configuration_age_ms};
    told_module_count_ = std::uint16_t{0xffff};  // the facts are another configuration's now
    // After a takeover a number is promised only when it is on this disk too.
    feed(vem::registry::RecordsLoaded{std::move(complete->modules), now_, false});
    records_revision_ = registry_.records_revision();
    persist();
}

void Supervisor::Implementation::on_state_page_ack(const wire::Received& received,
                                                   const wire::StatePageAck& ack, PortKind port) {
    if (!pair_.is_counted_on(received, port))
        return count_drop(port, wire::DropReason::not_for_us);
    sender_.acknowledge(ack, now_);
}

void Supervisor::Implementation::change_state() {
    ++revision_;
    feed(redundancy::RevisionChanged{revision_, now_});
    if (pair_.peer_present())
        start_transfer();
}

void Supervisor::Implementation::start_transfer() {
    sender_.start(replicated_state(), now_);
    const std::uint64_t behind = revision_ - std::min(revision_, pair_.peer_applied_revision());
    if (pair_.state() == PairState::active_ha && behind > options_.backlog_limit)
        feed(redundancy::OutOfSync{"more than " + std::to_string(options_.backlog_limit) +
                                       " changes could not be sent to the standby",
                                   now_});
}

void Supervisor::Implementation::run_transfer() {
    for (const wire::StatePage& page : sender_.take_due(now_))
        send(PortKind::control, pair_.peer_macs()[index_of(PortKind::control)], page);
    // In degraded mode control is known to be dead and changes are buffered (HB-5); otherwise pages
    // that nobody acknowledges although heartbeats are answered mean that the standby does not take
    // them in.
    // They have the whole interval when control comes back.
    const Duration patience = options_.pair.loss_interval;
    if (pair_.degraded())
        sender_.forgive(now_);
    if (pair_.state() == PairState::active_ha && !pair_.degraded() && !sender_.idle() &&
        now_ - sender_.stuck_since() > patience)
        feed(redundancy::OutOfSync{"no progress of synchronization for the loss interval", now_});
}

replication::ReplicatedState Supervisor::Implementation::replicated_state() const {
    replication::ReplicatedState state;
    state.revision = revision_;
    state.configuration_maker = configuration_maker_;
    state.configuration_revision = configuration_revision_;
    state.configuration_age_ms = ~std::uint64_t{0};
    if (configured_at_)
        state.configuration_age_ms = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(now_ - *configured_at_).count());
    state.loss_interval = options_.pair.loss_interval;
    state.modules = registry_.records();
    return state;
}

void Supervisor::Implementation::persist() {
    if (storing_) {
        store_again_ = true;
        return;
    }
    store_again_ = false;
    PersistentState state;
    state.boots = written_.boots;
    state.peer_macs = pair_.peer_macs();
    state.peer_incarnation = pair_.peer_incarnation();
    state.configuration_maker = configuration_maker_;
    state.configuration_revision = configuration_revision_;
    state.modules = registry_.records();
    records::Changes changes = std::exchange(unwritten_, {});
    std::ranges::move(changes_between(written_, state), std::back_inserter(changes));
    written_ = std::move(state);
    const std::uint64_t applied = redundancy::is_standby(pair_.state()) ? revision_ : 0;
    storing_ = Storing{++token_, records_revision_, applied, changes};
    effects_->emplace_back(Persist{token_, std::move(changes)});
}

void Supervisor::Implementation::on(const StoreCompleted& input) {
    if (!storing_ || storing_->token != input.token)
        return;
    Storing done = std::move(*storing_);
    storing_.reset();
    if (!input.ok)
        unwritten_ = std::move(done.changes);
    // A disk that fails must not keep modules out: the runtime has logged it, the snapshot shows
    // it, and the next change tries again.
    store_failed_ = !input.ok;
    feed(vem::registry::RecordsDurable{done.records_revision, now_});
    if (redundancy::is_standby(pair_.state()) && done.applied_revision != 0)
        feed(redundancy::RevisionChanged{done.applied_revision, now_});
    if (store_again_)
        persist();
}

}  // namespace ha::supervisor
