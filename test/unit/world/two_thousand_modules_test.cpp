// One world holds many domains on the same wires: 32 pairs with 62 or 63 modules each, 2000
// modules in all, every one attached to the active of its own domain.
#include <catch2/catch.hpp>

#include "libsim/world/world.hpp"

using namespace ha;
using namespace std::chrono_literals;
using redundancy::PairState;
using sim::NodeIndex;
using sim::World;

namespace {

constexpr unsigned kDomains = 32;
constexpr unsigned kModules = 2000;

MacAddress mac_of(NodeIndex node, PortKind port) {
    return {{2, 0, 0, static_cast<std::uint8_t>(index_of(port) + 1),
             static_cast<std::uint8_t>(node >> 8U), static_cast<std::uint8_t>(node & 0xffU)}};
}

NodeIndex add_supervisor(World& world, unsigned domain, Role role) {
    sim::SupervisorSettings settings;
    settings.options.pair.role = role;
    settings.options.pair.domain = static_cast<DomainId>(domain);
    for (const PortKind port : kPortKinds)
        settings.interfaces[index_of(port)].mac = mac_of(world.nodes(), port);
    return world.add_supervisor("vsm-" + std::to_string(world.nodes()), settings);
}

NodeIndex add_module(World& world, unsigned domain) {
    sim::ModuleSettings settings;
    settings.options.domain = static_cast<DomainId>(domain);
    settings.options.host.octets[0] = 1;
    settings.options.host.octets[14] = static_cast<std::uint8_t>(world.nodes() >> 8U);
    settings.options.host.octets[15] = static_cast<std::uint8_t>(world.nodes() & 0xffU);
    settings.options.host_name = "host-" + std::to_string(world.nodes());
    settings.control.mac = mac_of(world.nodes(), PortKind::control);
    return world.add_module("vem-" + std::to_string(world.nodes()), settings);
}

}  // namespace

TEST_CASE("two thousand modules of 32 domains attach in one world", "[world][ANY-2]") {
    World world{{}};
    std::vector<NodeIndex> primaries;
    for (unsigned domain = 1; domain <= kDomains; ++domain) {
        primaries.push_back(add_supervisor(world, domain, Role::primary));
        add_supervisor(world, domain, Role::secondary);
    }
    std::vector<NodeIndex> modules;
    for (unsigned module = 0; module < kModules; ++module)
        modules.push_back(add_module(world, module % kDomains + 1));
    for (NodeIndex node = 0; node < world.nodes(); ++node)
        world.start(node);
    REQUIRE(world.run_for(3s));
    std::size_t online = 0;
    for (const NodeIndex primary : primaries) {
        const auto brief = world.supervisor(primary)->brief();
        CHECK(brief.state == PairState::active_ha);
        online += brief.modules_online;
    }
    CHECK(online == kModules);
    for (const NodeIndex module : modules)
        CHECK(world.module(module)->state() == vem::module::State::attached);
}
