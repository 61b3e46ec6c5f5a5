// See module_line.hpp.
#include "libha/config/module_line.hpp"

#include <charconv>
#include <map>

#include "libha/config/commands.hpp"
#include "libha/config/settings.hpp"

namespace ha::config {
namespace {

/// The number at the end of "vem 5".
Slot module_of(std::string_view header) {
    const std::string_view digits = header.substr(header.rfind(' ') + 1);
    std::uint8_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return Slot{number};
}

}  // namespace

std::optional<ModuleLine> module_line(std::string_view section, std::string_view line) {
    if (mode_of(section) == Mode::module) {
        if (const auto match = find(Mode::module, line)) {
            if (match->negated)
                return ModuleLine{ModuleLine::What::release, module_of(section), {}};
            const auto host = Uuid::parse(match->arguments.front());
            if (!host)
                return std::nullopt;
            return ModuleLine{ModuleLine::What::reserve, module_of(section), *host};
        }
    }
    const auto match = find(Mode::global, line);
    if (!match || commands()[match->index].feature != Feature::module_table)
        return std::nullopt;
    return ModuleLine{match->negated ? ModuleLine::What::release : ModuleLine::What::look,
                      module_of(match->place),
                      {}};
}

std::vector<ModuleLine> module_lines_between(const Configuration& before,
                                             const Configuration& after) {
    const auto known = settings_of(before).modules;
    const auto wanted = settings_of(after).modules;
    std::vector<ModuleLine> lines;
    for (const auto& [module, host] : known) {
        if (!wanted.contains(module))
            lines.push_back({ModuleLine::What::release, module, {}});
    }
    for (const auto& [module, host] : wanted) {
        const auto found = known.find(module);
        if (found == known.end() || found->second != host)
            lines.push_back({ModuleLine::What::reserve, module, host});
    }
    return lines;
}

std::string module_fault(const Configuration& file) {
    std::map<Uuid, Slot> given;
    for (const auto& [module, host] : settings_of(file).modules) {
        const auto [other, is_new] = given.emplace(host, module);
        if (!is_new)
            return "Host " + host.to_string() + " stands under vem " +
                   std::to_string(number(other->second)) + " and under vem " +
                   std::to_string(number(module));
    }
    return {};
}

}  // namespace ha::config
