// `shutdown` and `no shutdown` of ports of modules, from the operator of the active supervisor to
// the port, through faults of everything in between (VEM-8).
#include "libvem/registry/ports.hpp"
#include "test/unit/world/pair_and_module.hpp"

using namespace ha;
using namespace std::chrono_literals;
using redundancy::PairState;
using sim::NodeIndex;
using sim::test::kA;
using sim::test::kB;
using sim::test::kModule;
using vem::registry::PortStatus;

namespace {

/// A pair and module 3 with two ports.
struct Domain : sim::test::PairAndModule {
    Domain() : PairAndModule(2) {
        start();
        wait([&] { return is(kA, PairState::active_ha) && is_up(kA, 1) && is_up(kA, 2); });
    }
    void configure(NodeIndex node, const std::string& section, const std::string& line) {
        ask(node, line, supervisor::ConfigurationLine{section, line});
    }
    void configure_port(NodeIndex node, const std::string& line, unsigned port = 1) {
        configure(node, "interface Ethernet3/" + std::to_string(port), line);
    }
    [[nodiscard]] bool admin_up(std::size_t port) const {
        return world.module_ports(kModule).at(port - 1).admin_up;
    }
    [[nodiscard]] PortStatus shown(NodeIndex node, unsigned port) const {
        const auto* supervisor = world.supervisor(node);
        if (supervisor != nullptr)
            for (const auto& module : supervisor->snapshot().modules.modules)
                if (module.record.module == Slot{3})
                    return status_of(module, port);
        return PortStatus::module_removed;
    }
    [[nodiscard]] bool is_up(NodeIndex node, unsigned port) const {
        return shown(node, port) == PortStatus::up;
    }
    [[nodiscard]] bool is_down(NodeIndex node, unsigned port) const {
        return shown(node, port) == PortStatus::administratively_down;
    }
};

}  // namespace

TEST_CASE("shutdown takes the port down, no shutdown brings it back, and both are told",
          "[world][VEM-8]") {
    Domain domain;
    domain.configure_port(kA, "shutdown");
    domain.wait([&] { return domain.is_down(kA, 1); });
    CHECK_FALSE(domain.admin_up(1));
    CHECK(domain.admin_up(2));
    CHECK(domain.is_up(kA, 2));
    CHECK(domain.told(kA, catalog::MessageId::port_down_administratively) == 1);
    CHECK(domain.told(kModule, catalog::MessageId::module_ports_ordered) == 1);
    domain.configure_port(kA, "no shutdown");
    domain.wait([&] { return domain.is_up(kA, 1); });
    CHECK(domain.told(kA, catalog::MessageId::port_up) == 1);
}

TEST_CASE("a shut down port stays so through every loss, until somebody says otherwise",
          "[world][VEM-8][VEM-6]") {
    Domain domain;
    domain.configure_port(kA, "shutdown");
    domain.wait([&] { return domain.is_down(kA, 1); });
    SECTION("the active dies") {
        domain.world.kill(kA);
        domain.wait([&] { return domain.is_down(kB, 1); });
        CHECK(domain.is_up(kB, 2));
        domain.configure_port(kB, "no shutdown");
        domain.wait([&] { return domain.is_up(kB, 1); });
    }
    SECTION("a switchover") {
        domain.world.request(kA, supervisor::SwitchoverRequested{});
        domain.wait([&] { return domain.is_down(kB, 1); });
    }
    SECTION("the module dies and comes back") {
        domain.world.kill(kModule);
        domain.wait([&] { return domain.shown(kA, 1) == PortStatus::module_removed; });
        CHECK_FALSE(domain.admin_up(1));
        domain.world.start(kModule);
        domain.wait([&] { return domain.is_down(kA, 1); });
    }
    SECTION("the module restarts without any supervisor") {
        domain.world.kill(kA);
        domain.world.kill(kB);
        domain.world.kill(kModule);
        domain.world.start(kModule);
        domain.world.run_for(2s);
        CHECK_FALSE(domain.admin_up(1));
    }
    SECTION("both supervisors come back with what was saved, which is nothing") {
        domain.world.kill(kA);
        domain.world.kill(kB);
        domain.world.run_for(2s);
        CHECK_FALSE(domain.admin_up(1));
        domain.world.start(kA);
        domain.wait([&] { return domain.is_up(kA, 1); });  // the configuration says so
    }
}

TEST_CASE("orders reach a module that could not hear them", "[world][VEM-8]") {
    Domain domain;
    SECTION("frames to it are lost for a moment") {
        domain.world.cut(kModule, PortKind::control, sim::Direction::in);
        domain.configure_port(kA, "shutdown");
        domain.world.run_for(100ms);
        CHECK(domain.admin_up(1));
        domain.world.heal(kModule, PortKind::control);
    }
    SECTION("its answer is lost") {
        domain.world.cut(kModule, PortKind::control, sim::Direction::out);
        domain.configure_port(kA, "shutdown");
        domain.world.run_for(100ms);
        CHECK_FALSE(domain.admin_up(1));
        domain.world.heal(kModule, PortKind::control);
    }
    SECTION("it does not run") {
        domain.world.kill(kModule);
        domain.configure_port(kA, "shutdown");
        domain.world.run_for(1s);
        domain.world.start(kModule);
    }
    SECTION("half of all frames are lost") {
        sim::WireQuality bad;
        bad.loss_ppm = 500'000;
        domain.world.set_quality(kModule, PortKind::control, sim::Direction::both, bad);
        domain.configure_port(kA, "shutdown");
        domain.wait([&] { return !domain.admin_up(1); });
        domain.configure_port(kA, "no shutdown");
        domain.wait([&] { return domain.admin_up(1); });
        domain.configure_port(kA, "shutdown");
    }
    domain.wait([&] { return domain.is_down(kA, 1) && !domain.admin_up(1); });
}

TEST_CASE("a port that was never spoken of is its host's business", "[world][VEM-8][VEM-6]") {
    Domain domain;
    domain.configure_port(kA, "shutdown", 1);
    domain.world.set_module_port(kModule, 2, false, true);
    domain.wait([&] { return domain.is_down(kA, 1) && domain.is_down(kA, 2); });
    domain.world.kill(kA);
    domain.wait([&] { return domain.is_down(kB, 2); });
    CHECK_FALSE(domain.admin_up(2));
    domain.configure_port(kB, "no shutdown", 2);
    domain.wait([&] { return domain.is_up(kB, 2); });
    domain.configure(kB, "", "no interface Ethernet3/1");
    domain.wait([&] { return domain.is_up(kB, 1); });
}

TEST_CASE("a port without a link is no shut down port", "[world][VEM-8]") {
    Domain domain;
    domain.world.set_module_port(kModule, 1, true, false);
    domain.wait([&] { return domain.shown(kA, 1) == PortStatus::link_not_connected; });
    CHECK(domain.told(kA, catalog::MessageId::port_down) == 1);
}

TEST_CASE("a port that the module does not have is kept, and said to be missing",
          "[world][VEM-8]") {
    Domain domain;
    domain.configure_port(kA, "shutdown", 200);
    domain.world.run_for(1s);
    CHECK(domain.shown(kA, 200) == PortStatus::no_such_port);
    CHECK(domain.admin_up(1));
    CHECK(domain.admin_up(2));
    const auto modules = domain.world.supervisor(kA)->snapshot().modules;
    CHECK(modules.configured_ports.at(Slot{3}).at(199) == wire::PortOrder::shutdown);
    CHECK_FALSE(is_as_ordered(modules.modules.at(0), 200));
}
