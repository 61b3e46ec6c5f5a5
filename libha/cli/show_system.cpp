// `show svs …`, `show clock`, `show version`, `show logging last`.
#include <algorithm>
#include <cstdio>

#include "libha/cli/commands.hpp"
#include "libha/cli/format.hpp"

namespace ha::cli {
namespace {

using vem::registry::Attachment;

/// "2.31": seconds with two digits behind the point.
std::string seconds_ago(const Context& context, Instant at) {
    const auto milliseconds = age_ms(context, at);
    auto hundredths = std::to_string(milliseconds % 1000 / 10);
    if (hundredths.size() < 2)
        hundredths.insert(0, "0");
    return std::to_string(milliseconds / 1000) + "." + hundredths;
}

/// "0302": the slot, and which of its processors speaks.
std::string node_id(unsigned slot, unsigned processor) {
    char text[8];
    std::snprintf(text, sizeof text, "%02x%02x", slot & 0xffU, processor & 0xffU);
    return text;
}

Value or_unknown(const std::string& text) {
    return text.empty() ? Value{} : Value{text};
}

std::string dotted_or_none(const MacAddress& mac) {
    return mac.is_zero() ? "NA" : mac.to_dotted_string();
}

}  // namespace

Document show_svs_domain(const Context& context) {
    const auto& pair = context.snapshot.pair;
    Document document;
    document.line("SVS domain config:");
    document.field("  Domain id:    ", "domain_id", std::uint64_t{number(pair.domain)});
    document.field("  Control vlan: ", "control_vlan", std::uint64_t{context.control_vlan});
    document.field("  Packet vlan:  ", "packet_vlan", std::uint64_t{0});
    document.field("  L2/L3 Control mode: ", "svs_mode", std::string("L2"));
    document.field("  L3 control interface:  ", "l3_control_interface", std::string("NA"));
    document.field("  Status: ", "status", std::string("Config push to VC not applicable."));
    return document;
}

Document show_svs_neighbors(const Context& context) {
    const auto& pair = context.snapshot.pair;
    const auto domain = std::uint64_t{number(pair.domain)};
    Document document;
    document.field("Active Domain ID: ", "active_domain_id", domain);
    document.field("AIPC Interface MAC: ", "aipc_mac",
                   dotted_or_none(context.snapshot.ports[index_of(PortKind::control)].link.mac));
    document.field("Inband Interface MAC: ", "inband_mac", std::string("NA"));
    Table table{"neighbors",
                {"Src MAC           Type   Domain-id    Node-id     Last learnt (Sec. ago)",
                 "------------------------------------------------------------------------"},
                {{"src_mac", 18},
                 {"type", 7},
                 {"domain_id", 13},
                 {"node_id", 12},
                 {"last_learnt"},
                 {"last_heard_age_ms", 0, false, false}},
                {}};
    if (pair.peer.present) {
        const auto& control = pair.peer.ports[index_of(PortKind::control)];
        table.rows.push_back({dotted_or_none(control.learnt_mac), std::string("VSM"), domain,
                              node_id(number(other_slot(this_slot(pair))), 1),
                              seconds_ago(context, pair.peer.since),
                              optional_age_ms(context, control.last_heard)});
    }
    for (const auto& module : context.snapshot.modules.modules) {
        if (module.attachment != Attachment::online)
            continue;
        table.rows.push_back({dotted_or_none(module.mac), std::string("VEM"), domain,
                              node_id(number(module.record.module), 2),
                              seconds_ago(context, module.since),
                              age_ms(context, module.last_heard)});
    }
    document.table(std::move(table));
    return document;
}

Document show_clock(const Context& context) {
    Document document;
    document.field("", "simple_time", format_clock(context.wall_now));
    document.data("time_source", std::string("system"));
    return document;
}

Document show_version(const Context& context) {
    const auto up = split(context.kernel_uptime);
    const auto running = std::chrono::milliseconds{age_ms(context, context.snapshot.started)};
    Document document;
    document.line("vsm-ha: active/standby supervisors on Linux").line();
    document.line("Software");
    document.field("  kickstart: version ", "kickstart_ver_str", context.version);
    document.field("  system:    version ", "sys_ver_str", context.version);
    document.line().line("Hardware");
    document.field("  ", "chassis_id", std::string("Virtual Supervisor Module"));
    document.field("  Device name: ", "host_name", context.hostname);
    document.field("  Kernel:      ", "kernel", or_unknown(context.kernel));
    document.line();
    document.line("Kernel uptime is " + std::to_string(up.days) + " day(s), " +
                  std::to_string(up.hours) + " hour(s), " + std::to_string(up.minutes) +
                  " minute(s), " + std::to_string(up.seconds) + " second(s)");
    document.line("Supervisor running for " + format_age(running));
    document.data("kern_uptm_days", up.days).data("kern_uptm_hrs", up.hours);
    document.data("kern_uptm_mins", up.minutes).data("kern_uptm_secs", up.seconds);
    document.data("age_ms", std::int64_t{running.count()});
    return document;
}

Document show_logging(const Context& context, std::uint64_t last) {
    Document document;
    Table table{"logging", {}, {{"line"}}, {}};
    const auto count = std::min<std::uint64_t>(last, context.log.size());
    for (auto at = context.log.size() - count; at < context.log.size(); ++at) {
        table.rows.push_back({Value{context.log[at]}});
    }
    document.table(std::move(table));
    return document;
}

}  // namespace ha::cli
