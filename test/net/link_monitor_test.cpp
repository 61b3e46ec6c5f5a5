// What the link monitor says while interfaces come, go and change.
#include "libha/runtime/link_monitor.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "test/net/wires.hpp"

namespace {

using namespace net_test;
using ha::runtime::LinkMonitor;
using ha::runtime::LinkState;

struct Watching {
    explicit Watching(Wires& wires, const std::string& name = "a0") : monitor(wires.loop) {
        monitor.watch(name, [this](const LinkState& link) { seen.push_back(link); });
        REQUIRE(monitor.start());
    }
    LinkMonitor monitor;
    std::vector<LinkState> seen;
    [[nodiscard]] const LinkState& last() const { return seen.back(); }
};

}  // namespace

TEST_CASE("the monitor starts with what is there") {
    Wires wires;
    Watching watching{wires};
    REQUIRE(watching.seen.size() == 1);
    CHECK(watching.last().present);
    CHECK(watching.last().admin_up);
    CHECK(watching.last().carrier);
    CHECK(watching.last().mac == kMacA);
    CHECK(watching.last().reason.empty());
}

TEST_CASE("an interface that is missing at start is said to be, and noticed when it comes") {
    Wires wires;
    Watching watching{wires, "late0"};
    REQUIRE(watching.seen.size() == 1);
    CHECK_FALSE(watching.last().present);
    CHECK(watching.last().reason == "interface late0 does not exist");
    ip("link add late0 type veth peer name late1");
    REQUIRE(wires.wait_for([&] { return watching.last().present; }));
    CHECK(watching.last().reason == "interface late0 is administratively down");
}

TEST_CASE("carrier lost and back, down and up, a changed MAC are each told", "[HB-6]") {
    Wires wires;
    Watching watching{wires};
    ip("link set b0 down");
    REQUIRE(wires.wait_for([&] { return !watching.last().carrier; }));
    CHECK(watching.last().admin_up);
    CHECK(watching.last().reason == "interface a0 has no carrier");
    ip("link set b0 up");
    REQUIRE(wires.wait_for([&] { return watching.last().carrier; }));
    ip("link set a0 down");
    REQUIRE(wires.wait_for([&] { return !watching.last().admin_up; }));
    CHECK(watching.last().reason == "interface a0 is administratively down");
    ip("link set a0 up");
    REQUIRE(wires.wait_for([&] { return watching.last().carrier; }));
    ip("link set a0 address 02:00:00:00:00:77");
    REQUIRE(wires.wait_for([&] {
        return watching.last().mac == ha::MacAddress{{0x02, 0, 0, 0, 0, 0x77}};
    }));
}

TEST_CASE("an interface deleted, made again or renamed is followed by its name") {
    Wires wires;
    Watching watching{wires};
    const int first_index = watching.last().index;
    ip("link del a0");
    REQUIRE(wires.wait_for([&] { return !watching.last().present; }));
    ip("link add a0 type veth peer name b0");
    REQUIRE(wires.wait_for([&] { return watching.last().present; }));
    CHECK(watching.last().index != first_index);
    ip("link set a0 name x0");
    REQUIRE(wires.wait_for([&] { return !watching.last().present; }));
    ip("link set x0 name a0");
    REQUIRE(wires.wait_for([&] { return watching.last().present; }));
}

TEST_CASE("events lost in a storm are made up for") {
    Wires wires;
    Watching watching{wires};
    // Nobody reads meanwhile: the socket's buffer overflows.
    std::string batch;
    for (int number = 0; number < 400; ++number)
        batch += "link set b0 address 02:00:00:00:01:00\nlink set b0 address 02:00:00:00:01:01\n";
    ip("-batch - <<'EOF'\n" + batch + "link set a0 address 02:00:00:00:02:02\nEOF\n");
    REQUIRE(wires.wait_for([&] {
        return watching.last().mac == ha::MacAddress{{0x02, 0, 0, 0, 2, 2}};
    }));
    CHECK(watching.monitor.overruns() > 0);
    ip("link set a0 down");
    REQUIRE(wires.wait_for([&] { return !watching.last().admin_up; }));
}
