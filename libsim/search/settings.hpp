// How the nodes of a drawn scenario are installed: the few settings that the search draws, as
// libsim/play reads them all out of a configuration.
#pragma once

#include <string>

#include "libsim/scenario/scenario.hpp"
#include "libsim/world/settings.hpp"

namespace sim::search {

inline constexpr const char* kConfigure = "configure terminal";
inline constexpr const char* kCopy = "copy running-config startup-config";
inline constexpr const char* kReload = "reload";
inline constexpr const char* kSwitchover = "system switchover";
inline constexpr const char* kClearPeerMac = "clear system redundancy peer-mac";

SupervisorSettings supervisor_settings(const scenario::Lab& lab, const std::string& node);
ModuleSettings module_settings(const scenario::Lab& lab, const std::string& node);

}  // namespace sim::search
