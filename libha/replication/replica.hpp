// What travels on the channel from the active to its standby: the whole database as it is, then
// every transaction, in order (SYNC-1). The snapshot is read as the channel takes it in, while
// transactions go on: each of them follows at once, so that at the end the standby holds the
// database as it is then, and the memory it takes does not grow with the database.
//
// Pure. The channel carries the messages; the owner applies and stores what comes out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <tl/expected.hpp>

#include "libha/base/time.hpp"
#include "libha/records/database.hpp"
#include "libha/replication/channel.hpp"

namespace ha::replication {

/// Of the messages below. A standby that reads another one says so and stays out.
inline constexpr std::uint16_t kFormat = 1;
/// The longest transaction, encoded: what one message of the channel can carry.
inline constexpr std::size_t kMaximumTransaction = std::size_t{2} << 20U;

/// What made a revision of the replicated records from the one before.
struct Transaction {
    std::uint64_t revision = 0;
    /// How long ago somebody configured last (SB-5: an age, no date); nothing: never.
    std::optional<Duration> configuration_age;
    records::Changes changes;
    friend bool operator==(const Transaction&, const Transaction&) = default;
};

/// The active's half.
class ReplicaSender {
public:
    explicit ReplicaSender(const ChannelOptions& options) : channel_(options) {}

    /// A standby joined: it gets everything, from the start, on a new stream.
    void begin(Instant now);
    void end();
    [[nodiscard]] bool is_open() const { return channel_.is_open(); }
    /// False when the buffer is full: this standby cannot be brought up to date any more (HB-5).
    [[nodiscard]] bool append(const Transaction& transaction, Instant now);
    /// Hands out as much of the snapshot as the channel takes in. `latest` is the newest
    /// transaction, without its changes.
    void pump(const records::Database& database, const Transaction& latest, Instant now);
    [[nodiscard]] ChannelSender& channel() { return channel_; }
    [[nodiscard]] const ChannelSender& channel() const { return channel_; }
    /// The whole snapshot is in the channel.
    [[nodiscard]] bool snapshot_sent() const { return !cursor_; }

private:
    ChannelSender channel_;
    std::uint32_t stream_ = 0;
    std::optional<records::Key> cursor_;  ///< the last record handed out; an empty name: none yet
};

/// The standby's half.
class ReplicaReceiver {
public:
    explicit ReplicaReceiver(const ChannelOptions& options) : channel_(options) {}

    /// Forgets what came: for a new active, or a new life of it.
    void reset();
    /// Takes in a message of the channel. What is to be applied to `mine`, when anything is; the
    /// first is what the whole snapshot changes. The error says why nothing of this active can be
    /// taken in; nothing after it is, until reset().
    tl::expected<std::optional<Transaction>, std::string> take(
        std::span<const std::uint8_t> message, const records::Database& mine);
    [[nodiscard]] ChannelReceiver& channel() { return channel_; }
    [[nodiscard]] const ChannelReceiver& channel() const { return channel_; }

private:
    enum class Phase : std::uint8_t { beginning, collecting, following, refused };

    ChannelReceiver channel_;
    Phase phase_ = Phase::beginning;
    std::uint64_t revision_ = 0;
    records::Database collected_;
};

}  // namespace ha::replication
