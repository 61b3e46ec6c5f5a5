// `show interface`, `show interface mgmt0|control0`, `show interface brief`: this supervisor's own
// ports. Those of modules are in show_module_ports.cpp.
#include <algorithm>
#include <numeric>

#include "libha/cli/commands.hpp"
#include "libha/cli/format.hpp"

namespace ha::cli {
namespace {

constexpr PortKind kOrder[] = {PortKind::mgmt, PortKind::control};

std::string name_of(PortKind port) {
    return port == PortKind::mgmt ? "mgmt0" : "control0";
}

const supervisor::PortSnapshot& port_of(const Context& context, PortKind port) {
    return context.snapshot.ports[index_of(port)];
}

/// A port without an interface of the host is none: standalone needs no mgmt.
bool exists(const Context& context, PortKind port) {
    return !port_of(context, port).link.interface_name.empty();
}

std::string reason_of(const supervisor::LinkState& link) {
    if (!link.present)
        return "Interface missing";
    if (!link.admin_up)
        return "Administratively down";
    return link.carrier ? std::string() : "Link not connected";
}

std::string state_of(const supervisor::LinkState& link) {
    return reason_of(link).empty() ? "up" : "down";
}

/// The address that the port has now: the first of the active's, none on a standby.
std::string address_of(const Context& context, PortKind port) {
    const auto& addresses = context.addresses[index_of(port)];
    const bool has = context.snapshot.holds_address && port_of(context, port).link.admin_up;
    return has && !addresses.empty() ? addresses.front() : std::string();
}

Value or_null(const std::string& text) {
    return text.empty() ? Value{} : Value{text};
}

template <typename Counts>
std::uint64_t sum(const Counts& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0},
                           [](std::uint64_t total, const supervisor::Counter& counter) {
                               return total + counter.count;
                           });
}

void add_port(Document& document, Table& data, const Context& context, PortKind port) {
    const auto& shown = port_of(context, port);
    const supervisor::LinkState& link = shown.link;
    const std::string reason = reason_of(link);
    const std::string mac = link.mac.is_zero() ? "" : link.mac.to_dotted_string();
    const auto received = sum(shown.received);
    const auto sent = sum(shown.sent);
    const auto dropped = sum(shown.dropped);
    document.line(name_of(port) + " is " + state_of(link) +
                  (reason.empty() ? "" : " (" + reason + ")"));
    document.line("admin state is " + std::string(link.admin_up ? "up" : "down"));
    document.line("  Hardware: Ethernet, address: " + (mac.empty() ? "unknown" : mac) +
                  ", interface of the host: " + printable(link.interface_name));
    const auto& addresses = context.addresses[index_of(port)];
    if (!address_of(context, port).empty()) {
        for (const std::string& address : addresses)
            document.line("  Internet Address is " + address);
    }
    if (!link.reason.empty())
        document.line("  " + printable(link.reason));
    document.line("  Last link change " + format_age(context, shown.link_since) + " ago");
    document.line("  HA frames: " + std::to_string(received) + " received, " +
                  std::to_string(dropped) + " dropped, " + std::to_string(sent) + " sent");
    data.data_rows.push_back(
        {name_of(port), state_of(link), or_null(reason), std::string(link.admin_up ? "up" : "down"),
         or_null(mac), link.interface_name, or_null(address_of(context, port)), received, dropped,
         sent, age_ms(context, shown.link_since), or_null(link.reason)});
}

}  // namespace

Document show_interface(const Context& context, const std::string& name) {
    Document document;
    Table data{"interface",
               {},
               {{"interface"},
                {"state"},
                {"state_rsn_desc"},
                {"admin_state"},
                {"eth_hw_addr"},
                {"host_interface"},
                {"eth_ip_addr"},
                {"received"},
                {"dropped"},
                {"sent"},
                {"age_ms"},
                {"reason"}},
               {}};
    for (const PortKind port : kOrder) {
        const bool wanted = name == name_of(port) || name == "interface";
        if (!wanted || !exists(context, port))
            continue;
        if (!data.data_rows.empty())
            document.line();
        add_port(document, data, context, port);
    }
    return document.table(std::move(data));
}

Document show_interface_brief(const Context& context) {
    const std::string rule(80, '-');
    Table table{
        "interface_brief",
        {rule, "Port      VRF          Status IP Address                              Speed    MTU",
         rule},
        {{"interface", 10},
         {"", 13},
         {"state", 7},
         {"ip_addr", 40},
         {"", 9},
         {""},
         {"state_rsn_desc", 0, false, false}},
        {}};
    const std::string none = "--";
    for (const PortKind port : kOrder) {
        if (!exists(context, port))
            continue;
        const auto& link = port_of(context, port).link;
        std::string address = address_of(context, port);
        address.resize(std::min(address.find('/'), address.size()));
        table.rows.push_back({name_of(port), none, state_of(link), address.empty() ? none : address,
                              none, none, or_null(reason_of(link))});
    }
    Document document;
    document.table(std::move(table));
    add_module_ports(document, context);
    return document;
}

}  // namespace ha::cli
