// The logs of both sides that a supervisor keeps at a split brain (BEHAVIOUR SB-4), as records of
// its own: four spaces, each with its entries and one record about them. They outlive the restart
// of the loser, and are replaced at the next split brain.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "libha/base/time.hpp"
#include "libha/records/database.hpp"

namespace ha::supervisor {

/// Where they are kept: this side's accounting log and redundancy trace, and the other side's.
inline constexpr std::array<records::Space, 4> kKeptLogSpaces{
    records::Space::accounting_backup, records::Space::accounting_of_remote,
    records::Space::redundancy_trace_backup, records::Space::redundancy_trace_of_remote};
bool is_kept_log(records::Space space);

/// A line of the redundancy trace with a date instead of an instant of a life that is over.
struct DatedTraceEntry {
    WallTime at;
    std::string from;
    std::string to;
    std::string event;
    std::string reason;
    friend bool operator==(const DatedTraceEntry&, const DatedTraceEntry&) = default;
};
/// The value of a record; longer texts than kMaximumTraceText are cut.
std::string encode(const DatedTraceEntry& entry);
inline constexpr std::size_t kMaximumTraceText = 300;
/// The error is one sentence.
tl::expected<DatedTraceEntry, std::string> decode_trace(std::string_view value);
/// Oldest first. What cannot be read is left out. `space` is one of the two of traces.
std::vector<DatedTraceEntry> trace_of(const records::Database& database, records::Space space);

/// What is known about one of the four logs.
struct KeptLog {
    WallTime at;                ///< when it was kept
    std::string outcome;        ///< "sup-2 restarts: fewer modules (0 against 3)"; empty: not known
    std::uint32_t entries = 0;  ///< that there were
    std::string lacking;        ///< why not all of them are here; empty when all are
    friend bool operator==(const KeptLog&, const KeptLog&) = default;
};

/// What makes a space hold this and nothing else. `values` are oldest first.
records::Changes keep(const records::Database& database, records::Space space, const KeptLog& about,
                      const std::vector<std::string>& values);
/// Nothing when nothing is kept there, or it cannot be read.
std::optional<KeptLog> kept_log_of(const records::Database& database, records::Space space);
/// The four spaces alone: for those who show them.
records::Database kept_logs_of(const records::Database& database);

}  // namespace ha::supervisor
