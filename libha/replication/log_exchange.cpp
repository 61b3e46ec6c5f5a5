// See log_exchange.hpp; docs/wire-format.md has the messages. Each begins with its kind (1 byte).
// begin: format (2), entries of the accounting log (4), of the redundancy trace (4). entries: log
// (1), then entries, each with its length (2). end: nothing.
#include "libha/replication/log_exchange.hpp"

#include <algorithm>

#include "libha/wire/cursor.hpp"

namespace ha::replication {
namespace {

enum class Kind : std::uint8_t { begin = 1, entries, end };

constexpr std::uint16_t kFormat = 1;
constexpr std::size_t kLengthBytes = 2;

wire::Bytes message_of(Kind kind) {
    return {static_cast<std::uint8_t>(kind)};
}

/// One log as messages of entries, newest first, within its size.
std::vector<wire::Bytes> pages_of(LogKind kind, const std::vector<std::string>& entries) {
    std::vector<wire::Bytes> pages;
    std::size_t left = kMaximumLogBytes[index_of(kind)];
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        const std::size_t size = entry->size() + kLengthBytes;
        if (entry->size() > kMaximumLogEntry)
            continue;
        if (size > left)
            break;
        left -= size;
        if (pages.empty() || pages.back().size() + size > wire::kMaximumChannelBytes) {
            pages.push_back(message_of(Kind::entries));
            pages.back().push_back(static_cast<std::uint8_t>(kind));
        }
        wire::Writer writer(pages.back());
        writer.number(static_cast<std::uint16_t>(entry->size()));
        writer.text(*entry);
    }
    return pages;
}

}  // namespace

std::vector<wire::Bytes> messages_of(const Logs& logs) {
    std::vector<wire::Bytes> messages{message_of(Kind::begin)};
    wire::Writer writer(messages.front());
    writer.number(kFormat);
    std::array<std::vector<wire::Bytes>, kLogKinds.size()> pages;
    std::size_t most = 0;
    for (const LogKind kind : kLogKinds) {
        const std::vector<std::string>& entries = logs[index_of(kind)];
        writer.number(static_cast<std::uint32_t>(entries.size()));
        pages[index_of(kind)] = pages_of(kind, entries);
        most = std::max(most, pages[index_of(kind)].size());
    }
    // In turn, so that what comes of a part is of both.
    for (std::size_t page = 0; page < most; ++page)
        for (auto& of_kind : pages)
            if (page < of_kind.size())
                messages.push_back(std::move(of_kind[page]));
    messages.push_back(message_of(Kind::end));
    return messages;
}

bool LogCollector::take(std::span<const std::uint8_t> message) {
    wire::Reader reader(message);
    const auto kind = static_cast<Kind>(reader.number<std::uint8_t>());
    if (kind == Kind::begin) {
        const auto format = reader.number<std::uint16_t>();
        std::array<std::uint32_t, kLogKinds.size()> announced{};
        for (std::uint32_t& count : announced)
            count = reader.number<std::uint32_t>();
        if (!reader.exact() || format != kFormat)
            return false;
        *this = LogCollector{};
        begun_ = true;
        announced_ = announced;
        return true;
    }
    if (!begun_ || complete_ || reader.failed())
        return false;
    if (kind == Kind::entries)
        return take_entries(message.subspan(1));
    complete_ = kind == Kind::end && reader.exact();
    return complete_;
}

bool LogCollector::take_entries(std::span<const std::uint8_t> body) {
    wire::Reader reader(body);
    const auto kind = static_cast<LogKind>(reader.number<std::uint8_t>());
    if (std::ranges::find(kLogKinds, kind) == kLogKinds.end())
        return false;
    const std::size_t index = index_of(kind);
    std::vector<std::string> entries;
    std::size_t bytes = bytes_[index];
    while (reader.left() > 0) {
        const auto size = reader.number<std::uint16_t>();
        const auto octets = reader.bytes(size);
        bytes += octets.size() + kLengthBytes;
        if (reader.failed() || size > kMaximumLogEntry || bytes > kMaximumLogBytes[index] ||
            newest_[index].size() + entries.size() >= announced_[index])
            return false;
        entries.emplace_back(octets.begin(), octets.end());
    }
    bytes_[index] = bytes;
    std::ranges::move(entries, std::back_inserter(newest_[index]));
    return true;
}

std::vector<std::string> LogCollector::entries(LogKind kind) const {
    const std::vector<std::string>& newest = newest_[index_of(kind)];
    return {newest.rbegin(), newest.rend()};
}

}  // namespace ha::replication
