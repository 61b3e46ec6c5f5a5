// `show logging`, `show logging level`, `show logging server`: what is written where.
#include <map>
#include <string>

#include "libha/catalog/catalog.hpp"
#include "libha/cli/commands.hpp"
#include "libha/cli/format.hpp"
#include "libha/config/settings.hpp"

namespace ha::cli {
namespace {

constexpr const char* kSeverities[] = {"emergencies", "alerts",        "critical",    "errors",
                                       "warnings",    "notifications", "information", "debugging"};
constexpr std::size_t kLabel = 32;
constexpr const char* kProgramFacility = "daemon";
constexpr const char* kServerFacility = "local7";

std::string severity_name(unsigned severity) {
    return severity < std::size(kSeverities) ? kSeverities[severity] : "unknown";
}

config::LoggingSettings settings_of(const Context& context) {
    return config::settings_of(context.configuration->running).logging;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower;
}

/// Every facility that messages have or that somebody named, with the severity it has by itself.
std::map<std::string, unsigned> facilities(const Context& context) {
    const unsigned threshold = context.configuration->logging.threshold;
    std::map<std::string, unsigned> all{{kProgramFacility, threshold}};
    for (const catalog::Entry& entry : catalog::entries())
        all.emplace(lower_case(entry.facility), threshold);
    for (const auto& [facility, level] : settings_of(context).levels)
        all.emplace(facility, threshold);
    return all;
}

void add_file(Document& document, const Context& context) {
    const auto settings = settings_of(context);
    const LoggingView& view = context.configuration->logging;
    const bool enabled = !settings.file.empty();
    document.field(padded("Logging logfile:", kLabel), "logfile",
                   std::string(enabled ? "enabled" : "disabled"));
    document.data("logfile_name", enabled ? Value{settings.file} : Value{});
    document.data("logfile_severity",
                  enabled ? Value{std::uint64_t{settings.file_severity}} : Value{});
    document.data("logfile_dropped", view.file_dropped);
    document.data("logfile_reason", view.file_fault.empty() ? Value{} : Value{view.file_fault});
    if (!enabled)
        return;
    document.line("        Name - " + settings.file + ": Severity - " +
                  severity_name(settings.file_severity));
    if (view.file_dropped > 0)
        document.line("        lines dropped:          " + std::to_string(view.file_dropped));
    if (!view.file_fault.empty())
        document.line("        not written:            " + printable(view.file_fault));
}

void add_servers(Document& document, const Context& context) {
    const auto& servers = context.configuration->logging.servers;
    document.field(padded("Logging server:", kLabel), "server",
                   std::string(servers.empty() ? "disabled" : "enabled"));
    Table data{"loggingserver",
               {},
               {{"server_address"},
                {"server_severity"},
                {"server_facility"},
                {"sent"},
                {"failed"},
                {"dropped"},
                {"reason"}},
               {}};
    for (const LoggingView::Server& server : servers) {
        document.line("{" + server.address + "}");
        document.line("        server severity:        " + severity_name(server.severity));
        document.line("        server facility:        " + std::string(kServerFacility));
        document.line("        lines sent:             " + std::to_string(server.sent));
        document.line("        lines not sent:         " + std::to_string(server.failed) +
                      " refused by the network, " + std::to_string(server.dropped) + " dropped");
        if (!server.fault.empty())
            document.line("        reason:                 " + printable(server.fault));
        data.data_rows.push_back({server.address, std::uint64_t{server.severity},
                                  std::string(kServerFacility), server.sent, server.failed,
                                  server.dropped,
                                  server.fault.empty() ? Value{} : Value{server.fault}});
    }
    document.table(std::move(data));
}

void add_levels(Document& document, const Context& context) {
    Table table{"loggingfacility",
                {"Facility        Default Severity        Current Session Severity",
                 "--------        ----------------        ------------------------"},
                {{"facility", 24}, {"default_severity", 24}, {"session_severity"}},
                {}};
    const auto levels = settings_of(context).levels;
    for (const auto& [facility, severity] : facilities(context)) {
        const auto level = levels.find(facility);
        table.rows.push_back({facility, std::uint64_t{severity},
                              std::uint64_t{level == levels.end() ? severity : level->second}});
    }
    document.table(std::move(table));
    document.line();
    document.line("0(emergencies)          1(alerts)       2(critical)");
    document.line("3(errors)               4(warnings)     5(notifications)");
    document.line("6(information)          7(debugging)");
}

}  // namespace

Document show_logging_settings(const Context& context) {
    Document document;
    document.line(padded("Logging timestamp:", kLabel) + "Seconds");
    add_servers(document, context);
    add_file(document, context);
    document.line();
    add_levels(document, context);
    return document;
}

Document show_logging_levels(const Context& context) {
    Document document;
    add_levels(document, context);
    return document;
}

Document show_logging_servers(const Context& context) {
    Document document;
    add_servers(document, context);
    return document;
}

}  // namespace ha::cli
