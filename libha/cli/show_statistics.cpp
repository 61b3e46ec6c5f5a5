// `show system internal redundancy statistics`: frames by type and drops by reason of each port,
// each with the age of the latest. The text leaves out what never happened; JSON and XML have every
// counter.
#include <algorithm>

#include "libha/cli/commands.hpp"
#include "libha/cli/format.hpp"

namespace ha::cli {
namespace {

Value text(std::string_view words) {
    return std::string(words);
}

void add_frames(Document& document, const Context& context) {
    Table table{"frames",
                {"Port     Frame type               Received    Latest        Sent    Latest",
                 "-------  -----------------------  ----------  --------  ----------  --------"},
                {{"port", 9},
                 {"type", 23},
                 {"received", 12, true},
                 {"", 10, true},
                 {"sent", 12, true},
                 {"", 10, true},
                 {"received_age_ms", 0, false, false},
                 {"sent_age_ms", 0, false, false}},
                {}};
    for (const auto port : kPortKinds) {
        const auto& shown = context.snapshot.ports[index_of(port)];
        for (std::size_t type = 1; type <= wire::kFrameTypeCount; ++type) {
            const auto& received = shown.received[type];
            const auto& sent = shown.sent[type];
            std::vector<Value> row{text(to_string(port)),
                                   text(wire::to_string(static_cast<wire::FrameType>(type))),
                                   received.count,
                                   format_age(context, received.latest),
                                   sent.count,
                                   format_age(context, sent.latest),
                                   optional_age_ms(context, received.latest),
                                   optional_age_ms(context, sent.latest)};
            const bool happened = received.count > 0 || sent.count > 0;
            (happened ? table.rows : table.data_rows).push_back(std::move(row));
        }
    }
    if (table.rows.empty())
        document.line("No frame was received or sent.");
    if (table.rows.empty())
        table.headers.clear();
    document.table(std::move(table));
}

void add_drops(Document& document, const Context& context) {
    document.line();
    Table table{"drops",
                {"Port     Dropped because                 Frames    Latest",
                 "-------  --------------------------  ----------  --------"},
                {{"port", 9},
                 {"reason", 26},
                 {"count", 12, true},
                 {"", 10, true},
                 {"age_ms", 0, false, false}},
                {}};
    for (const auto port : kPortKinds) {
        const auto& shown = context.snapshot.ports[index_of(port)];
        for (std::size_t reason = 0; reason < wire::kDropReasonCount; ++reason) {
            const auto& dropped = shown.dropped[reason];
            std::vector<Value> row{text(to_string(port)),
                                   text(wire::to_string(static_cast<wire::DropReason>(reason))),
                                   dropped.count, format_age(context, dropped.latest),
                                   optional_age_ms(context, dropped.latest)};
            (dropped.count > 0 ? table.rows : table.data_rows).push_back(std::move(row));
        }
    }
    if (table.rows.empty())
        document.line("No frame was dropped.");
    if (table.rows.empty())
        table.headers.clear();
    document.table(std::move(table));
}

void add_link_table(Document& document, const Context& context) {
    Table table{"links",
                {"Port     Interface        MAC                State    Carrier  For       Reason",
                 "-------  ---------------  -----------------  -------  -------  --------  ------"},
                {{"port", 9},
                 {"interface", 17},
                 {"mac", 19},
                 {"state", 9},
                 {"carrier", 9},
                 {"", 10},
                 {"reason"},
                 {"age_ms", 0, false, false}},
                {}};
    for (const auto port : kPortKinds) {
        const auto& shown = context.snapshot.ports[index_of(port)];
        const auto state = !shown.link.present ? "missing" : shown.link.admin_up ? "up" : "down";
        table.rows.push_back({text(to_string(port)), shown.link.interface_name,
                              shown.link.mac.to_string(), text(state),
                              text(shown.link.carrier ? "yes" : "no"),
                              format_age(context, shown.link_since),
                              shown.link.reason.empty() ? std::string("ok") : shown.link.reason,
                              age_ms(context, shown.link_since)});
    }
    document.table(std::move(table));
    document.line();
}

}  // namespace

Document show_internal_statistics(const Context& context) {
    Document document;
    add_link_table(document, context);
    add_frames(document, context);
    add_drops(document, context);
    return document;
}

}  // namespace ha::cli
