// How the standby gets what the active knows: the whole replicated state, page by page, each page
// acknowledged, over control only (SYNC-1). Small state (at most 64 modules), so every revision is
// sent whole; pages without an acknowledgement are repeated each heartbeat interval.
//
// Pure. Both halves live in every supervisor; the one its state calls for is fed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libha/base/time.hpp"
#include "libha/wire/frame.hpp"

namespace ha::replication {

/// What is replicated, complete at one revision.
struct ReplicatedState {
    std::uint64_t revision = 0;
    std::uint64_t configuration_maker = 0;
    std::uint64_t configuration_revision = 0;
    std::uint64_t configuration_age_ms = 0;
    Duration loss_interval{};
    std::vector<wire::ModuleRecord> modules;
};

/// The active's half.
class SnapshotSender {
public:
    explicit SnapshotSender(Duration repeat_interval) : repeat_interval_(repeat_interval) {}

    /// A standby joined, or the state changed: the pages of `state` replace those under way.
    void start(const ReplicatedState& state, Instant now);
    void stop();
    void acknowledge(const wire::StatePageAck& ack, Instant now);
    /// The pages due now; counts them as sent.
    std::vector<wire::StatePage> take_due(Instant now);
    [[nodiscard]] Instant next_deadline() const;
    /// All pages of the revision are acknowledged, or there is nothing to send.
    [[nodiscard]] bool idle() const { return pending_ == 0; }
    /// Nothing can get through now: this time is not held against the standby.
    void forgive(Instant now) { progress_at_ = now; }
    /// Since when a page has been waiting for its acknowledgement without any progress.
    [[nodiscard]] Instant stuck_since() const { return progress_at_; }

private:
    Duration repeat_interval_;
    std::vector<wire::StatePage> pages_;
    std::vector<bool> acknowledged_;
    std::size_t pending_ = 0;
    Instant due_ = kNever;
    Instant progress_at_;
};

/// The standby's half.
class SnapshotReceiver {
public:
    /// Forget pages collected so far (a new active, or a new life of it).
    void reset();
    /// Takes a page in. The whole state once the last missing page of a revision newer than the
    /// last complete one has come. Pages of older revisions and impossible ones are ignored.
    std::optional<ReplicatedState> receive(const wire::StatePage& page);

private:
    std::uint64_t complete_revision_ = 0;
    std::uint64_t revision_ = 0;
    std::vector<std::optional<wire::StatePage>> pages_;
};

}  // namespace ha::replication
