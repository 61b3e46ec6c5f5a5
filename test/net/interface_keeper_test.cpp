// control0 and mgmt0 on real interfaces: shut down while this supervisor is active, up otherwise,
// and after a crash.
#include "libha/runtime/interface_keeper.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <mutex>
#include <optional>
#include <vector>

#include "libha/runtime/address_requests.hpp"
#include "test/net/wires.hpp"
#include "test/support/temporary_directory.hpp"

namespace {

using namespace net_test;
using namespace ha;
using namespace ha::runtime;
using catalog::MessageId;
using catalog::Report;

bool is_up(const std::string& name) {
    return output_of("ip -o link show dev " + name).find(",UP") != std::string::npos;
}

bool has_address(const std::string& name, const std::string& address) {
    return output_of("ip -o address show dev " + name).find(" " + address + " ") !=
           std::string::npos;
}

/// control0 is a0, mgmt0 is b0.
struct Bench {
    Bench() { begin(); }
    void begin() {
        SupervisorConfiguration configuration;
        configuration.control = {"a0", std::nullopt};
        configuration.mgmt = PortSettings{"b0", std::nullopt};
        configuration.addresses = {*InterfaceAddress::parse("10.0.0.10/24")};
        configuration.directories.run = folder.path();
        orders[1].addresses = configuration.addresses;
        keeper.emplace(wires.loop, configuration, [this](const Report& report) {
            const std::scoped_lock lock(mutex);
            reports.push_back(report);
        });
        keeper->start();
    }
    void shut(PortKind port, bool down) {
        orders[index_of(port)].is_shut_down = down;
        keeper->obey(orders);
    }
    std::size_t failures() {
        const std::scoped_lock lock(mutex);
        return static_cast<std::size_t>(std::ranges::count_if(
            reports, [](const Report& report) { return report.id == MessageId::link_failed; }));
    }
    Wires wires;
    ::test::TemporaryDirectory folder;
    InterfaceOrders orders;
    std::mutex mutex;
    std::vector<Report> reports;
    std::optional<InterfaceKeeper> keeper;
};

}  // namespace

TEST_CASE("an interface is shut down by the active only, and has no address then", "[SW-5]") {
    Bench bench;
    bench.shut(PortKind::mgmt, true);
    bench.keeper->hold();
    REQUIRE(bench.wires.wait_for([] { return !is_up("b0"); }));
    CHECK_FALSE(has_address("b0", "10.0.0.10/24"));
    CHECK(is_up("a0"));
    bench.shut(PortKind::mgmt, false);
    REQUIRE(bench.wires.wait_for([] { return has_address("b0", "10.0.0.10/24"); }));
    CHECK(is_up("b0"));
    bench.shut(PortKind::control, true);
    REQUIRE(bench.wires.wait_for([] { return !is_up("a0"); }));
    bench.keeper->release();
    REQUIRE(bench.wires.wait_for([] { return is_up("a0"); }));
    CHECK(bench.failures() == 0);
}

TEST_CASE("what a supervisor that crashed had shut down is up again, other interfaces stay down",
          "[SW-5]") {
    Bench bench;
    bench.shut(PortKind::control, true);
    bench.keeper->hold();
    REQUIRE(bench.wires.wait_for([] { return !is_up("a0"); }));
    bench.keeper.reset();  // without release(): as after kill -9
    CHECK_FALSE(is_up("a0"));
    ip("link set b0 down");
    bench.orders = {};
    bench.begin();
    REQUIRE(bench.wires.wait_for([] { return is_up("a0"); }));
    CHECK_FALSE(is_up("b0"));
    CHECK_FALSE(std::filesystem::exists(bench.folder.path() + "/control0.shutdown"));
}

TEST_CASE("an address is configured where the file gives none", "[SW-5]") {
    Bench bench;
    bench.orders[index_of(PortKind::control)].addresses = {*InterfaceAddress::parse("10.1.0.1/24")};
    bench.keeper->hold();
    bench.keeper->obey(bench.orders);
    REQUIRE(bench.wires.wait_for([] { return has_address("a0", "10.1.0.1/24"); }));
    CHECK(has_address("b0", "10.0.0.10/24"));
    bench.keeper->release();
    REQUIRE(bench.wires.wait_for([] { return !has_address("a0", "10.1.0.1/24"); }));
}

TEST_CASE("without the capability a link is not set, and the reason names it", "[ANY-1]") {
    Wires wires;
    {
        AddressRequests requests;
        REQUIRE(requests.open());
        CHECK(requests.missing_permission().empty());
    }
    const WithoutCapability without(CAP_NET_ADMIN);
    AddressRequests requests;
    REQUIRE(requests.open());
    CHECK(requests.missing_permission() ==
          "needs the capability CAP_NET_ADMIN, which this process does not have");
    CHECK(requests.set_link("a0", false).error() == requests.missing_permission());
    CHECK(requests.set_link("none0", false).error() == "interface none0 does not exist");
    CHECK(is_up("a0"));
}
