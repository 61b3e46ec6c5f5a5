// `show module` and what belongs to it: supervisors and modules in the tables of the product.
#include <optional>

#include "libha/cli/commands.hpp"
#include "libha/cli/format.hpp"

namespace ha::cli {
namespace {

using vem::registry::Attachment;
using vem::registry::ModuleSnapshot;

constexpr std::string_view kNone = "NA";

/// One line of every table of `show module`.
struct Row {
    unsigned number = 0;
    std::string ports;
    std::string type;
    std::string model;
    std::string status;
    std::string software;
    std::string hardware;
    std::string macs;
    std::string address;
    std::string uuid;
    std::string name;
    std::string reason;
    Instant since;
    std::optional<Instant> last_heard;
};

std::string or_none(const std::string& text) {
    return text.empty() ? std::string(kNone) : text;
}

Row supervisor_row(unsigned number, std::string status, const MacAddress& control,
                   const MacAddress& mgmt) {
    Row row;
    row.number = number;
    row.ports = "0";
    row.type = "Virtual Supervisor Module";
    row.model = "Nexus1000V";
    row.status = std::move(status);
    row.hardware = "0.0";
    row.macs =
        control.to_dashed_string() + " to " + (mgmt.is_zero() ? control : mgmt).to_dashed_string();
    row.address = row.uuid = row.name = std::string(kNone);
    return row;
}

Row this_row(const Context& context) {
    const auto& pair = context.snapshot.pair;
    const auto mac = [&](PortKind port) { return context.snapshot.ports[index_of(port)].link.mac; };
    auto row = supervisor_row(number(this_slot(pair)), words_of_this(pair.state).module + " *",
                              mac(PortKind::control), mac(PortKind::mgmt));
    row.software = or_none(context.version);
    row.address =
        context.snapshot.holds_address ? or_none(context.management_address) : std::string(kNone);
    row.reason = pair.reason;
    row.since = pair.since;
    return row;
}

Row other_row(const Context& context) {
    const auto& pair = context.snapshot.pair;
    const auto& ports = pair.peer.ports;
    const auto& control = ports[index_of(PortKind::control)];
    const auto& mgmt = ports[index_of(PortKind::mgmt)];
    auto row = supervisor_row(number(other_slot(this_slot(pair))), words_of_other(pair).module,
                              control.learnt_mac, mgmt.learnt_mac);
    row.software = std::string(kNone);
    row.reason = pair.peer.reason;
    row.since = pair.peer.since;
    row.last_heard = control.last_heard;
    if (mgmt.last_heard && (!row.last_heard || *mgmt.last_heard > *row.last_heard))
        row.last_heard = mgmt.last_heard;
    return row;
}

Row module_row(const ModuleSnapshot& module) {
    Row row;
    row.number = number(module.record.module);
    // The block of addresses that the product derives from a module's number.
    const MacAddress first{{0x02, 0x00, 0x0c, 0x00, static_cast<std::uint8_t>(row.number), 0x00}};
    const MacAddress last{{0x02, 0x00, 0x0c, 0x00, static_cast<std::uint8_t>(row.number), 0x80}};
    row.ports = "248";
    row.type = "Virtual Ethernet Module";
    row.model = row.software = row.hardware = row.address = std::string(kNone);
    row.status = module.attachment == Attachment::online ? "ok" : "powered-up";
    row.macs = first.to_dashed_string() + " to " + last.to_dashed_string();
    row.uuid = module.record.host.to_string();
    row.name = or_none(module.record.host_name);
    row.reason = module.reason;
    row.since = module.since;
    row.last_heard = module.last_heard;
    return row;
}

std::vector<Row> rows_of(const Context& context, ModuleChoice choice, unsigned wanted) {
    std::vector<Row> rows;
    const auto& pair = context.snapshot.pair;
    const auto add = [&](Row row) {
        if (choice == ModuleChoice::one && row.number != wanted)
            return;
        rows.push_back(std::move(row));
    };
    if (choice != ModuleChoice::vems) {
        const bool this_first = this_slot(pair) == kPrimarySlot;
        if (this_first)
            add(this_row(context));
        if (pair.peer.present)
            add(other_row(context));
        if (!this_first)
            add(this_row(context));
    }
    for (const auto& module : context.snapshot.modules.modules) {
        if (module.attachment != Attachment::absent)
            add(module_row(module));
    }
    return rows;
}

void add_info(Document& document, const Context& context, const std::vector<Row>& rows) {
    Table table{"modinfo",
                {"Mod  Ports  Module-Type                      Model              Status",
                 "---  -----  -------------------------------- ------------------ ------------"},
                {{"modinf", 5},
                 {"ports", 7},
                 {"modtype", 33},
                 {"model", 19},
                 {"status"},
                 {"reason", 0, false, false},
                 {"age_ms", 0, false, false},
                 {"last_heard_age_ms", 0, false, false}},
                {}};
    for (const auto& row : rows) {
        table.rows.push_back({std::to_string(row.number), row.ports, row.type, row.model,
                              row.status, row.reason, age_ms(context, row.since),
                              optional_age_ms(context, row.last_heard)});
    }
    document.table(std::move(table));
}

}  // namespace

Document show_module(const Context& context, ModuleChoice choice, unsigned number) {
    const auto rows = rows_of(context, choice, number);
    Document document;
    add_info(document, context, rows);
    Table versions{"modver",
                   {"Mod  Sw               Hw", "---  ---------------  ------"},
                   {{"modver", 5}, {"sw", 17}, {"hw"}},
                   {}};
    Table macs{"modmacinfo",
               {"Mod  MAC-Address(es)                         Serial-Num",
                "---  --------------------------------------  ----------"},
               {{"modmac", 5}, {"mac", 40}, {"serialnum"}},
               {}};
    Table servers{
        "modsrvinfo",
        {"Mod  Server-IP        Server-UUID                           Server-Name",
         "---  ---------------  ------------------------------------  --------------------"},
        {{"modsrv", 5}, {"srvip", 17}, {"srvuuid", 38}, {"srvname"}},
        {}};
    for (const auto& row : rows) {
        const auto mod = std::to_string(row.number);
        versions.rows.push_back({mod, row.software, row.hardware});
        macs.rows.push_back({mod, row.macs, std::string(kNone)});
        servers.rows.push_back({mod, row.address, row.uuid, row.name});
    }
    document.line().table(std::move(versions));
    document.line().table(std::move(macs));
    document.line().table(std::move(servers));
    document.line().line("* this terminal session");
    return document;
}

Document show_module_counters(const Context& context) {
    Document document;
    // InMI has no frame of its own here: a module that was inserted has confirmed its insertion.
    Table table{"vem_counters",
                {"Mod InNR OutMI InMI OutHBeats InHBeats InsCnt RemCnt Crit Tx Errs"},
                {{"mod", 3, true},
                 {"in_nr", 5, true},
                 {"out_mi", 6, true},
                 {"in_mi", 5, true},
                 {"out_hbeats", 10, true},
                 {"in_hbeats", 9, true},
                 {"ins_cnt", 7, true},
                 {"rem_cnt", 7, true},
                 {"crit_tx_errs", 13, true},
                 {"last_heard_age_ms", 0, false, false}},
                {}};
    for (const auto& module : context.snapshot.modules.modules) {
        const bool heard = !module.mac.is_zero();
        table.rows.push_back({std::uint64_t{number(module.record.module)}, module.hellos_received,
                              module.accepts_sent, module.insertions, module.heartbeats_sent,
                              module.heartbeats_received, module.insertions, module.removals,
                              std::uint64_t{0},
                              heard ? Value{age_ms(context, module.last_heard)} : Value{}});
    }
    document.table(std::move(table));
    return document;
}

Document show_module_mapping(const Context& context) {
    Document document;
    Table table{"vem_map",
                {"Mod     Status        UUID                                    License Status",
                 "---  -----------  ------------------------------------  --------------"},
                {{"modNo", 3, true},
                 {"", 2},
                 {"status", 11},
                 {"", 2},
                 {"uuid", 38},
                 {"license"},
                 {"host_name", 0, false, false},
                 {"reason", 0, false, false},
                 {"age_ms", 0, false, false}},
                {}};
    for (const auto& module : context.snapshot.modules.modules) {
        const bool absent = module.attachment == Attachment::absent;
        table.rows.push_back({std::uint64_t{number(module.record.module)}, std::string(),
                              std::string(absent ? "absent" : "powered-up"), std::string(),
                              module.record.host.to_string(), std::string("licensed"),
                              module.record.host_name, module.reason,
                              age_ms(context, module.since)});
    }
    document.table(std::move(table));
    return document;
}

Document show_module_uptime(const Context& context) {
    Document document;
    Table data{
        "module_uptime",
        {},
        {{"mod", 0, false, false}, {"start_time", 0, false, false}, {"uptime_ms", 0, false, false}},
        {}};
    const auto add = [&](unsigned number, Instant started) {
        const auto date = format_ctime(date_of(context, started));
        const auto up = split(std::chrono::milliseconds{age_ms(context, started)});
        if (!data.rows.empty())
            document.line();
        document.line("------ Module " + std::to_string(number) + " -----");
        document.line("Module Start Tme:  " + date);
        document.line("Up Time:           " + std::to_string(up.days) + " day(s), " +
                      std::to_string(up.hours) + " hour(s), " + std::to_string(up.minutes) +
                      " minute(s), " + std::to_string(up.seconds) + " second(s)");
        data.rows.push_back({std::uint64_t{number}, date, age_ms(context, started)});
    };
    for (const auto& row : rows_of(context, ModuleChoice::all, 0)) {
        const bool is_this = row.number == number(this_slot(context.snapshot.pair));
        add(row.number, is_this ? context.snapshot.started : row.since);
    }
    document.table(std::move(data));
    return document;
}

}  // namespace ha::cli
