// vsmd's configuration file: the installation of one supervisor (docs: configs/vsmd-*.yaml). Every
// fault is told with file, line, key, value and allowed range, all of them at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "libha/runtime/access.hpp"
#include "libha/runtime/configuration_parts.hpp"
#include "libha/runtime/hook_settings.hpp"
#include "libha/runtime/interface_address.hpp"
#include "libha/supervisor/supervisor.hpp"

namespace ha::runtime {

struct SupervisorConfiguration {
    std::string file;
    std::string instance;
    std::string hostname = "switch";
    PortSettings control;
    std::optional<PortSettings> mgmt;         ///< required unless the role is standalone
    std::vector<InterfaceAddress> addresses;  ///< of mgmt; held by the active only (SW-5)
    std::uint16_t ether_type = wire::kDefaultEtherType;
    TimerSettings timers;
    DirectorySettings directories;
    StorageSettings storage;
    LogSettings log;
    bool dying_gasp = true;  ///< a guardian tells of a crash (HB-8)
    SchedulingSettings scheduling;
    AccessSettings access;
    std::vector<HookSettings> hooks;
    /// Complete but for the incarnation and what the store knows.
    supervisor::Options options;
};

/// Reads and checks the file; nothing else on the system is looked at but the key files.
tl::expected<SupervisorConfiguration, ConfigurationErrors> load_supervisor_configuration(
    const std::string& file);

/// The same from a tree that is there already, for those who have no file; `file` names it.
tl::expected<SupervisorConfiguration, ConfigurationErrors> read_supervisor_configuration(
    const yaml::Node& tree, const std::string& file, const KeyReader& read_key);

}  // namespace ha::runtime
