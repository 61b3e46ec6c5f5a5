// A module in one line, for those who have no room for more: `systemctl status`.
#pragma once

#include <string>

#include "libvem/module/module.hpp"

namespace vem::runtime {

/// "module 3, attached, active supervisor 1 (primary)"; while it is not attached, why.
std::string status_line(const module::Snapshot& snapshot);

}  // namespace vem::runtime
