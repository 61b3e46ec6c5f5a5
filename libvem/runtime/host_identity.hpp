// Who this machine is when the configuration does not say: the machine's own identifier and name. A
// module's number belongs to this UUID for good (BEHAVIOUR VEM-1), so it is never made up.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "libha/base/uuid.hpp"

namespace vem::runtime {

/// The identifier in `file` (32 hexadecimal digits). The error says what to do about it.
tl::expected<ha::Uuid, std::string> machine_uuid(const std::string& file = "/etc/machine-id");

/// The machine's name up to its first dot.
std::string machine_name();

}  // namespace vem::runtime
