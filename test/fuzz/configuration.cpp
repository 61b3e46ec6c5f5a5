// Fuzz target: the configurations of vsmd and vemd. A text is read into values within their
// documented ranges, or refused with lines that each name the file and can be printed.
#include <set>
#include <string>

#include "libha/runtime/configuration.hpp"
#include "libvem/runtime/configuration.hpp"
#include "test/fuzz/support/printable.hpp"

using namespace ha;
using namespace std::chrono_literals;
using test::fuzz::require;
using test::fuzz::require_printable;

namespace {

const std::string kFile = "/etc/vsm-ha/sup-a.yaml";

/// Key files whose names are long enough hold a key.
tl::expected<std::array<std::uint8_t, wire::kKeySize>, std::string> read_key(
    const std::string& path) {
    require(!path.empty(), "a key file has a name");
    if (path.size() < 20)
        return tl::unexpected(std::string("it is not there"));
    return std::array<std::uint8_t, wire::kKeySize>{1};
}

void check_errors(const runtime::ConfigurationErrors& errors) {
    require(!errors.empty(), "who is refused is told why");
    for (const std::string& line : errors) {
        require(line.starts_with(kFile), "a complaint names the file");
        require_printable(line);
    }
}

void check_port(const runtime::PortSettings& port) {
    require(!port.name.empty() && port.name.size() <= 15, "an interface name fits");
    require(!port.vlan || (*port.vlan >= 1 && *port.vlan <= 4094), "a VLAN is in its range");
}

void check_common(const std::string& instance, std::uint16_t ether_type, DomainId domain,
                  const runtime::DirectorySettings& directories) {
    require(!instance.empty() && instance.size() <= 63, "an instance has a name");
    require(instance.find('/') == std::string::npos && instance.front() != '.',
            "an instance names one folder");
    require(ether_type >= 0x0600, "an EtherType is one");
    require(number(domain) >= kDomainIdMinimum && number(domain) <= kDomainIdMaximum,
            "the domain is in its range");
    require(directories.state.starts_with('/') && directories.run.starts_with('/'),
            "folders have absolute paths");
}

void check_keys(const wire::Keyring& keyring) {
    std::set<unsigned> ids;
    for (const wire::Key& key : keyring.keys)
        require(key.id != 0 && ids.insert(key.id).second, "each key has a number of its own");
}

void check(const runtime::SupervisorConfiguration& read) {
    const auto& pair = read.options.pair;
    check_common(read.instance, read.ether_type, pair.domain, read.directories);
    check_port(read.control);
    if (read.mgmt)
        check_port(*read.mgmt);
    require(read.mgmt || pair.role == Role::standalone, "a pair has a second path (HB-3)");
    require(read.mgmt != read.control, "the second path is another one");
    require(pair.heartbeat_interval >= 5ms && pair.heartbeat_interval <= 1s, "h is in its range");
    require(pair.loss_interval >= 3 * pair.heartbeat_interval && pair.loss_interval <= 30s,
            "T is in its range");
    require(pair.loss_interval % pair.heartbeat_interval == Duration{}, "T is a multiple of h");
    check_keys(read.options.keyring);
    if (pair.peer_mac_policy == redundancy::PeerMacPolicy::fixed)
        for (const MacAddress& mac : pair.peer_macs)
            require(!mac.is_zero() && !mac.is_group(), "a static MAC is one node's");
}

void check(const vem::runtime::ModuleConfiguration& read) {
    check_common(read.instance, read.ether_type, read.options.domain, read.directories);
    check_port(read.control);
    check_keys(read.options.keyring);
    require(read.options.host_name.size() <= wire::kMaximumHostName, "a host name fits");
    require(read.options.headless_after >= 3 * read.options.heartbeat_interval,
            "a module is not headless between two heartbeats");
    if (read.ports)
        require(read.ports->members.size() <= vem::runtime::kMaximumMembers, "members are bounded");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    yaml::Problems problems(kFile);
    const yaml::Node tree = yaml::parse(text, problems);
    if (!problems.empty())
        check_errors(problems.lines());
    if (const auto read = runtime::read_supervisor_configuration(tree, kFile, read_key))
        check(*read);
    else
        check_errors(read.error());
    if (const auto read = vem::runtime::read_module_configuration(tree, kFile, read_key))
        check(*read);
    else
        check_errors(read.error());
    return 0;
}
