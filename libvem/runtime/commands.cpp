// `show card` has the lines of `vemcmd show card` that can be filled truthfully; `show vem status`
// is ours. Every state that is shown carries its age. See commands.hpp.
#include "libvem/runtime/commands.hpp"

#include <algorithm>
#include <charconv>

namespace vem::runtime {

namespace cli = ha::cli;
using cli::Document;
using cli::Value;

namespace {

enum Command : int {
    show_card = cli::kFirstFreeCommand,
    show_vem_status,
    show_logging_last,
    show_version,
};

cli::Grammar make_grammar() {
    const cli::Token show{"show", "Show running system information"};
    cli::Grammar grammar;
    cli::add_session_commands(grammar);
    grammar.add(show_card, {show, {"card", "This module as a card of the switch"}});
    grammar.add(show_vem_status, {show,
                                  {"vem", "Virtual Ethernet Module"},
                                  {"status", "State of the agent, its supervisor and its ports"}});
    grammar.add(show_logging_last, {show,
                                    {"logging", "Log of this module"},
                                    {"last", "The last lines"},
                                    {"<1-9999>", "Number of lines"}});
    grammar.add(show_version, {show, {"version", "Software version"}});
    return grammar;
}

std::int64_t milliseconds(ha::Duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

/// "12.345" seconds.
std::string age_text(std::int64_t age_ms) {
    const std::string fraction = std::to_string(age_ms % 1000);
    return std::to_string(age_ms / 1000) + "." + std::string(3 - fraction.size(), '0') + fraction;
}

Document card(const CommandContext& context) {
    const auto& module = context.snapshot;
    const bool attached = module.state == module::State::attached;
    const ha::MacAddress standby =
        module.other_supervisor_mac.is_zero() ? ha::kBroadcastMac : module.other_supervisor_mac;
    Document document;
    document.field("Card UUID type  2: ", "card_uuid", module.host.to_string())
        .field("Card name: ", "card_name", cli::printable(module.host_name))
        .field("Card domain: ", "card_domain", std::uint64_t{ha::number(module.domain)})
        .field("Card slot: ", "card_slot", std::uint64_t{ha::number(module.module)})
        .field("VEM Tunnel Mode: ", "tunnel_mode", "L2 Mode")
        .field("VEM Control (AIPC) MAC: ", "control_mac", module.link.mac.to_string())
        .field("Primary VSM MAC : ", "primary_vsm_mac", module.supervisor_mac.to_string())
        .field("Standby VSM CTRL MAC : ", "standby_vsm_mac", standby.to_string())
        .field("Card control VLAN: ", "control_vlan", std::uint64_t{context.control_vlan})
        .field("Card Headless Mode : ", "headless",
               module.state == module::State::headless ? "Yes" : "No")
        .field("       Processors: ", "processors", std::uint64_t{context.processors})
        .field("Heartbeat Set: ", "heartbeat_set", attached ? "True" : "False");
    return document;
}

void add_supervisor(Document& document, const CommandContext& context) {
    const auto& module = context.snapshot;
    document.field("  Supervisor:             ", "supervisor",
                   module.supervisor == ha::kNoSlot
                       ? Value{}
                       : Value{std::uint64_t{ha::number(module.supervisor)}});
    if (module.supervisor == ha::kNoSlot)
        return;
    const auto silence = milliseconds(context.now - module.last_heard);
    document
        .field("  Supervisor MAC:         ", "supervisor_mac", module.supervisor_mac.to_string())
        .field("  Supervisor incarnation: ", "supervisor_incarnation",
               to_string(module.supervisor_incarnation))
        .field("  Other supervisor MAC:   ", "other_supervisor_mac",
               module.other_supervisor_mac.is_zero()
                   ? Value{}
                   : Value{module.other_supervisor_mac.to_string()})
        .field("  Last heard:             ", "last_heard_text", age_text(silence), " seconds ago")
        .data("last_heard_ms", silence)
        .data("attached_ms", milliseconds(context.now - module.attached_since));
}

void add_drops(Document& document, const module::Snapshot& module) {
    cli::Table table{"drops",
                     {"", "Frames not used, by reason:"},
                     {{"", 2}, {"reason", 32}, {"count", 12, true}},
                     {}};
    for (const auto& [reason, count] : module.drops)
        table.rows.push_back({std::string{}, std::string{to_string(reason)}, count});
    if (!table.rows.empty())
        document.table(std::move(table));
}

std::string order_word(const std::vector<ha::wire::PortOrder>& orders, std::size_t index) {
    const auto order = index < orders.size() ? orders[index] : ha::wire::PortOrder::none;
    switch (order) {
        case ha::wire::PortOrder::none:
            break;
        case ha::wire::PortOrder::shutdown:
            return "shutdown";
        case ha::wire::PortOrder::no_shutdown:
            return "no shutdown";
    }
    return "-";
}

std::string state_word(const ha::wire::PortState& state) {
    if (!state.present)
        return "missing";
    if (!state.admin_up)
        return "down";
    return state.link ? "up" : "no link";
}

/// The bridge is the first of them and has no number.
void add_ports(Document& document, const CommandContext& context) {
    cli::Table table{"ports",
                     {"", "Ports:", "  Number Port            Ready  Ordered     State    Reason"},
                     {{"", 2},
                      {"number", 7},
                      {"port", 16},
                      {"ready", 7},
                      {"ordered", 12},
                      {"state", 9},
                      {"reason"}},
                     {}};
    const auto& ports = context.ports;
    for (std::size_t index = 0; index < ports.size(); ++index) {
        const PortStatus& port = ports[index];
        const bool has_number = index > 0 && index <= ha::wire::kMaximumModulePorts;
        table.rows.push_back(
            {std::string{}, has_number ? std::to_string(index) : "-", port.name, port.ready,
             has_number ? order_word(context.snapshot.port_orders, index - 1) : "-",
             index > 0 ? state_word(port.state) : "-", port.reason});
    }
    if (!table.rows.empty())
        document.table(std::move(table));
}

Document status(const CommandContext& context) {
    const auto& module = context.snapshot;
    const auto age = milliseconds(context.now - module.since);
    Document document;
    document.line("VEM Agent (vemd) is running")
        .field("  State:                  ", "state", std::string{to_string(module.state)})
        .field("  Reason:                 ", "reason", module.reason)
        .field("  Since:                  ", "since_text", age_text(age), " seconds")
        .data("since_ms", age)
        .data("uptime_ms", milliseconds(context.now - context.started))
        .data("domain", std::uint64_t{ha::number(module.domain)})
        .data("host_uuid", module.host.to_string())
        .data("host_name", cli::printable(module.host_name))
        .field("  Module:                 ", "module",
               module.module == ha::kNoSlot ? Value{}
                                            : Value{std::uint64_t{ha::number(module.module)}})
        .field("  Incarnation:            ", "incarnation", to_string(context.incarnation));
    add_supervisor(document, context);
    document.field("  Control interface:      ", "control_interface", context.control_interface)
        .field("  Control link:           ", "control_link", context.control_link)
        .data("control_mac", module.link.mac.to_string())
        .field("  Authentication:         ", "authentication", context.authenticated ? "on" : "off")
        .field("  Frames received:        ", "frames_received", module.frames_received)
        .field("  Frames sent:            ", "frames_sent", module.frames_sent)
        .field("  Switches:               ", "switches", module.switches)
        .field("  Times headless:         ", "headless_times", module.headless_times);
    add_drops(document, module);
    add_ports(document, context);
    return document;
}

Document logging(const CommandContext& context, const std::string& argument) {
    std::size_t count = 0;
    std::from_chars(argument.data(), argument.data() + argument.size(), count);
    const std::size_t shown = std::min(count, context.log.size());
    cli::Table table{"logging", {}, {{"line"}}, {}};
    for (std::size_t index = context.log.size() - shown; index < context.log.size(); ++index)
        table.rows.push_back({cli::printable(context.log[index])});
    Document document;
    document.table(std::move(table));
    return document;
}

}  // namespace

cli::Result execute(std::string_view line, const CommandContext& context) {
    static const cli::Grammar kGrammar = make_grammar();
    return cli::run(kGrammar, line, [&context](const cli::Invocation& invocation) {
        cli::Answer answer;
        switch (static_cast<Command>(invocation.command)) {
            case show_card:
                answer.document = card(context);
                break;
            case show_vem_status:
                answer.document = status(context);
                break;
            case show_logging_last:
                answer.document = logging(context, invocation.arguments.at(0));
                break;
            case show_version:
                answer.document.field("vemd version ", "version", context.version);
                break;
        }
        return answer;
    });
}

}  // namespace vem::runtime
