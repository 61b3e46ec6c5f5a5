// `show running-config`, `show startup-config`, `show running-config diff`, `show accounting log`,
// `dir`.
#include <algorithm>

#include "libha/base/dates.hpp"
#include "libha/cli/commands.hpp"
#include "libha/cli/format.hpp"
#include "libha/config/text.hpp"

namespace ha::cli {
namespace {

Document lines_document(const std::string& name, const std::vector<std::string>& lines) {
    Table table{name, {}, {{"line"}}, {}};
    for (const std::string& line : lines)
        table.rows.push_back({Value{line}});
    Document document;
    return document.table(std::move(table));
}

}  // namespace

Document show_running_configuration(const Context& context) {
    return lines_document("running", config::running_text(context.configuration->running,
                                                          context.version, context.wall_now));
}

Answer show_running_interface(const Context& context, const config::ModulePort& name) {
    const std::string header = "interface Ethernet" + std::to_string(number(name.module)) + "/" +
                               std::to_string(name.port);
    const auto text =
        config::running_text(context.configuration->running, context.version, context.wall_now);
    const auto begin = std::ranges::find(text, header);
    Answer answer;
    if (begin == text.end()) {
        answer.error = "Nothing is configured for " + header.substr(header.find(' ') + 1);
        return answer;
    }
    const auto end = std::find_if(begin + 1, text.end(),
                                  [](const std::string& line) { return !line.starts_with(' '); });
    answer.document = lines_document("running", {begin, end});
    return answer;
}

Document show_startup_configuration(const Context& context) {
    const auto& saved = *context.configuration;
    auto lines =
        config::startup_text(saved.startup, context.version, context.wall_now, saved.startup_saved);
    if (lines.empty())
        lines.emplace_back("No startup configuration");
    return lines_document("startup", lines);
}

Document show_configuration_difference(const Context& context) {
    const auto& both = *context.configuration;
    return lines_document("diff", config::difference_text(both.startup, both.startup_saved,
                                                          both.running, context.version));
}

Document show_accounting_log(const Context& context) {
    Table table{"accounting",
                {},
                {{"line"},
                 {"user", 0, false, false},
                 {"id", 0, false, false},
                 {"cmd", 0, false, false},
                 {"success", 0, false, false}},
                {}};
    for (const config::AccountingEntry& entry : context.configuration->accounting) {
        table.rows.push_back(
            {config::to_line(entry), entry.user, entry.origin, entry.command, entry.succeeded});
    }
    Document document;
    return document.table(std::move(table));
}

Document show_files(const Context& context) {
    Document document;
    Table table{"dir", {}, {{"fsize", 11, true}, {"", 4}, {"timestring", 22}, {"fname"}}, {}};
    std::uint64_t used = 0;
    for (const StoredFile& file : context.configuration->files) {
        used += file.size;
        // "Wed Aug  8 18:01:24 2012" without the day of the week.
        table.rows.push_back({file.size, std::string(), format_ctime(file.modified).substr(4),
                              printable(file.name)});
    }
    document.table(std::move(table));
    document.line();
    document.line("Usage for bootflash:");
    document.field(padded("", 2), "bytesused", used, " bytes used");
    return document;
}

std::string file_name(std::string_view text) {
    constexpr std::string_view kPlace = "bootflash:";
    if (text.starts_with(kPlace)) {
        text.remove_prefix(kPlace.size());
        text.remove_prefix(std::min(text.find_first_not_of('/'), text.size()));
    }
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    };
    const bool fits = !text.empty() && text.front() != '.' && text.front() != '-' &&
                      std::ranges::all_of(text, is_plain);
    return fits ? std::string(text) : std::string();
}

}  // namespace ha::cli
