// Names, numbers and addresses of the nodes of a lab: vsm-a and vsm-b are the pair, further letters
// are supervisors that should not be there, vem-3 to vem-99 are modules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libha/base/identity.hpp"
#include "libha/base/mac_address.hpp"

namespace sim::scenario {

inline constexpr unsigned kMaximumVems = 64;
inline constexpr std::string_view kNodesWanted = "vsm-a, vsm-b, vsm-c …, vem-3, vem-4 … vem-99";

bool is_node(std::string_view name);
bool is_module(std::string_view name);
/// 1 and 2 for the pair, 3… for modules, 193… for further supervisors: the end of its MACs.
unsigned number_of(std::string_view name);
/// 02:00:00:00:01:NN on control, 02:00:00:00:02:NN on mgmt.
ha::MacAddress mac_of(std::string_view name, ha::PortKind port);
/// The role a supervisor has unless it is configured otherwise: vsm-a primary, the others
/// secondary.
ha::Role role_of(std::string_view name);
/// What a module's host is called: "host-vem-3".
std::string host_of(std::string_view name);
/// The pair and so many modules, in the order they are started.
std::vector<std::string> default_nodes(unsigned vems);

}  // namespace sim::scenario
