// vemd's configuration file: the installation of one module (configs/vemd.yaml shows all of it).
// Every fault is told with file, line, key, value and allowed range, all of them at once. Relates
// to libha/runtime/configuration_parts.hpp, which reads what vsmd's file has too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "libha/runtime/configuration_parts.hpp"
#include "libha/runtime/hook_settings.hpp"
#include "libvem/module/module.hpp"
#include "libvem/runtime/port_setup.hpp"

namespace vem::runtime {

struct ModuleConfiguration {
    std::string file;
    std::string instance;
    ha::runtime::PortSettings control;
    std::optional<PortOptions> ports;
    std::uint16_t ether_type = ha::wire::kDefaultEtherType;
    ha::runtime::DirectorySettings directories;
    ha::runtime::LogSettings log;
    ha::runtime::SchedulingSettings scheduling;
    std::vector<ha::runtime::HookSettings> hooks;
    /// Complete but for the incarnation, what the store knows, and a host that the file leaves to
    /// the machine: a nil UUID and an empty name (host_identity.hpp).
    module::Options options;
};

/// Members of a bridge that one module may have: the uplinks of a host and the ports of its guests.
inline constexpr std::size_t kMaximumMembers = 512;

/// Reads and checks the file; nothing else on the system is looked at but the key files.
tl::expected<ModuleConfiguration, ha::runtime::ConfigurationErrors> load_module_configuration(
    const std::string& file);

/// The same from a tree that is there already, for those who have no file; `file` names it.
tl::expected<ModuleConfiguration, ha::runtime::ConfigurationErrors> read_module_configuration(
    const ha::yaml::Node& tree, const std::string& file, const ha::runtime::KeyReader& read_key);

}  // namespace vem::runtime
