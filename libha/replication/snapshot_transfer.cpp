// See snapshot_transfer.hpp.
#include "libha/replication/snapshot_transfer.hpp"

#include <algorithm>

namespace ha::replication {

void SnapshotSender::start(const ReplicatedState& state, Instant now) {
    const std::size_t count = std::max<std::size_t>(
        1, (state.modules.size() + wire::kModulesPerPage - 1) / wire::kModulesPerPage);
    // A stream of new revisions is no progress by itself.
    if (idle())
        progress_at_ = now;
    pages_.clear();
    for (std::size_t index = 0; index < count; ++index) {
        wire::StatePage page;
        page.revision = state.revision;
        page.page = static_cast<std::uint16_t>(index);
        page.pages = static_cast<std::uint16_t>(count);
        page.configuration_maker = state.configuration_maker;
        page.configuration_revision = state.configuration_revision;
        page.configuration_age_ms = state.configuration_age_ms;
        page.loss_interval = state.loss_interval;
        const std::size_t first = index * wire::kModulesPerPage;
        const std::size_t last = std::min(first + wire::kModulesPerPage, state.modules.size());
        for (std::size_t module = first; module < last; ++module)
            page.modules.push_back(state.modules[module]);
        pages_.push_back(std::move(page));
    }
    acknowledged_.assign(count, false);
    pending_ = count;
    due_ = now;
}

void SnapshotSender::stop() {
    pages_.clear();
    acknowledged_.clear();
    pending_ = 0;
    due_ = kNever;
}

void SnapshotSender::acknowledge(const wire::StatePageAck& ack, Instant now) {
    if (ack.page >= pages_.size() || pages_[ack.page].revision != ack.revision ||
        acknowledged_[ack.page])
        return;
    acknowledged_[ack.page] = true;
    progress_at_ = now;
    if (--pending_ == 0)
        due_ = kNever;
}

std::vector<wire::StatePage> SnapshotSender::take_due(Instant now) {
    std::vector<wire::StatePage> due;
    if (due_ > now)
        return due;
    for (std::size_t index = 0; index < pages_.size(); ++index)
        if (!acknowledged_[index])
            due.push_back(pages_[index]);
    due_ = now + repeat_interval_;
    return due;
}

Instant SnapshotSender::next_deadline() const {
    return due_;
}

void SnapshotReceiver::reset() {
    *this = {};
}

std::optional<ReplicatedState> SnapshotReceiver::receive(const wire::StatePage& page) {
    if (page.revision <= complete_revision_ || page.revision < revision_ ||
        page.page >= page.pages || page.pages > wire::kMaximumPages)
        return std::nullopt;
    if (page.revision > revision_) {
        revision_ = page.revision;
        pages_.assign(page.pages, std::nullopt);
    }
    if (page.pages != pages_.size())
        return std::nullopt;
    pages_[page.page] = page;
    if (!std::all_of(pages_.begin(), pages_.end(),
                     [](const auto& held) { return held.has_value(); }))
        return std::nullopt;
    ReplicatedState state;
    state.revision = page.revision;
    state.configuration_maker = page.configuration_maker;
    state.configuration_revision = page.configuration_revision;
    state.configuration_age_ms = page.configuration_age_ms;
    state.loss_interval = page.loss_interval;
    for (auto& held : pages_)
        for (auto& record : held->modules)
            state.modules.push_back(std::move(record));
    complete_revision_ = page.revision;
    pages_.clear();
    return state;
}

}  // namespace ha::replication
