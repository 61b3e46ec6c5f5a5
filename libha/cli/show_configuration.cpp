// `show running-config`, `show startup-config`, `show running-config diff`, `show accounting log`.
#include <algorithm>

#include "libha/cli/commands.hpp"
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

}  // namespace ha::cli
