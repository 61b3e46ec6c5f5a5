// See text.hpp.
#include "libha/config/text.hpp"

#include <charconv>
#include <utility>

#include "libha/base/dates.hpp"
#include "libha/config/context_diff.hpp"

namespace ha::config {
namespace {

using Lines = std::vector<std::string>;

const records::Key& saved_key() {
    static const records::Key kKey{records::Space::facts, "startup configuration saved"};
    return kKey;
}

Lines header(const std::string& command, WallTime now) {
    return {"!Command: " + command, "!Time: " + format_ctime(now)};
}

Lines body(const Configuration& configuration, std::string_view version) {
    Lines lines = configuration.print();
    lines.insert(lines.begin(), "version " + std::string(version));
    return lines;
}

void append(Lines& lines, Lines more) {
    lines.emplace_back();
    lines.insert(lines.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
}

/// Lines before "version" in the texts.
constexpr std::size_t kRunningHeader = 3;

}  // namespace

Lines running_text(const Configuration& running, std::string_view version, WallTime now) {
    Lines lines = header("show running-config", now);
    append(lines, body(running, version));
    return lines;
}

Lines startup_text(const Configuration& startup, std::string_view version, WallTime now,
                   std::optional<WallTime> saved) {
    if (startup.empty())
        return {};
    Lines lines = header("show startup-config", now);
    if (saved)
        lines.push_back("!Startup config saved at: " + format_ctime(*saved));
    append(lines, body(startup, version));
    return lines;
}

Lines difference_text(const Configuration& startup, std::optional<WallTime> saved,
                      const Configuration& running, std::string_view version) {
    NumberedLines before{startup.empty() ? Lines{} : body(startup, version),
                         kRunningHeader + (saved ? 2 : 1)};
    if (startup.empty())
        before.first = 1;
    const NumberedLines after{body(running, version), kRunningHeader + 1};
    Lines lines = context_diff(before, after);
    if (!lines.empty())
        lines.insert(lines.begin(), {"*** Startup-config", "--- Running-config"});
    return lines;
}

records::Changes save_startup(const records::Database& database, WallTime now) {
    auto changes =
        database.copy(records::Space::running_configuration, records::Space::startup_configuration);
    changes.push_back({saved_key(), std::to_string(now.time_since_epoch().count())});
    return changes;
}

records::Changes erase_startup(const records::Database& database) {
    auto changes = database.clear(records::Space::startup_configuration);
    if (database.find(saved_key()) != nullptr)
        changes.push_back({saved_key(), std::nullopt});
    return changes;
}

std::optional<WallTime> startup_saved(const records::Database& database) {
    const std::string* const text = database.find(saved_key());
    std::int64_t milliseconds = 0;
    if (text == nullptr ||
        std::from_chars(text->data(), text->data() + text->size(), milliseconds).ec != std::errc{})
        return std::nullopt;
    return WallTime(std::chrono::milliseconds(milliseconds));
}

}  // namespace ha::config
