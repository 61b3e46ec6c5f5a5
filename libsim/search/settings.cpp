// See settings.hpp.
#include "libsim/search/settings.hpp"

#include <charconv>

namespace sim::search {

using namespace ha;
namespace language = sim::scenario;

namespace {

/// The key that all nodes of a lab share.
wire::Keyring lab_keys(const language::Lab& lab) {
    if (!lab.key)
        return {};
    wire::Key key;
    key.id = 1;
    key.secret.fill(0x5f);
    return {{key}};
}

const language::Setting* find(const language::Lab& lab, const std::string& node,
                              std::string_view path) {
    const auto found = lab.nodes.find(node);
    return found == lab.nodes.end() ? nullptr : found->second.find(path);
}

DomainId domain_of(const language::Lab& lab, const std::string& node, std::string_view path) {
    std::uint16_t domain = static_cast<std::uint16_t>(lab.domain);
    if (const auto* given = find(lab, node, path); given != nullptr)
        std::from_chars(given->scalar.data(), given->scalar.data() + given->scalar.size(), domain);
    return DomainId{domain};
}

Interface interface_of(const std::string& node, PortKind port) {
    Interface interface;
    interface.mac = language::mac_of(node, port);
    interface.name = std::string(to_string(port)) + "0";
    return interface;
}

}  // namespace

SupervisorSettings supervisor_settings(const language::Lab& lab, const std::string& node) {
    const language::Units units = units_of(lab);
    SupervisorSettings settings;
    redundancy::Options& pair = settings.options.pair;
    pair.role = language::role_of(node);
    if (const auto* role = find(lab, node, "setup.role"); role != nullptr)
        pair.role = parse_role(role->scalar).value_or(pair.role);
    pair.domain = domain_of(lab, node, "setup.domain");
    pair.heartbeat_interval = units.heartbeat;
    pair.loss_interval = units.loss_interval;
    if (const auto* policy = find(lab, node, "peer_mac.policy"); policy != nullptr) {
        if (policy->scalar == "replace-when-absent")
            pair.peer_mac_policy = redundancy::PeerMacPolicy::replace_when_absent;
        if (policy->scalar == "static")
            pair.peer_mac_policy = redundancy::PeerMacPolicy::fixed;
    }
    for (const PortKind port : kPortKinds) {
        settings.interfaces[index_of(port)] = interface_of(node, port);
        const auto* mac = find(lab, node, "peer_mac." + std::string(to_string(port)));
        if (mac != nullptr)
            pair.peer_macs[index_of(port)] = MacAddress::parse(mac->scalar).value_or(MacAddress{});
    }
    if (const auto* personality = find(lab, node, "personality"); personality != nullptr)
        if (personality->scalar == "vsg")
            pair.personality = redundancy::Personality::vsg;
    settings.options.keyring = lab_keys(lab);
    return settings;
}

ModuleSettings module_settings(const language::Lab& lab, const std::string& node) {
    const language::Units units = units_of(lab);
    ModuleSettings settings;
    settings.options.domain = domain_of(lab, node, "domain");
    std::string digits = std::to_string(language::number_of(node));
    digits.insert(0, 12 - digits.size(), '0');
    settings.options.host = Uuid::parse("6c616276-656d-5000-8000-" + digits).value_or(ha::Uuid{});
    settings.options.host_name = language::host_of(node);
    settings.options.keyring = lab_keys(lab);
    settings.options.heartbeat_interval = units.heartbeat;
    settings.options.headless_after = units.headless;
    settings.control = interface_of(node, PortKind::control);
    return settings;
}

}  // namespace sim::search
