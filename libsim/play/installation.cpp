// See installation.hpp. scripts/lab_tool/nodes.py writes the same configuration for real daemons.
#include "libsim/play/installation.hpp"

#include <algorithm>

#include "libha/runtime/address_keeper.hpp"
#include "libha/runtime/configuration.hpp"
#include "libvem/runtime/configuration.hpp"

namespace sim::play {

using namespace sim::scenario;

namespace {

using Secret = std::array<std::uint8_t, ha::wire::kKeySize>;

/// The key that all nodes of a lab share.
constexpr std::uint8_t kLabKeyOctet = 0x5f;
constexpr std::string_view kLabKeyFile = "/lab/key-1";

Setting number(std::uint64_t value) {
    return Setting::text(std::to_string(value));
}

Setting list_of(const std::vector<std::string>& texts) {
    Setting list;
    list.kind = Setting::Kind::list;
    for (const std::string& text : texts)
        list.items.push_back(Setting::text(text));
    return list;
}

std::uint64_t milliseconds(Duration duration) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

Setting common_part(const Lab& lab, const Units& units, const std::string& node) {
    Setting root = Setting::map();
    root.put("instance", Setting::text(node));
    root.put("directories.state", Setting::text("/lab/" + node + "/state"));
    root.put("directories.run", Setting::text("/lab/" + node + "/run"));
    root.put("log.level", Setting::text("info"));
    root.put("timers.profile", Setting::text(lab.timers == Timers::nx_os ? "nx-os" : "fast"));
    root.put("timers.heartbeat_interval_ms", number(milliseconds(units.heartbeat)));
    if (lab.key) {
        Setting key = Setting::map();
        key.put("id", number(1));
        key.put("file", Setting::text(kLabKeyFile));
        Setting keys;
        keys.kind = Setting::Kind::list;
        keys.items.push_back(std::move(key));
        root.put("authentication.keys", std::move(keys));
    }
    root.put("interfaces.control.name", Setting::text("control0"));
    return root;
}

Setting supervisor_part(const Lab& lab, const Units& units, const std::string& node) {
    Setting root = common_part(lab, units, node);
    root.put("timers.loss_interval_ms", number(milliseconds(units.loss_interval)));
    root.put("hostname", Setting::text("switch"));
    root.put("setup.role", Setting::text(to_string(role_of(node))));
    root.put("setup.domain", number(lab.domain));
    root.put("interfaces.mgmt.name", Setting::text("mgmt0"));
    root.put("interfaces.mgmt.addresses", list_of(lab_addresses()));
    return root;
}

/// "6c616276-656d-5000-8000-000000000003": the same in every lab, for a host owns its number.
std::string host_uuid(const std::string& node) {
    std::string digits = std::to_string(number_of(node));
    digits.insert(0, 12 - digits.size(), '0');
    return "6c616276-656d-5000-8000-" + digits;
}

Setting module_part(const Lab& lab, const Units& units, const std::string& node) {
    Setting root = common_part(lab, units, node);
    root.put("timers.headless_after_ms", number(milliseconds(units.headless)));
    root.put("host.uuid", Setting::text(host_uuid(node)));
    root.put("host.name", Setting::text(host_of(node)));
    root.put("domain", number(lab.domain));
    if (lab.traffic) {
        root.put("ports.bridge", Setting::text("br0"));
        root.put("ports.members", list_of({"eth1", "vm1", "vm2"}));
    }
    return root;
}

ha::yaml::Node tree_of(const Setting& setting) {
    ha::yaml::Node node;
    node.line = setting.line.number;
    switch (setting.kind) {
        case Setting::Kind::null:
            break;
        case Setting::Kind::scalar:
            node.kind = ha::yaml::Node::Kind::scalar;
            node.scalar = setting.scalar;
            break;
        case Setting::Kind::list:
            node.kind = ha::yaml::Node::Kind::list;
            for (const Setting& item : setting.items)
                node.items.push_back(tree_of(item));
            break;
        case Setting::Kind::map:
            node.kind = ha::yaml::Node::Kind::map;
            for (const auto& [key, value] : setting.members)
                node.members.push_back({key, value.line.number, tree_of(value)});
            break;
    }
    return node;
}

tl::expected<Secret, std::string> read_lab_key(const std::string& path) {
    if (path != kLabKeyFile)
        return tl::unexpected("key file " + path + ": No such file or directory");
    Secret secret;
    secret.fill(kLabKeyOctet);
    return secret;
}

Interface interface_of(const ha::runtime::PortSettings& port, const std::string& node,
                       ha::PortKind kind, std::uint16_t ether_type) {
    return {true, mac_of(node, kind), port.name, port.vlan.value_or(0), ether_type};
}

Installation installed(const ha::runtime::SupervisorConfiguration& configuration,
                       const std::string& node) {
    SupervisorSettings settings;
    settings.options = configuration.options;
    settings.interfaces[ha::index_of(ha::PortKind::control)] =
        interface_of(configuration.control, node, ha::PortKind::control, configuration.ether_type);
    Interface& mgmt = settings.interfaces[ha::index_of(ha::PortKind::mgmt)];
    if (configuration.mgmt)
        mgmt =
            interface_of(*configuration.mgmt, node, ha::PortKind::mgmt, configuration.ether_type);
    else
        mgmt.exists = false;
    const auto lease = ha::runtime::lease_for(configuration.timers.loss_interval);
    settings.address_lease = std::chrono::seconds{lease.seconds};
    settings.address_renewal = lease.renewal;
    Installation result;
    for (const auto& address : configuration.addresses) {
        const std::string text = address.to_string();
        result.addresses += (result.addresses.empty() ? "" : ", ") + text;
        result.lab_addresses += std::ranges::count(lab_addresses(), text) != 0 ? 1 : 0;
        const bool is_ipv4 = address.family == ha::runtime::InterfaceAddress::Family::ipv4;
        ++(is_ipv4 ? result.ipv4_addresses : result.ipv6_addresses);
    }
    if (!configuration.addresses.empty())
        result.management_address = configuration.addresses.front().address_text();
    result.settings = std::move(settings);
    result.hostname = configuration.hostname;
    result.log_threshold = configuration.log.threshold;
    return result;
}

Installation installed(const vem::runtime::ModuleConfiguration& configuration,
                       const std::string& node) {
    ModuleSettings settings;
    settings.options = configuration.options;
    settings.control =
        interface_of(configuration.control, node, ha::PortKind::control, configuration.ether_type);
    Installation result;
    result.hostname = configuration.options.host_name;
    result.log_threshold = configuration.log.threshold;
    if (configuration.ports) {
        settings.ports = configuration.ports->members.size();
        result.members = configuration.ports->members;
        result.members.insert(result.members.begin(), configuration.ports->bridge);
    }
    result.settings = std::move(settings);
    return result;
}

}  // namespace

const std::vector<std::string>& lab_addresses() {
    static const std::vector<std::string> kAddresses{"10.99.0.100/24", "fd99::100/64"};
    return kAddresses;
}

tl::expected<Installation, std::vector<std::string>> install(const Lab& lab,
                                                             const std::string& node,
                                                             const Setting* config) {
    const Units units = units_of(lab);
    const bool is_vem = is_module(node);
    Setting setting = is_vem ? module_part(lab, units, node) : supervisor_part(lab, units, node);
    if (const auto over = lab.nodes.find(node); over != lab.nodes.end())
        setting = merged(setting, over->second);
    if (config != nullptr)
        setting = merged(setting, *config);
    const ha::yaml::Node tree = tree_of(setting);
    const std::string file = node + ".yaml";
    if (is_vem) {
        const auto read = vem::runtime::read_module_configuration(tree, file, read_lab_key);
        if (!read)
            return tl::unexpected(read.error());
        return installed(*read, node);
    }
    const auto read = ha::runtime::read_supervisor_configuration(tree, file, read_lab_key);
    if (!read)
        return tl::unexpected(read.error());
    return installed(*read, node);
}

}  // namespace sim::play
