// A module's ports on a real bridge: set up once, never disturbed, mended when something was
// missing.
#include <linux/capability.h>
#include <net/if.h>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "libvem/runtime/port_keeper.hpp"
#include "test/net/wires.hpp"

namespace {

using namespace net_test;
using vem::runtime::PortKeeper;
using vem::runtime::PortOptions;
using vem::runtime::PortSetup;
using vem::runtime::PortStatus;

/// True when the kernel has `member` in `bridge`.
bool belongs(const std::string& member, const std::string& bridge) {
    return std::system(("ip -o link show dev " + member + " 2>/dev/null | grep -q ' master " +
                        bridge + " '")
                           .c_str()) == 0;
}

bool is_down_in_kernel(const std::string& name) {
    return std::system(("ip -o link show dev " + name + " | grep -q '[<,]UP[,>]'").c_str()) != 0;
}

/// What a keeper told, gathered from its thread.
struct Told {
    PortKeeper::Handler handler() {
        return [this](const std::vector<PortStatus>& now, const auto& more) {
            const std::lock_guard lock{mutex};
            ports = now;
            reports.insert(reports.end(), more.begin(), more.end());
        };
    }
    [[nodiscard]] bool ready(std::size_t port) {
        const std::lock_guard lock{mutex};
        return port < ports.size() && ports[port].ready;
    }
    [[nodiscard]] ha::wire::PortState state(std::size_t port) {
        const std::lock_guard lock{mutex};
        return port < ports.size() ? ports[port].state : ha::wire::PortState{};
    }
    [[nodiscard]] std::size_t report_count() {
        const std::lock_guard lock{mutex};
        return reports.size();
    }
    std::mutex mutex;
    std::vector<PortStatus> ports;
    std::vector<ha::catalog::Report> reports;
};

}  // namespace

TEST_CASE("the bridge is made, members join it, and it all stays when the agent ends", "[VEM-6]") {
    Wires wires;
    ip("link set b0 down");
    {
        PortSetup setup{{"br0", {"a0", "b0"}}};
        const auto ports = setup.apply();
        REQUIRE(ports.size() == 3);
        CHECK(ports[0] == PortStatus{"br0", true, ""});
        CHECK(ports[1].ready);
        CHECK(ports[2].ready);
    }
    CHECK(belongs("a0", "br0"));
    CHECK(belongs("b0", "br0"));
}

TEST_CASE("ports in place are left alone by another start", "[VEM-6]") {
    Wires wires;
    const PortOptions options{"br0", {"a0"}};
    CHECK(PortSetup{options}.apply()[1].ready);
    ip("link set a0 down");  // somebody's decision: not ours to undo
    const auto index = if_nametoindex("br0");
    bool touched = false;
    ha::runtime::LinkMonitor monitor{wires.loop};
    unsigned events = 0;
    monitor.watch("a0", [&](const auto&) { ++events; });
    monitor.watch("br0", [&](const auto&) { ++events; });
    REQUIRE(monitor.start());
    wires.run_ready();
    const auto before = events;
    CHECK(PortSetup{options}.apply()[1].ready);
    wires.wait_for([&] { return touched = events != before; }, 100ms);
    CHECK_FALSE(touched);
    CHECK(if_nametoindex("br0") == index);
    CHECK(belongs("a0", "br0"));
}

TEST_CASE("what is not ours is not taken, and told in one sentence", "[VEM-6][ANY-1]") {
    Wires wires;
    ip("link add other type bridge");
    ip("link set a0 master other");
    auto ports = PortSetup{{"br0", {"a0", "missing0"}}}.apply();
    CHECK(ports[1].reason == "belongs to other already");
    CHECK(ports[2].reason == "the interface does not exist");
    CHECK(belongs("a0", "other"));
    ports = PortSetup{{"b0", {"a0"}}}.apply();
    CHECK(ports[0].reason == "exists and is no bridge");
    CHECK_FALSE(ports[1].ready);
    const WithoutCapability without{CAP_NET_ADMIN};
    ports = PortSetup{{"br7", {"a0"}}}.apply();
    CHECK(ports[0].reason ==
          "cannot be created: not permitted, the capability CAP_NET_ADMIN is missing");
}

TEST_CASE("a member that appears later joins at once, told wrong only once", "[VEM-6]") {
    Wires wires;
    Told told;
    const PortKeeper keeper{{"br0", {"a0", "late0"}}, {}, told.handler()};
    REQUIRE(wires.wait_for([&] { return told.ready(1); }));
    CHECK(told.report_count() == 1);
    CHECK_FALSE(told.ready(2));
    ip("link add late0 type veth peer name late1");
    REQUIRE(wires.wait_for([&] { return told.ready(2); }, 2s));
    CHECK(belongs("late0", "br0"));
    ip("link del late0");
    REQUIRE(wires.wait_for([&] { return !told.ready(2); }, 2s));
    CHECK(told.report_count() == 2);
    CHECK(belongs("a0", "br0"));
}

TEST_CASE("an order is carried out on the interface, kept, and taken back", "[VEM-8]") {
    using enum ha::wire::PortOrder;
    Wires wires;
    Told told;
    PortKeeper keeper{{"br0", {"a0", "missing0"}}, {shutdown, shutdown}, told.handler()};
    const auto is_up = [&](std::size_t port, bool up) {
        return told.state(port).present && told.state(port).admin_up == up;
    };
    REQUIRE(wires.wait_for([&] { return is_up(1, false); }, 2s));
    CHECK(told.ready(1));
    CHECK(belongs("a0", "br0"));
    CHECK(told.state(1).forwards);
    CHECK_FALSE(told.state(1).link);
    CHECK_FALSE(told.state(2).present);
    // Somebody on the host sets it up: the order stands.
    ip("link set a0 up");
    REQUIRE(wires.wait_for([&] { return is_down_in_kernel("a0"); }, 2s));
    keeper.set_orders({no_shutdown});
    REQUIRE(wires.wait_for([&] { return is_up(1, true); }, 2s));
    ip("link set a0 down");
    REQUIRE(wires.wait_for([&] { return !is_down_in_kernel("a0"); }, 2s));
    ip("link del b0");
    REQUIRE(wires.wait_for([&] { return !told.state(1).present; }, 2s));
}

TEST_CASE("a port that cannot be set as ordered is told and reported", "[VEM-8][ANY-1]") {
    Wires wires;
    PortSetup setup{{"br0", {"a0"}}};
    CHECK(setup.apply()[1].ready);
    const WithoutCapability without{CAP_NET_ADMIN};
    const auto port = setup.apply({ha::wire::PortOrder::shutdown})[1];
    CHECK_FALSE(port.ready);
    CHECK(port.reason ==
          "cannot be set down: not permitted, the capability CAP_NET_ADMIN is missing");
    CHECK(port.state.disobeys);
    CHECK(port.state.admin_up);
}
