// Supervisor: what is written to the disk, one write at a time. Whatever comes up meanwhile goes
// together with the next one.
#include <algorithm>
#include <iterator>
#include <utility>

#include "libha/supervisor/implementation.hpp"

namespace ha::supervisor {

/// What this supervisor has to remember for itself: its peer, as the pair knows it now (BOOT-5),
/// and the role that it was asked to have (ROLE-2).
void Supervisor::Implementation::note_own_facts() {
    PersistentState now_known = known_;
    // In another slot the next life has another peer: what was learnt of this one is not for it.
    const bool keeps_slot = slot_of(pair_.administrative_role()) == slot_of(pair_.role());
    now_known.peer_macs = keeps_slot ? pair_.peer_macs() : redundancy::PeerMacs{};
    now_known.peer_incarnation = keeps_slot ? pair_.peer_incarnation() : kNoIncarnation;
    if (known_.administrative_role || pair_.administrative_role() != options_.pair.role)
        now_known.administrative_role = pair_.administrative_role();
    const records::Changes changes = changes_between(known_, now_known);
    known_ = std::move(now_known);
    database_.apply(changes);
    write(changes);
}

void Supervisor::Implementation::write(const records::Changes& changes) {
    std::ranges::copy(changes, std::back_inserter(unwritten_));
    write_wanted_ = write_wanted_ || !unwritten_.empty();
    write_next();
    if (!storing_)
        note_durable(revision_);
}

/// Everything up to `revision` is on this disk: the active may count on its standby for it
/// (SYNC-2).
void Supervisor::Implementation::note_durable(std::uint64_t revision) {
    if (revision <= durable_revision_)
        return;
    durable_revision_ = revision;
    if (redundancy::is_standby(pair_.state())) {
        feed(redundancy::RevisionChanged{revision, now_});
        send(PortKind::control, pair_.peer_macs()[index_of(PortKind::control)],
             wire::StateApplied{pair_.peer_incarnation(), revision});
    }
    confirm();
}

void Supervisor::Implementation::write_again() {
    if (write_again_at_ > now_)
        return;
    write_again_at_ = kNever;
    write_wanted_ = true;
    write_next();
}

void Supervisor::Implementation::write_next() {
    if (storing_ || !std::exchange(write_wanted_, false))
        return;
    storing_ = Storing{++token_, revision_, std::exchange(unwritten_, {})};
    persist_ = Persist{token_, storing_->changes};
}

void Supervisor::Implementation::on(const StoreCompleted& input) {
    if (!storing_ || storing_->token != input.token)
        return;
    Storing done = std::move(*storing_);
    storing_.reset();
    if (!input.ok) {
        // They go first the next time, so that no later change is on the disk without them.
        std::ranges::move(unwritten_, std::back_inserter(done.changes));
        unwritten_ = std::move(done.changes);
    }
    // A disk that fails must not keep modules out, nor a standby: the runtime has logged it, the
    // snapshot shows it, and the next change tries again, or time does.
    store_failed_ = !input.ok;
    write_again_at_ = input.ok ? kNever : now_ + pair_.loss_interval();
    note_durable(write_wanted_ ? done.revision : revision_);
    write_next();
    note_logs_stored();
}

}  // namespace ha::supervisor
