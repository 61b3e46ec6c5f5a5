// Orders for the ports of a module: taken, kept, reported, and nothing else touches a port (VEM-8,
// VEM-6).
#include "test/unit/module/bench.hpp"

using namespace vem::test;
using namespace std::chrono_literals;
using ha::wire::ModuleHeartbeatReply;
using ha::wire::PortOrder;
using ha::wire::PortOrders;
using ha::wire::PortState;
using vem::module::State;

namespace {

Speaker first() {
    return {1, mac(1), 0x500000001};
}
Speaker second() {
    return {2, mac(2), 0x500000002};
}

constexpr auto kDown = PortOrder::shutdown;
constexpr auto kUp = PortOrder::no_shutdown;
constexpr auto kNone = PortOrder::none;
constexpr PortState kForwarding{true, true, true, true, false};
constexpr PortState kShutDown{true, false, false, true, false};

using Orders = std::vector<PortOrder>;

/// The answer to a heartbeat with these orders.
ha::wire::PortReport order(Bench& bench, Speaker& speaker, std::uint32_t beat, PortOrders orders) {
    auto heartbeat = Bench::beat(beat);
    heartbeat.orders = std::move(orders);
    const auto replies = messages<ModuleHeartbeatReply>(bench.say(speaker, heartbeat));
    REQUIRE(replies.size() == 1);
    REQUIRE(replies[0].ports);
    return *replies[0].ports;
}

std::vector<ha::wire::PortReport> reports(const std::vector<Sent>& sent) {
    std::vector<ha::wire::PortReport> found;
    for (const auto& reply : messages<ModuleHeartbeatReply>(sent))
        found.push_back(reply.ports.value());
    return found;
}

}  // namespace

TEST_CASE("orders are carried out and remembered once, and reported as held", "[VEM-8]") {
    Bench bench;
    Speaker active = first();
    bench.attach(active);
    CHECK(order(bench, active, 1, {1, {}}).held == 1);
    CHECK(bench.ordered.empty());
    CHECK(order(bench, active, 2, {2, {kDown, kNone, kUp}}).held == 2);
    REQUIRE(bench.ordered.size() == 1);
    CHECK(bench.ordered[0] == Orders{kDown, kNone, kUp});
    // A copy, and one that others have overtaken.
    CHECK(order(bench, active, 3, {2, {kDown, kNone, kUp}}).held == 2);
    CHECK(order(bench, active, 4, {1, {}}).held == 2);
    CHECK(bench.ordered.size() == 1);
    // A heartbeat without orders leaves them.
    const auto replies = messages<ModuleHeartbeatReply>(bench.say(active, Bench::beat(5)));
    CHECK(replies.at(0).ports->held == 2);
    CHECK(bench.module.snapshot().port_orders == Orders{kDown, kNone, kUp});
}

TEST_CASE("a port that nothing is said of any more goes back up", "[VEM-8]") {
    Bench bench;
    Speaker active = first();
    bench.attach(active);
    order(bench, active, 1, {1, {kNone, kDown, kNone}});
    order(bench, active, 2, {2, {}});
    CHECK(bench.ordered.back() == Orders{kNone, kUp});
    order(bench, active, 3, {3, {kNone, kDown}});
    CHECK(bench.ordered.back() == Orders{kNone, kDown});
}

TEST_CASE("the last orders stay without a supervisor and over a restart", "[VEM-8][VEM-6]") {
    Bench bench;
    Speaker active = first();
    bench.attach(active);
    order(bench, active, 1, {1, {kDown}});
    bench.run_until(bench.now + 1min);
    REQUIRE(bench.state() == State::headless);
    CHECK(bench.ordered.size() == 1);
    CHECK(bench.module.snapshot().port_orders == Orders{kDown});

    auto options = Bench::options({});
    options.remembered_orders = {kDown};
    const vem::module::Module next(options, bench.now);
    CHECK(next.snapshot().port_orders == Orders{kDown});
}

TEST_CASE("another life of a supervisor counts its orders anew", "[VEM-8]") {
    Bench bench;
    Speaker active = first();
    bench.attach(active);
    CHECK(order(bench, active, 1, {7, {kDown}}).held == 7);
    Speaker other = second();
    ha::wire::SwitchRequest request{1};
    bench.say(other, request);
    bench.say(other, Bench::accept());
    REQUIRE(bench.supervisor() == 2);
    // It holds the same, but not yet from this one.
    const auto replies = messages<ModuleHeartbeatReply>(bench.say(other, Bench::beat(1)));
    CHECK(replies.at(0).ports->held == 0);
    CHECK(order(bench, other, 2, {1, {kDown}}).held == 1);
    CHECK(bench.ordered.size() == 1);  // nothing to carry out
    CHECK(order(bench, other, 3, {2, {kUp}}).held == 2);
    CHECK(bench.ordered.back() == Orders{kUp});
}

TEST_CASE("orders of a supervisor that is not its own change nothing", "[VEM-8][VEM-5]") {
    Bench bench;
    Speaker active = first();
    Speaker other = second();
    bench.attach(active);
    auto heartbeat = Bench::beat(1);
    heartbeat.orders = PortOrders{1, {kDown}};
    CHECK(bench.say(other, heartbeat).empty());
    CHECK(bench.ordered.empty());
}

TEST_CASE("a change of a port is reported at once, and often enough only", "[VEM-8]") {
    Bench bench;
    Speaker active = first();
    using vem::module::PortsChanged;
    CHECK(bench.step(PortsChanged{{kForwarding, kForwarding}, bench.now}).empty());
    bench.attach(active);
    CHECK(bench.step(PortsChanged{{kForwarding}, bench.now}).empty());  // not asked yet
    const auto first = reports(bench.say(active, Bench::beat(1)));
    REQUIRE(first.size() == 1);
    CHECK(first[0].ports == std::vector<PortState>{kForwarding});
    const auto changed = bench.step(PortsChanged{{kShutDown}, bench.now});
    REQUIRE(reports(changed).size() == 1);
    CHECK(reports(changed)[0].ports == std::vector<PortState>{kShutDown});
    CHECK(messages<ModuleHeartbeatReply>(changed)[0].number == 1);
    CHECK(bench.step(PortsChanged{{kShutDown}, bench.now}).empty());
    std::size_t said = 0;
    for (int change = 0; change < 100; ++change)
        said +=
            bench.step(PortsChanged{{change % 2 == 0 ? kForwarding : kShutDown}, bench.now}).size();
    CHECK(said <= 4);
    // What was not said is said with the next answer.
    CHECK(reports(bench.say(active, Bench::beat(2))).at(0).ports ==
          std::vector<PortState>{kShutDown});
}

TEST_CASE("more ports than can have a number are not reported", "[VEM-8][ANY-1]") {
    Bench bench;
    Speaker active = first();
    bench.attach(active);
    bench.step(vem::module::PortsChanged{std::vector<PortState>(512, kForwarding), bench.now});
    const auto said = reports(bench.say(active, Bench::beat(1)));
    CHECK(said.at(0).ports.size() == ha::wire::kMaximumModulePorts);
}
