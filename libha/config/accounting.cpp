// See accounting.hpp. A value: version (1), outcome (1), milliseconds since 1970 (8), then user,
// origin and command, each with its length (2); numbers in network order.
#include "libha/config/accounting.hpp"

#include <algorithm>
#include <span>

#include "libha/base/dates.hpp"
#include "libha/wire/cursor.hpp"

namespace ha::config {
namespace {

constexpr std::uint8_t kVersion = 1;

/// Fields are separated by ':' and '=', lines by their ends: what is not printable is shown as '?'.
std::string shown(std::string_view text) {
    std::string line(text);
    std::ranges::replace_if(
        line, [](char c) { return c < ' ' || c > '~'; }, '?');
    return line;
}

}  // namespace

std::string encode(const AccountingEntry& entry) {
    std::vector<std::uint8_t> bytes;
    wire::Writer writer(bytes);
    writer.number(kVersion);
    writer.number(static_cast<std::uint8_t>(entry.succeeded ? 1 : 0));
    writer.number(static_cast<std::uint64_t>(entry.at.time_since_epoch().count()));
    for (const std::string* text : {&entry.user, &entry.origin, &entry.command}) {
        const auto length = std::min(text->size(), kMaximumAccountingText);
        writer.number(static_cast<std::uint16_t>(length));
        writer.text(std::string_view(*text).substr(0, length));
    }
    return {bytes.begin(), bytes.end()};
}

tl::expected<AccountingEntry, std::string> decode_accounting(std::string_view value) {
    const std::vector<std::uint8_t> bytes(value.begin(), value.end());
    wire::Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    if (!reader.failed() && version != kVersion)
        return tl::unexpected("an accounting entry of the unknown version " +
                              std::to_string(version));
    const auto outcome = reader.number<std::uint8_t>();
    AccountingEntry entry;
    entry.succeeded = outcome == 1;
    const auto milliseconds = static_cast<std::int64_t>(reader.number<std::uint64_t>());
    entry.at = WallTime(std::chrono::milliseconds(milliseconds));
    for (std::string* text : {&entry.user, &entry.origin, &entry.command}) {
        const auto octets = reader.bytes(reader.number<std::uint16_t>());
        text->assign(octets.begin(), octets.end());
    }
    if (!reader.exact() || outcome > 1)
        return tl::unexpected(std::string("an accounting entry that is cut off or too long"));
    return entry;
}

records::Changes append(const records::Database& database, const AccountingEntry& entry) {
    const auto view = database.of(records::Space::accounting);
    std::uint64_t next = 0;
    if (!view.empty())
        next = records::sequence_of(std::prev(view.end())->first.name).value_or(0) + 1;
    records::Changes changes;
    for (const auto& [key, value] : view) {
        const auto number = records::sequence_of(key.name);
        if (number && next - *number < kMaximumAccountingEntries)
            break;
        changes.push_back({key, std::nullopt});
    }
    changes.push_back({{records::Space::accounting, records::sequence_name(next)}, encode(entry)});
    return changes;
}

std::vector<AccountingEntry> accounting_of(const records::Database& database,
                                           records::Space space) {
    std::vector<AccountingEntry> entries;
    for (const auto& [key, value] : database.of(space)) {
        if (!records::sequence_of(key.name))
            continue;  // a record about the log, not of it
        if (auto entry = decode_accounting(value))
            entries.push_back(std::move(*entry));
    }
    return entries;
}

std::string to_line(const AccountingEntry& entry) {
    return format_ctime(entry.at) + ":type=update:id=" + shown(entry.origin) +
           ":user=" + shown(entry.user) + ":cmd=" + shown(entry.command) +
           (entry.succeeded ? " (SUCCESS)" : " (FAILURE)");
}

}  // namespace ha::config
