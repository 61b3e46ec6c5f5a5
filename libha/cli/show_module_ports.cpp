// Ports of modules as the modules report them (VEM-8), in the layout of the product: their part of
// `show interface brief`, and `show interface ethernet M/P`. What a module does not tell (VLAN,
// speed) is "--".
#include <algorithm>
#include <charconv>
#include <set>

#include "libha/cli/commands.hpp"
#include "libha/cli/format.hpp"
#include "libvem/registry/ports.hpp"

namespace ha::cli {
namespace {

using config::ModulePort;
using vem::registry::ModuleSnapshot;
using vem::registry::PortStatus;
using wire::PortOrder;

constexpr std::string_view kUnknown = "--";
/// A standby has no word of the modules.
constexpr std::string_view kActiveKnows = "Known to the active";

/// A port of a module as it is shown.
struct ShownPort {
    ModulePort name;
    bool exists = false;  ///< the module has told of it
    bool is_up = false;
    std::string reason;
    std::optional<Instant> since;
    PortOrder order = PortOrder::none;
    std::optional<bool> as_configured;  ///< nothing: nothing is configured, or nobody knows
    std::string host_name;
};

const ModuleSnapshot* find_module(const Context& context, Slot number) {
    const auto& modules = context.snapshot.modules.modules;
    const auto found = std::ranges::find_if(
        modules, [number](const auto& module) { return module.record.module == number; });
    return found == modules.end() ? nullptr : &*found;
}

ShownPort shown(const Context& context, const ModulePort& name) {
    ShownPort port;
    port.name = name;
    const auto& configured = context.snapshot.modules.configured_ports;
    if (const auto orders = configured.find(name.module); orders != configured.end())
        port.order = vem::registry::order_of(orders->second, name.port);
    const ModuleSnapshot* const module = find_module(context, name.module);
    if (module != nullptr)
        port.host_name = printable(module->record.host_name);
    const auto status =
        module == nullptr ? PortStatus::module_removed : status_of(*module, name.port);
    port.reason = to_string(status);
    if (!context.snapshot.modules.active) {
        port.reason = kActiveKnows;
        return port;
    }
    port.is_up = status == PortStatus::up;
    port.exists = status != PortStatus::no_such_port && status != PortStatus::module_removed;
    if (port.exists)
        port.since = module->ports[name.port - 1U].since;
    else if (module != nullptr)
        port.since = module->since;
    if (port.order != PortOrder::none)
        port.as_configured = module != nullptr && is_as_ordered(*module, name.port);
    return port;
}

/// Those that modules have and those that are configured.
std::set<ModulePort> all_ports(const Context& context) {
    std::set<ModulePort> all;
    for (const auto& module : context.snapshot.modules.modules)
        for (std::size_t port = 1; port <= module.ports.size(); ++port)
            all.insert({module.record.module, static_cast<std::uint16_t>(port)});
    for (const auto& [module, orders] : context.snapshot.modules.configured_ports)
        for (std::size_t index = 0; index < orders.size(); ++index)
            if (orders[index] != PortOrder::none)
                all.insert({module, static_cast<std::uint16_t>(index + 1)});
    return all;
}

std::string numbers_of(const ModulePort& port) {
    return std::to_string(number(port.module)) + "/" + std::to_string(port.port);
}

Value word_of(PortOrder order) {
    switch (order) {
        case PortOrder::none:
            break;
        case PortOrder::shutdown:
            return std::string("shutdown");
        case PortOrder::no_shutdown:
            return std::string("no shutdown");
    }
    return {};
}

Value truth(const std::optional<bool>& value) {
    return value ? Value{*value} : Value{};
}

}  // namespace

config::ModulePort port_of(std::string_view argument) {
    const auto slash = argument.find('/');
    const auto number_at = [argument](std::size_t begin) {
        unsigned value = 0;
        std::from_chars(argument.data() + begin, argument.data() + argument.size(), value);
        return value;
    };
    return {Slot{static_cast<std::uint8_t>(number_at(0))},
            static_cast<std::uint16_t>(number_at(slash + 1))};
}

void add_module_ports(Document& document, const Context& context) {
    const std::string rule(80, '-');
    const std::string unknown(kUnknown);
    Table table{"ethernet",
                {},
                {{"interface", 16},
                 {"vlan", 8},
                 {"type", 5},
                 {"portmode", 7},
                 {"state", 8},
                 {"state_rsn_desc", 25},
                 {"speed", 10},
                 {"portchan"},
                 {"age_ms", 0, false, false},
                 {"configured", 0, false, false},
                 {"as_configured", 0, false, false}},
                {}};
    for (const ModulePort& name : all_ports(context)) {
        const ShownPort port = shown(context, name);
        table.rows.push_back({"Eth" + numbers_of(name), unknown, std::string("eth"), unknown,
                              std::string(port.is_up ? "up" : "down"), port.reason, unknown,
                              unknown, optional_age_ms(context, port.since), word_of(port.order),
                              truth(port.as_configured)});
    }
    if (!table.rows.empty()) {
        document.line();
        table.headers = {
            rule,
            "Ethernet        VLAN    Type Mode   Status  Reason                   Speed     Port",
            "Interface                                                                      Ch #",
            rule};
    }
    document.table(std::move(table));
}

Answer show_interface_ethernet(const Context& context, const ModulePort& name) {
    const ShownPort port = shown(context, name);
    const std::string full = "Ethernet" + numbers_of(name);
    Answer answer;
    if (!port.exists && port.order == PortOrder::none) {
        answer.error = full + " does not exist: " + port.reason;
        return answer;
    }
    const Value order = word_of(port.order);
    answer.document.line(full + " is " + (port.is_up ? "up" : "down (" + port.reason + ")"))
        .data("interface", full)
        .data("state", std::string(port.is_up ? "up" : "down"))
        .data("state_rsn_desc", port.reason)
        .line(port.since ? "  Since " + format_age(context, *port.since)
                         : "  Since it is configured")
        .data("age_ms", optional_age_ms(context, port.since))
        .field("  Hardware: Ethernet, port ", "port", std::uint64_t{name.port},
               " of module " + std::to_string(number(name.module)) +
                   (port.host_name.empty() ? "" : " on host " + port.host_name))
        .data("module", std::uint64_t{number(name.module)})
        .data("host_name", port.host_name)
        .line("  Configured: " + (port.order == PortOrder::none ? "nothing" : to_text(order)))
        .data("configured", order)
        .data("as_configured", truth(port.as_configured));
    if (port.as_configured == false)
        answer.document.line("  It is not as configured: the module has not done it, or not told");
    return answer;
}

}  // namespace ha::cli
