#include "libha/base/identity.hpp"

#include <array>
#include <cinttypes>
#include <cstdio>

namespace ha {

std::string_view to_string(Role role) {
    switch (role) {
        case Role::standalone:
            return "standalone";
        case Role::primary:
            return "primary";
        case Role::secondary:
            return "secondary";
    }
    return "unknown";
}

tl::expected<Role, std::string> parse_role(std::string_view text) {
    for (const Role role : {Role::standalone, Role::primary, Role::secondary})
        if (text == to_string(role))
            return role;
    return tl::unexpected("'" + std::string(text) +
                          "' is not a role (standalone, primary, secondary)");
}

std::string to_string(Incarnation incarnation) {
    const auto value = static_cast<std::uint64_t>(incarnation);
    std::array<char, 18> text{};
    std::snprintf(text.data(), text.size(), "%08" PRIx32 ".%08" PRIx32,
                  static_cast<std::uint32_t>(value >> 32U), static_cast<std::uint32_t>(value));
    return text.data();
}

std::string_view to_string(PortKind port) {
    switch (port) {
        case PortKind::control:
            return "control";
        case PortKind::mgmt:
            return "mgmt";
    }
    return "unknown";
}

}  // namespace ha
