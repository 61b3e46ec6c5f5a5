// What two actives tell each other of their logs before one of them restarts (BEHAVIOUR SB-4): how
// many entries there are, then the newest ones, as far as they fit into a fixed size. Newest first,
// so that a part of it is the part that matters. Entries are bytes here; nothing looks into them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "libha/wire/frame.hpp"

namespace ha::replication {

enum class LogKind : std::uint8_t { accounting = 1, redundancy_trace = 2 };
inline constexpr std::array<LogKind, 2> kLogKinds{LogKind::accounting, LogKind::redundancy_trace};
constexpr std::size_t index_of(LogKind kind) {
    return static_cast<std::size_t>(kind) - 1;
}

/// Of the entries of one log that are told, in bytes with two for each; a longer entry is left out.
inline constexpr std::array<std::size_t, kLogKinds.size()> kMaximumLogBytes{std::size_t{32} << 10U,
                                                                            std::size_t{16} << 10U};
inline constexpr std::size_t kMaximumLogEntry = 1300;

/// By index_of(): the entries, oldest first.
using Logs = std::array<std::vector<std::string>, kLogKinds.size()>;

/// The messages that tell them, in the order of sending; none is longer than a frame carries.
std::vector<wire::Bytes> messages_of(const Logs& logs);

/// What comes of the other side's. A new beginning forgets what came before.
class LogCollector {
public:
    /// False: the message is none of these, or says what cannot be; it is ignored.
    bool take(std::span<const std::uint8_t> message);

    [[nodiscard]] bool begun() const { return begun_; }
    /// Everything that was to be told has come.
    [[nodiscard]] bool complete() const { return complete_; }
    /// How many entries the other side has.
    [[nodiscard]] std::uint32_t announced(LogKind kind) const { return announced_[index_of(kind)]; }
    [[nodiscard]] std::size_t count() const { return newest_[0].size() + newest_[1].size(); }
    /// Oldest first.
    [[nodiscard]] std::vector<std::string> entries(LogKind kind) const;

private:
    bool take_entries(std::span<const std::uint8_t> body);

    bool begun_ = false;
    bool complete_ = false;
    std::array<std::uint32_t, kLogKinds.size()> announced_{};
    Logs newest_;  ///< newest first
    std::array<std::size_t, kLogKinds.size()> bytes_{};
};

}  // namespace ha::replication
