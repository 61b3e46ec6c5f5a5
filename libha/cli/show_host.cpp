// `show inventory`, `show processes`: what this supervisor is made of.
#include "libha/cli/commands.hpp"
#include "libha/cli/format.hpp"

namespace ha::cli {
namespace {

using vem::registry::Attachment;

constexpr const char* kUnknown = "NA";

void add_item(Document& document, Table& data, const std::string& name,
              const std::string& description, const std::string& product,
              const std::string& serial) {
    document.line("NAME: \"" + name + "\",  DESCR: \"" + description + "\"");
    document.line("PID: " + padded(product, 20) + ",  VID: " + kUnknown + " ,  SN: " + serial);
    document.line();
    data.data_rows.push_back({name, description, product, std::string(kUnknown), serial});
}

}  // namespace

Document show_inventory(const Context& context) {
    const auto& snapshot = context.snapshot;
    Document document;
    Table data{"inv", {}, {{"name"}, {"desc"}, {"productid"}, {"vendorid"}, {"serialnum"}}, {}};
    add_item(document, data, "Chassis", "Nexus1000V Chassis", "Nexus1000V", kUnknown);
    const auto add_supervisor = [&](Slot slot) {
        add_item(document, data, "Module " + std::to_string(number(slot)),
                 "Virtual Supervisor Module", "Nexus1000V", kUnknown);
    };
    const Slot own = this_slot(snapshot.pair);
    if (number(own) == number(kPrimarySlot) || !snapshot.pair.peer.present)
        add_supervisor(own);
    if (snapshot.pair.peer.present)
        add_supervisor(other_slot(own));
    if (number(own) != number(kPrimarySlot) && snapshot.pair.peer.present)
        add_supervisor(own);
    for (const auto& module : snapshot.modules.modules) {
        if (module.attachment != Attachment::online)
            continue;
        add_item(document, data, "Module " + std::to_string(number(module.record.module)),
                 "Virtual Ethernet Module", kUnknown, module.record.host.to_string());
    }
    return document.table(std::move(data));
}

Document show_processes(const Context& context) {
    Table table{"processes",
                {"PID    State  PC        Start_cnt    TTY   Type  Process",
                 "-----  -----  --------  -----------  ----  ----  -------------"},
                {{"pid", 5, true},
                 {"state", 7, true},
                 {"pc", 10, true},
                 {"start_cnt", 13, true},
                 {"tty", 6, true},
                 {"type", 6, true},
                 {"", 2},
                 {"process"}},
                {}};
    const auto processes = context.processes ? context.processes() : std::vector<Process>();
    for (const Process& process : processes) {
        table.rows.push_back({std::uint64_t{process.id}, std::string(1, process.state),
                              process.program_counter, std::uint64_t{1}, std::string("-"),
                              std::string("O"), std::string(), process.name});
    }
    Document document;
    return document.table(std::move(table));
}

}  // namespace ha::cli
