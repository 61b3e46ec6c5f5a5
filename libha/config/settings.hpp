// What a configuration says, as values. A line that is not there leaves its value empty: who asks
// knows what then holds.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libha/config/configuration.hpp"

namespace ha::config {

struct InterfaceSettings {
    bool is_shut_down = false;
    std::string address;         ///< "10.0.0.10"; empty: none
    unsigned prefix_length = 0;  ///< 1…32 with an address
    friend bool operator==(const InterfaceSettings&, const InterfaceSettings&) = default;
};

struct ModulePort {
    Slot module{};
    std::uint16_t port = 0;  ///< 1…248
    friend auto operator<=>(const ModulePort&, const ModulePort&) = default;
};

struct LoggingSettings {
    struct Server {
        std::string address;
        std::optional<unsigned> severity;  ///< 0…7
        friend bool operator==(const Server&, const Server&) = default;
    };
    std::vector<Server> servers;
    std::map<std::string, unsigned> levels;  ///< severity 0…7 by facility
    std::string file;                        ///< empty: none
    unsigned file_severity = 0;              ///< with a file
    friend bool operator==(const LoggingSettings&, const LoggingSettings&) = default;
};

struct SnmpSettings {
    struct Community {
        std::string name;
        bool may_write = false;
        friend bool operator==(const Community&, const Community&) = default;
    };
    struct Host {
        std::string address;
        std::uint16_t port = 162;
        std::string community;
        friend bool operator==(const Host&, const Host&) = default;
    };
    std::vector<Community> communities;
    std::vector<Host> hosts;
    bool sends_all_traps = false;
    bool sends_service_traps = false;  ///< of restarted services; also true with all traps
    std::string contact;
    std::string location;
    friend bool operator==(const SnmpSettings&, const SnmpSettings&) = default;
};

struct Settings {
    std::string hostname;
    std::optional<DomainId> domain;
    std::optional<std::uint16_t> control_vlan;
    std::optional<std::uint16_t> packet_vlan;
    std::optional<std::chrono::seconds> loss_interval;  ///< 6…30 s (BEHAVIOUR HB-2)
    InterfaceSettings control;
    InterfaceSettings mgmt;
    /// `shutdown` (true) and `no shutdown` of ports of modules (BEHAVIOUR VEM-8).
    std::map<ModulePort, bool> ports_shut_down;
    std::optional<std::uint16_t> ha_pair;
    std::map<Slot, Uuid> modules;  ///< the `vem` sections
    LoggingSettings logging;
    SnmpSettings snmp;
    friend bool operator==(const Settings&, const Settings&) = default;
};

Settings settings_of(const Configuration& configuration);

}  // namespace ha::config
