// See kept_logs.hpp. Values begin with a version (1); dates are milliseconds since 1970 (8), texts
// have their length (2) before them, numbers are in network order.
#include "libha/supervisor/kept_logs.hpp"

#include <algorithm>
#include <iterator>
#include <span>

#include "libha/wire/cursor.hpp"

namespace ha::supervisor {

using records::Space;

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr const char* kAbout = "about";
constexpr std::size_t kMaximumAboutText = 1000;

void write_date(wire::Writer& writer, WallTime at) {
    writer.number(static_cast<std::uint64_t>(at.time_since_epoch().count()));
}
WallTime read_date(wire::Reader& reader) {
    const auto milliseconds = static_cast<std::int64_t>(reader.number<std::uint64_t>());
    return WallTime(std::chrono::milliseconds(milliseconds));
}
void write_text(wire::Writer& writer, std::string_view text, std::size_t limit) {
    text = text.substr(0, limit);
    writer.number(static_cast<std::uint16_t>(text.size()));
    writer.text(text);
}
std::string read_text(wire::Reader& reader) {
    const auto octets = reader.bytes(reader.number<std::uint16_t>());
    return {octets.begin(), octets.end()};
}
std::vector<std::uint8_t> octets_of(std::string_view value) {
    return {value.begin(), value.end()};
}

}  // namespace

bool is_kept_log(Space space) {
    return std::ranges::find(kKeptLogSpaces, space) != kKeptLogSpaces.end();
}

std::string encode(const DatedTraceEntry& entry) {
    std::vector<std::uint8_t> bytes;
    wire::Writer writer(bytes);
    writer.number(kVersion);
    write_date(writer, entry.at);
    for (const std::string* text : {&entry.from, &entry.to, &entry.event, &entry.reason})
        write_text(writer, *text, kMaximumTraceText);
    return {bytes.begin(), bytes.end()};
}

tl::expected<DatedTraceEntry, std::string> decode_trace(std::string_view value) {
    const auto bytes = octets_of(value);
    wire::Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    if (!reader.failed() && version != kVersion)
        return tl::unexpected("a line of a redundancy trace of the unknown version " +
                              std::to_string(version));
    DatedTraceEntry entry;
    entry.at = read_date(reader);
    for (std::string* text : {&entry.from, &entry.to, &entry.event, &entry.reason})
        *text = read_text(reader);
    if (!reader.exact())
        return tl::unexpected(std::string("a line of a redundancy trace that is cut off"));
    return entry;
}

std::vector<DatedTraceEntry> trace_of(const records::Database& database, Space space) {
    std::vector<DatedTraceEntry> entries;
    for (const auto& [key, value] : database.of(space)) {
        if (!records::sequence_of(key.name))
            continue;
        if (auto entry = decode_trace(value))
            entries.push_back(std::move(*entry));
    }
    return entries;
}

records::Changes keep(const records::Database& database, Space space, const KeptLog& about,
                      const std::vector<std::string>& values) {
    records::Changes changes = database.clear(space);
    std::uint64_t number = 0;
    for (const std::string& value : values)
        changes.push_back({{space, records::sequence_name(number++)}, value});
    std::vector<std::uint8_t> bytes;
    wire::Writer writer(bytes);
    writer.number(kVersion);
    write_date(writer, about.at);
    writer.number(about.entries);
    write_text(writer, about.outcome, kMaximumAboutText);
    write_text(writer, about.lacking, kMaximumAboutText);
    changes.push_back({{space, kAbout}, std::string(bytes.begin(), bytes.end())});
    return changes;
}

std::optional<KeptLog> kept_log_of(const records::Database& database, Space space) {
    const std::string* const value = database.find({space, kAbout});
    if (value == nullptr)
        return std::nullopt;
    const auto bytes = octets_of(*value);
    wire::Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    KeptLog about;
    about.at = read_date(reader);
    about.entries = reader.number<std::uint32_t>();
    about.outcome = read_text(reader);
    about.lacking = read_text(reader);
    if (!reader.exact() || version != kVersion)
        return std::nullopt;
    return about;
}

records::Database kept_logs_of(const records::Database& database) {
    records::Changes changes;
    for (const Space space : kKeptLogSpaces)
        for (const auto& [key, value] : database.of(space))
            changes.push_back({key, value});
    records::Database kept;
    kept.apply(changes);
    return kept;
}

}  // namespace ha::supervisor
