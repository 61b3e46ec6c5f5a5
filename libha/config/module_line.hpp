// Lines about the table of modules: `vem N`, `host id UUID` and their `no`. What they ask for is
// done to the table, which is kept by itself (BEHAVIOUR VEM-1); the configuration shows it
// (with_modules).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "libha/base/identity.hpp"
#include "libha/base/uuid.hpp"

namespace ha::config {

struct ModuleLine {
    enum class What : std::uint8_t {
        look,     ///< `vem N` alone: nothing is asked for yet
        reserve,  ///< `host id UUID`: the number belongs to this host
        release,  ///< `no vem N`, `no host id`: the number is nobody's
    };
    What what = What::look;
    Slot module{};
    Uuid host;  ///< to reserve for
    friend bool operator==(const ModuleLine&, const ModuleLine&) = default;
};

/// Nothing for a line about anything else, or that is no line. Arguments as for edit().
std::optional<ModuleLine> module_line(std::string_view section, std::string_view line);

}  // namespace ha::config
