// `show snmp`: who looks after this system, who may ask, who is notified and what became of it.
#include "libha/cli/commands.hpp"
#include "libha/cli/format.hpp"
#include "libha/config/settings.hpp"

namespace ha::cli {
namespace {

Value or_null(const std::string& text) {
    return text.empty() ? Value{} : Value{text};
}

void add_communities(Document& document, const config::SnmpSettings& settings) {
    Table table{
        "snmp_community",
        {"Community                        Group", "---------                        -----"},
        {{"community_name", 33}, {"grouporaccess"}},
        {}};
    for (const auto& community : settings.communities)
        table.rows.push_back(
            {community.name,
             std::string(community.may_write ? "network-admin" : "network-operator")});
    document.table(std::move(table));
}

void add_hosts(Document& document, const std::vector<SnmpHostView>& hosts) {
    const std::string rule(80, '-');
    Table table{
        "snmp_host",
        {rule, "Host             Port   Version  Level   Type  Sent      Not sent  SecName", rule},
        {{"host", 17},
         {"port", 7},
         {"version", 9},
         {"level", 8},
         {"type", 6},
         {"sent", 10},
         {"failed", 10},
         {"secname"},
         {"reason", 0, false, false}},
        {}};
    for (const SnmpHostView& host : hosts)
        table.rows.push_back({host.address, std::uint64_t{host.port}, std::string("v2c"),
                              std::string("noauth"), std::string("trap"), host.sent, host.failed,
                              host.community, or_null(host.fault)});
    document.table(std::move(table));
    for (const SnmpHostView& host : hosts) {
        if (!host.fault.empty())
            document.line(host.address + " not sent: " + printable(host.fault));
    }
}

}  // namespace

Document show_snmp(const Context& context) {
    const auto settings = config::settings_of(context.configuration->running).snmp;
    const std::string traps = settings.sends_all_traps       ? "all"
                              : settings.sends_service_traps ? "sysmgr"
                                                             : "disabled";
    Document document;
    document.field("sys contact: ", "sys_contact", settings.contact);
    document.field("sys location: ", "sys_location", settings.location);
    document.field("traps: ", "traps", traps);
    document.line();
    add_communities(document, settings);
    document.line();
    add_hosts(document, context.configuration->snmp_hosts);
    return document;
}

}  // namespace ha::cli
