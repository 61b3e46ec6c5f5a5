// Lines about the table of modules: `vem N`, `host id UUID` and their `no`. What they ask for is
// done to the table, which is kept by itself (BEHAVIOUR VEM-1); the configuration shows it
// (with_modules).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libha/base/identity.hpp"
#include "libha/base/uuid.hpp"
#include "libha/config/configuration.hpp"

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

/// What makes the table of modules of `before` that of `after`, numbers that are taken back first.
/// Both have their `vem` sections (with_modules). A host that gets another number needs no line
/// about its old one.
std::vector<ModuleLine> module_lines_between(const Configuration& before,
                                             const Configuration& after);
/// Why the `vem` sections of a file cannot all be: a host under two numbers. Without "% "; empty
/// when they can.
std::string module_fault(const Configuration& file);

}  // namespace ha::config
