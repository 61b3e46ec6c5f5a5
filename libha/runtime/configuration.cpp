// Reads vsmd's configuration. See configuration.hpp.
#include "libha/runtime/configuration.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "libha/runtime/key_file.hpp"

namespace ha::runtime {
namespace {

constexpr std::size_t kMaximumAddresses = 16;

void read_setup(yaml::Section& root, redundancy::Options& pair) {
    static constexpr std::string_view kRoles[] = {"standalone", "primary", "secondary"};
    auto setup = root.section("setup", yaml::Need::required);
    if (!setup) {
        return;
    }
    if (const auto role = setup->choice("role", kRoles, yaml::Need::required)) {
        pair.role = static_cast<Role>(*role);
    }
    pair.domain = read_domain(*setup);
    setup->finish();
}

void read_addresses(yaml::Section& mgmt, std::vector<InterfaceAddress>& addresses) {
    const std::vector<std::string> texts = mgmt.texts("addresses", "an address like 10.0.0.10/24");
    if (texts.size() > kMaximumAddresses) {
        return mgmt.complain("addresses", fmt::format("{} addresses are too many (0..{})",
                                                      texts.size(), kMaximumAddresses));
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto address = InterfaceAddress::parse(yaml::printable(texts[i]));
        if (!address) {
            mgmt.complain_item("addresses", i, address.error());
        } else if (std::ranges::find(addresses, *address) != addresses.end()) {
            mgmt.complain_item("addresses", i, yaml::quoted(texts[i]) + " is given twice");
        } else {
            addresses.push_back(*address);
        }
    }
}

void read_interfaces(yaml::Section& root, SupervisorConfiguration& configuration) {
    auto interfaces = root.section("interfaces", yaml::Need::required);
    if (!interfaces) {
        return;
    }
    if (auto control = interfaces->section("control", yaml::Need::required)) {
        configuration.control = read_port(*control).value_or(PortSettings{});
        control->finish();
    }
    // A standalone supervisor sends no HA frames (ROLE-1) and can do without the second path
    // (HB-3).
    const yaml::Need need = configuration.options.pair.role == Role::standalone
                                ? yaml::Need::optional
                                : yaml::Need::required;
    if (auto mgmt = interfaces->section("mgmt", need)) {
        configuration.mgmt = read_port(*mgmt);
        read_addresses(*mgmt, configuration.addresses);
        if (configuration.mgmt && *configuration.mgmt == configuration.control) {
            mgmt->complain("name", fmt::format("{} in the same VLAN is interfaces.control already; "
                                               "mgmt must be a second path",
                                               yaml::quoted(configuration.mgmt->name)));
        }
        mgmt->finish();
    }
    interfaces->finish();
}

std::optional<MacAddress> read_mac(yaml::Section& section, std::string_view key, yaml::Need need) {
    const auto text = section.text(key, "a MAC address like 02:00:00:00:01:0a", 32, need);
    if (!text) {
        return std::nullopt;
    }
    const auto mac = MacAddress::parse(*text);
    if (!mac) {
        section.complain(
            key, fmt::format("{} is not a MAC address: {}", yaml::quoted(*text), mac.error()));
        return std::nullopt;
    }
    if (mac->is_zero() || mac->is_group()) {
        section.complain(key,
                         fmt::format("{} is not the MAC address of one node", yaml::quoted(*text)));
        return std::nullopt;
    }
    return *mac;
}

void read_peer_mac(yaml::Section& root, redundancy::Options& pair) {
    static constexpr std::string_view kPolicies[] = {"sticky", "replace-when-absent", "static"};
    auto section = root.section("peer_mac");
    if (!section) {
        return;
    }
    const auto policy = section->choice("policy", kPolicies);
    pair.peer_mac_policy = static_cast<redundancy::PeerMacPolicy>(policy.value_or(0));
    const bool fixed = pair.peer_mac_policy == redundancy::PeerMacPolicy::fixed;
    for (const PortKind port : kPortKinds) {
        const std::string_view key = to_string(port);
        const auto mac =
            read_mac(*section, key, fixed ? yaml::Need::required : yaml::Need::optional);
        if (mac && fixed) {
            pair.peer_macs[index_of(port)] = *mac;
        } else if (mac && policy) {
            section->complain(key, "is for policy: static only");
        }
    }
    section->finish();
}

AccessSettings read_access(yaml::Section& root) {
    AccessSettings settings;
    auto section = root.section("access");
    if (!section) {
        return settings;
    }
    if (const auto group =
            read_name(*section, "admin_group", "the name of a group", yaml::Need::optional)) {
        settings.admin_group = *group;
    }
    section->finish();
    return settings;
}

tl::expected<SupervisorConfiguration, ConfigurationErrors> read_checked(const yaml::Node& tree,
                                                                        const std::string& file,
                                                                        const KeyReader& read_key,
                                                                        yaml::Problems& problems) {
    static constexpr std::string_view kPersonalities[] = {"vsm", "vsg"};
    SupervisorConfiguration configuration;
    configuration.file = file;
    redundancy::Options& pair = configuration.options.pair;
    yaml::Section root(tree, "", problems);
    configuration.instance = read_instance(root, file);
    configuration.hostname =
        read_name(root, "hostname", "a host name", yaml::Need::optional).value_or("switch");
    read_setup(root, pair);
    read_interfaces(root, configuration);
    configuration.ether_type = read_ether_type(root);
    if (auto timers = root.section("timers")) {
        configuration.timers = read_timers(*timers, LossInterval::read);
        timers->finish();
    }
    configuration.options.keyring = read_authentication(root, file, read_key);
    read_peer_mac(root, pair);
    if (const auto personality = root.choice("personality", kPersonalities)) {
        pair.personality = static_cast<redundancy::Personality>(*personality);
    }
    configuration.dying_gasp = read_dying_gasp(root);
    configuration.directories = read_directories(root, configuration.instance);
    configuration.storage = read_storage(root);
    configuration.log = read_log(root);
    configuration.scheduling = read_scheduling(root, configuration.timers.heartbeat_interval);
    configuration.access = read_access(root);
    configuration.hooks = read_hooks(root);
    root.finish();
    if (!problems.empty()) {
        return tl::unexpected(problems.lines());
    }
    pair.authenticated = !configuration.options.keyring.empty();
    pair.heartbeat_interval = configuration.timers.heartbeat_interval;
    pair.loss_interval = configuration.timers.loss_interval;
    configuration.options.modules.heartbeat_interval = configuration.timers.heartbeat_interval;
    return configuration;
}

}  // namespace

tl::expected<SupervisorConfiguration, ConfigurationErrors> load_supervisor_configuration(
    const std::string& file) {
    yaml::Problems problems(file);
    const yaml::Node tree = load_yaml(file, problems);
    if (tree.kind == yaml::Node::Kind::null && !problems.empty()) {
        return tl::unexpected(problems.lines());
    }
    return read_checked(tree, file, read_key_file, problems);
}

tl::expected<SupervisorConfiguration, ConfigurationErrors> read_supervisor_configuration(
    const yaml::Node& tree, const std::string& file, const KeyReader& read_key) {
    yaml::Problems problems(file);
    return read_checked(tree, file, read_key, problems);
}

}  // namespace ha::runtime
