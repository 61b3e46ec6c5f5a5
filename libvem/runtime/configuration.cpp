// Reads vemd's configuration. See configuration.hpp.
#include "libvem/runtime/configuration.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "libha/runtime/key_file.hpp"

namespace vem::runtime {
namespace {

using ha::yaml::Need;
using ha::yaml::quoted;
using ha::yaml::Section;

constexpr std::uint64_t kHeadlessIntervals = 15;
constexpr std::uint64_t kMinimumHeadlessIntervals = 3;
constexpr std::uint64_t kMaximumHeadlessMs = 600000;

void read_host(Section& root, module::Options& options) {
    auto host = root.section("host");
    if (!host)
        return;
    if (const auto text = host->text("uuid", "a UUID", 64)) {
        const auto uuid = ha::Uuid::parse(*text);
        if (!uuid)
            host->complain("uuid", ha::yaml::printable(uuid.error(), 160));
        else if (uuid->is_nil())
            host->complain("uuid", "all zeros name no host");
        else
            options.host = *uuid;
    }
    options.host_name =
        ha::runtime::read_name(*host, "name", "a host name", Need::optional).value_or("");
    host->finish();
}

void read_interfaces(Section& root, ModuleConfiguration& configuration) {
    auto interfaces = root.section("interfaces", Need::required);
    if (!interfaces)
        return;
    if (auto control = interfaces->section("control", Need::required)) {
        configuration.control =
            ha::runtime::read_port(*control).value_or(ha::runtime::PortSettings{});
        control->finish();
    }
    interfaces->finish();
}

/// What is wrong with the name of an interface; empty when nothing is.
std::string check_interface(const std::string& name) {
    constexpr std::size_t kMaximumInterfaceName = 15;
    if (name.empty() || name.size() > kMaximumInterfaceName)
        return fmt::format("{} cannot be an interface name (1..{} characters)", quoted(name),
                           kMaximumInterfaceName);
    const bool odd = std::any_of(name.begin(), name.end(), [](char c) {
        return c == '/' || c == ':' || static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
    });
    if (odd || name == "." || name == "..")
        return fmt::format("{} cannot be an interface name", quoted(name));
    return {};
}

void check_members(Section& section, const PortOptions& ports,
                   const ModuleConfiguration& configuration) {
    for (std::size_t index = 0; index < ports.members.size(); ++index) {
        const std::string& member = ports.members[index];
        const auto before = ports.members.begin() + static_cast<std::ptrdiff_t>(index);
        std::string fault = check_interface(member);
        if (fault.empty() && member == ports.bridge)
            fault = quoted(member) + " is the bridge itself";
        if (fault.empty() && member == configuration.control.name)
            fault =
                quoted(member) + " is interfaces.control, and a member hears nothing of its own";
        if (fault.empty() && std::find(ports.members.begin(), before, member) != before)
            fault = quoted(member) + " is given twice";
        if (!fault.empty())
            section.complain_item("members", index, fault);
    }
}

void read_ports(Section& root, ModuleConfiguration& configuration) {
    auto section = root.section("ports");
    if (!section)
        return;
    PortOptions ports;
    const auto bridge = section->text("bridge", "the name of a bridge", 255, Need::required);
    if (bridge) {
        ports.bridge = *bridge;
        if (const std::string fault = check_interface(*bridge); !fault.empty())
            section->complain("bridge", fault);
    }
    ports.members = section->texts("members", "an interface name");
    if (ports.members.size() > kMaximumMembers) {
        section->complain("members", fmt::format("{} members are too many (0..{})",
                                                 ports.members.size(), kMaximumMembers));
        ports.members.resize(kMaximumMembers);
    }
    check_members(*section, ports, configuration);
    section->finish();
    configuration.ports = std::move(ports);
}

void read_timers(Section& root, module::Options& options) {
    using std::chrono::milliseconds;
    auto timers = root.section("timers");
    if (!timers)
        return;
    options.heartbeat_interval =
        ha::runtime::read_timers(*timers, ha::runtime::LossInterval::none).heartbeat_interval;
    const auto heartbeat = static_cast<std::uint64_t>(
        std::chrono::duration_cast<milliseconds>(options.heartbeat_interval).count());
    const auto headless = timers->integer(
        "headless_after_ms", {kMinimumHeadlessIntervals * heartbeat, kMaximumHeadlessMs});
    options.headless_after =
        milliseconds{static_cast<std::int64_t>(headless.value_or(kHeadlessIntervals * heartbeat))};
    timers->finish();
}

tl::expected<ModuleConfiguration, ha::runtime::ConfigurationErrors> read_checked(
    const ha::yaml::Node& tree, const std::string& file, const ha::runtime::KeyReader& read_key,
    ha::yaml::Problems& problems) {
    ModuleConfiguration configuration;
    configuration.file = file;
    Section root(tree, "", problems);
    configuration.instance = ha::runtime::read_instance(root, file);
    read_host(root, configuration.options);
    configuration.options.domain = ha::runtime::read_domain(root);
    read_interfaces(root, configuration);
    read_ports(root, configuration);
    configuration.ether_type = ha::runtime::read_ether_type(root);
    read_timers(root, configuration.options);
    configuration.options.keyring = ha::runtime::read_authentication(root, file, read_key);
    configuration.directories = ha::runtime::read_directories(root, configuration.instance);
    configuration.log = ha::runtime::read_log(root);
    configuration.scheduling =
        ha::runtime::read_scheduling(root, configuration.options.heartbeat_interval);
    configuration.hooks = ha::runtime::read_hooks(root);
    root.finish();
    if (!problems.empty())
        return tl::unexpected(problems.lines());
    return configuration;
}

}  // namespace

tl::expected<ModuleConfiguration, ha::runtime::ConfigurationErrors> load_module_configuration(
    const std::string& file) {
    ha::yaml::Problems problems(file);
    const ha::yaml::Node tree = ha::runtime::load_yaml(file, problems);
    if (tree.kind == ha::yaml::Node::Kind::null && !problems.empty())
        return tl::unexpected(problems.lines());
    return read_checked(tree, file, ha::runtime::read_key_file, problems);
}

tl::expected<ModuleConfiguration, ha::runtime::ConfigurationErrors> read_module_configuration(
    const ha::yaml::Node& tree, const std::string& file, const ha::runtime::KeyReader& read_key) {
    ha::yaml::Problems problems(file);
    return read_checked(tree, file, read_key, problems);
}

}  // namespace vem::runtime
