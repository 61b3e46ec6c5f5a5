// `show system internal active-active …`: the logs of both supervisors, as they were kept before
// the loser of the last split brain restarted (SB-4). The layouts are ours (docs/json.md).
#include "libha/cli/commands.hpp"
#include "libha/cli/format.hpp"

namespace ha::cli {
namespace {

using records::Space;

bool is_remote(Space space) {
    return space == Space::accounting_of_remote || space == Space::redundancy_trace_of_remote;
}

/// What is above the entries. `count`: how many there are.
Document head(const Context& context, Space space, const std::string& what, std::size_t count) {
    const Slot own = this_slot(context.snapshot.pair);
    Document document;
    document.line(
        what + (is_remote(space) ? " of the other supervisor (" : " of this supervisor (") +
        sup_name(is_remote(space) ? other_slot(own) : own) + "), kept at the last split brain");
    const auto about = supervisor::kept_log_of(context.kept_logs, space);
    document.data("kept", about.has_value());
    if (!about) {
        document.line("  Nothing: no split brain was settled here since it was cleared");
        for (const auto* key : {"kept_date", "kept_age_ms", "outcome", "entries_total", "lacking"})
            document.data(key, {});
        return document;
    }
    const Duration age = std::max(Duration{}, Duration{context.wall_now - about->at});
    const auto age_in_ms = std::chrono::duration_cast<std::chrono::milliseconds>(age).count();
    const auto date = format_trace_date(about->at);
    document.field("  Kept:     ", "kept_date", date, " UTC, " + format_age(age) + " ago");
    document.data("kept_age_ms", std::int64_t{age_in_ms});
    document.field("  Outcome:  ", "outcome",
                   about->outcome.empty() ? "not known here" : printable(about->outcome));
    document.field("  Entries:  " + std::to_string(count) + " of ", "entries_total",
                   std::uint64_t{about->entries},
                   about->lacking.empty() ? "" : ": " + printable(about->lacking));
    document.data("lacking", about->lacking);
    return document;
}

}  // namespace

Document show_kept_accounting(const Context& context, Space space) {
    const auto entries = config::accounting_of(context.kept_logs, space);
    Document document = head(context, space, "Accounting log", entries.size());
    Table table{"accounting",
                {""},
                {{"line"},
                 {"user", 0, false, false},
                 {"id", 0, false, false},
                 {"cmd", 0, false, false},
                 {"success", 0, false, false}},
                {}};
    for (const config::AccountingEntry& entry : entries)
        table.rows.push_back({config::to_line(entry), printable(entry.user),
                              printable(entry.origin), printable(entry.command), entry.succeeded});
    if (entries.empty())
        table.headers.clear();
    return document.table(std::move(table));
}

Document show_kept_trace(const Context& context, Space space) {
    const auto entries = supervisor::trace_of(context.kept_logs, space);
    Document document = head(context, space, "Redundancy trace", entries.size());
    Table table{
        "trace", {}, {{"date", 25}, {"from", 20}, {"to", 20}, {"event", 24}, {"reason"}}, {}};
    if (!entries.empty())
        table.headers = {"",
                         "Date (UTC)               From                To                  Event "
                         "                  Reason",
                         "-----------------------  ------------------  ------------------  "
                         "----------------------  ------"};
    for (const supervisor::DatedTraceEntry& entry : entries)
        table.rows.push_back({format_trace_date(entry.at), printable(entry.from),
                              printable(entry.to), printable(entry.event),
                              printable(entry.reason)});
    return document.table(std::move(table));
}

}  // namespace ha::cli
