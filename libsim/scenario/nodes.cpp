// See nodes.hpp.
#include "libsim/scenario/nodes.hpp"

#include <algorithm>
#include <charconv>

namespace sim::scenario {
namespace {

constexpr std::string_view kSupervisor = "vsm-";
constexpr std::string_view kModule = "vem-";
constexpr unsigned kFirstFurtherSupervisor = 0xc1;

}  // namespace

bool is_module(std::string_view name) {
    if (!name.starts_with(kModule))
        return false;
    const std::string_view digits = name.substr(kModule.size());
    const bool plain = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (!plain || digits.empty() || digits.size() > 2 || digits.front() == '0')
        return false;
    return digits.size() == 2 || digits.front() >= '3';
}

bool is_node(std::string_view name) {
    if (is_module(name))
        return true;
    return name.starts_with(kSupervisor) && name.size() == kSupervisor.size() + 1 &&
           name.back() >= 'a' && name.back() <= 'z';
}

unsigned number_of(std::string_view name) {
    if (is_module(name)) {
        unsigned number = 0;
        std::from_chars(name.data() + kModule.size(), name.data() + name.size(), number);
        return number;
    }
    const auto letter = static_cast<unsigned>(name.back() - 'a');
    return letter < 2 ? letter + 1 : kFirstFurtherSupervisor + letter - 2;
}

ha::MacAddress mac_of(std::string_view name, ha::PortKind port) {
    const std::uint8_t network = port == ha::PortKind::control ? 1 : 2;
    return {{0x02, 0, 0, 0, network, static_cast<std::uint8_t>(number_of(name))}};
}

ha::Role role_of(std::string_view name) {
    return number_of(name) == 1 ? ha::Role::primary : ha::Role::secondary;
}

std::string host_of(std::string_view name) {
    return "host-" + std::string(name);
}

std::vector<std::string> default_nodes(unsigned vems) {
    std::vector<std::string> nodes{"vsm-a", "vsm-b"};
    for (unsigned number = 3; number < vems + 3; ++number)
        nodes.push_back(std::string(kModule) + std::to_string(number));
    return nodes;
}

}  // namespace sim::scenario
