// How the nodes of a scenario are installed: the configuration that the lab writes for a node, with
// what the scenario merges over it, read by the daemons' own readers.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "libsim/scenario/scenario.hpp"
#include "libsim/world/settings.hpp"

namespace sim::play {

/// A node as its daemon's configuration makes it, and what its commands and its log show of that.
struct Installation {
    std::variant<SupervisorSettings, ModuleSettings> settings;
    std::string hostname;
    int log_threshold = 6;
    std::string management_address;  ///< shown while it is held, empty: none
    std::size_t lab_addresses = 0;   ///< how many of the lab's mgmt addresses are its to hold
    std::size_t ipv4_addresses = 0;  ///< to hold, whatever they are
    std::size_t ipv6_addresses = 0;
    std::string addresses;             ///< "10.99.0.100/24, fd99::100/64"
    std::vector<std::string> members;  ///< of a module's bridge, the bridge first

    [[nodiscard]] bool is_supervisor() const {
        return std::holds_alternative<SupervisorSettings>(settings);
    }
};

/// What the active holds on mgmt in a lab.
const std::vector<std::string>& lab_addresses();

/// The configuration of a node, `config` (may be null) merged over all. The error has a line for
/// each complaint, as the daemon prints them.
tl::expected<Installation, std::vector<std::string>> install(const scenario::Lab& lab,
                                                             const std::string& node,
                                                             const scenario::Setting* config);

}  // namespace sim::play
