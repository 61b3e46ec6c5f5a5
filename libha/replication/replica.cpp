// See replica.hpp; docs/wire-format.md has the messages. Each begins with its kind (1 byte):
// begin: format (2). records: changes. end and transaction: revision (8), age of the last
// configuration in milliseconds (8, all ones: never), changes.
#include "libha/replication/replica.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "libha/records/encoding.hpp"
#include "libha/wire/cursor.hpp"

namespace ha::replication {

namespace {

enum class Kind : std::uint8_t { begin = 1, records, end, transaction };

/// Records go together up to this size.
constexpr std::size_t kPageBytes = std::size_t{32} << 10U;
/// The snapshot waits while the channel holds more than this: transactions pass it by.
constexpr std::size_t kSnapshotBacklog = std::size_t{512} << 10U;
constexpr std::uint64_t kNeverConfigured = ~std::uint64_t{0};
/// 50 years: no age makes an instant overflow.
constexpr std::uint64_t kLongestAgeMs = std::uint64_t{50} * 366 * 86'400'000;

wire::Bytes message_of(Kind kind) {
    return {static_cast<std::uint8_t>(kind)};
}

wire::Bytes message_of(Kind kind, const Transaction& transaction) {
    wire::Bytes bytes = message_of(kind);
    wire::Writer writer(bytes);
    writer.number(transaction.revision);
    using std::chrono::milliseconds;
    const auto& age = transaction.configuration_age;
    writer.number(
        age ? static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(*age).count())
            : kNeverConfigured);
    records::encode(transaction.changes, bytes);
    return bytes;
}

tl::expected<records::Changes, std::string> replicated_changes(
    std::span<const std::uint8_t> bytes) {
    auto changes = records::decode(bytes);
    if (!changes)
        return changes;
    const auto own = std::ranges::find_if(*changes, [](const records::Change& change) {
        return !records::is_replicated(change.key.space);
    });
    if (own != changes->end())
        return tl::unexpected("a record of the space " + std::string(to_string(own->key.space)) +
                              ", which is not replicated");
    return changes;
}

tl::expected<Transaction, std::string> transaction_of(wire::Reader& reader) {
    Transaction transaction;
    transaction.revision = reader.number<std::uint64_t>();
    const auto age_ms = reader.number<std::uint64_t>();
    if (reader.failed())
        return tl::unexpected(std::string("a transaction that is cut off"));
    if (age_ms != kNeverConfigured)
        transaction.configuration_age = std::chrono::milliseconds{std::min(age_ms, kLongestAgeMs)};
    auto changes = replicated_changes(reader.bytes(reader.left()));
    if (!changes)
        return tl::unexpected(changes.error());
    transaction.changes = std::move(*changes);
    return transaction;
}

}  // namespace

void ReplicaSender::begin(Instant now) {
    channel_.open(++stream_, now);
    cursor_ = records::Key{static_cast<records::Space>(0), {}};
    wire::Bytes bytes = message_of(Kind::begin);
    wire::Writer(bytes).number(kFormat);
    static_cast<void>(channel_.send(std::move(bytes), now));  // the first one always fits
}

void ReplicaSender::end() {
    channel_.close();
    cursor_.reset();
}

bool ReplicaSender::append(const Transaction& transaction, Instant now) {
    return !is_open() || channel_.send(message_of(Kind::transaction, transaction), now);
}

void ReplicaSender::pump(const records::Database& database, const Transaction& latest,
                         Instant now) {
    const auto& all = database.all();
    while (cursor_ && channel_.backlog_bytes() < kSnapshotBacklog) {
        records::Changes page;
        std::size_t size = 0;
        auto next = all.upper_bound(*cursor_);
        for (; next != all.end() && records::is_replicated(next->first.space) && size < kPageBytes;
             ++next) {
            page.push_back({next->first, next->second});
            size += records::encoded_size(page.back());
        }
        wire::Bytes bytes = message_of(Kind::records);
        if (page.empty()) {
            bytes = message_of(Kind::end, latest);
            cursor_.reset();
        } else {
            cursor_ = page.back().key;
            records::encode(page, bytes);
        }
        static_cast<void>(channel_.send(std::move(bytes), now));  // far below its limit
    }
}

void ReplicaReceiver::reset() {
    channel_.reset();
    phase_ = Phase::beginning;
    revision_ = 0;
    collected_ = {};
}

tl::expected<std::optional<Transaction>, std::string> ReplicaReceiver::take(
    std::span<const std::uint8_t> message, const records::Database& mine) {
    const auto refuse = [this](const std::string& why) {
        phase_ = Phase::refused;
        collected_ = {};
        return tl::unexpected(why);
    };
    if (phase_ == Phase::refused)
        return std::nullopt;
    wire::Reader reader(message);
    const auto kind = static_cast<Kind>(reader.number<std::uint8_t>());
    if (kind == Kind::begin) {
        const auto format = reader.number<std::uint16_t>();
        if (format != kFormat)
            return refuse("the active sends format " + std::to_string(format) +
                          " and this supervisor reads format " + std::to_string(kFormat));
        collected_ = {};
        phase_ = Phase::collecting;
        return std::nullopt;
    }
    if (kind == Kind::records && phase_ == Phase::collecting) {
        const auto changes = replicated_changes(reader.bytes(reader.left()));
        if (!changes)
            return refuse(changes.error());
        collected_.apply(*changes);
        return std::nullopt;
    }
    const bool expected = (kind == Kind::transaction && phase_ != Phase::beginning) ||
                          (kind == Kind::end && phase_ == Phase::collecting);
    if (!expected)
        return refuse("a message of kind " + std::to_string(static_cast<unsigned>(kind)) +
                      " out of place");
    auto transaction = transaction_of(reader);
    if (!transaction)
        return refuse(transaction.error());
    if (transaction->revision < revision_)
        return refuse("revision " + std::to_string(transaction->revision) + " after revision " +
                      std::to_string(revision_));
    revision_ = transaction->revision;
    if (phase_ == Phase::following)
        return std::move(*transaction);
    collected_.apply(transaction->changes);
    if (kind == Kind::transaction)
        return std::nullopt;
    phase_ = Phase::following;
    transaction->changes = mine.replicate(std::exchange(collected_, {}));
    return std::move(*transaction);
}

}  // namespace ha::replication
