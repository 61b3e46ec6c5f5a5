// The accounting log: who gave which command, from where, and what became of it. Kept as records,
// so the standby has it too (BEHAVIOUR SYNC-1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "libha/base/time.hpp"
#include "libha/records/database.hpp"

namespace ha::config {

struct AccountingEntry {
    WallTime at;
    std::string user;     ///< "admin"
    std::string origin;   ///< terminal or address: "console0", "10.0.0.7@pts/1"
    std::string command;  ///< with the way to its mode: "configure terminal ; hostname x"
    bool succeeded = false;
    friend bool operator==(const AccountingEntry&, const AccountingEntry&) = default;
};

/// So many are kept, the newest ones.
inline constexpr std::size_t kMaximumAccountingEntries = 2000;
/// Longer texts of an entry are cut, in bytes.
inline constexpr std::size_t kMaximumAccountingText = 4096;

/// The value of a record.
std::string encode(const AccountingEntry& entry);
/// The error is one sentence.
tl::expected<AccountingEntry, std::string> decode_accounting(std::string_view value);

/// Adds one entry behind the others of Space::accounting, and takes the oldest away when there are
/// too many.
records::Changes append(const records::Database& database, const AccountingEntry& entry);
/// Oldest first. What cannot be read is left out. `space` is accounting or one of its backups.
std::vector<AccountingEntry> accounting_of(const records::Database& database,
                                           records::Space space = records::Space::accounting);

/// "Wed Aug  8 18:01:24 2012:type=update:id=console0:user=admin:cmd=hostname x (SUCCESS)".
std::string to_line(const AccountingEntry& entry);

}  // namespace ha::config
