// The operator's commands of a module, to the character, and the same as data.
#include "libvem/runtime/commands.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace vem::runtime;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

CommandContext attached() {
    CommandContext context;
    context.now = ha::Instant{1000s};
    context.started = ha::Instant{900s};
    context.version = "0.1.0";
    context.control_vlan = 260;
    context.control_interface = "control0";
    context.control_link = "up";
    context.incarnation = ha::Incarnation{0x0000000100000002};
    context.processors = 8;
    context.ports = {{"br0", true, ""},
                     {"eth8", true, "", {true, false, false, true, false}},
                     {"eth9", false, "the interface does not exist"}};
    context.log = {"first", "second", "third"};
    auto& module = context.snapshot;
    module.state = vem::module::State::attached;
    module.reason = "accepted by supervisor 1";
    module.since = ha::Instant{950s};
    module.module = ha::Slot{4};
    module.supervisor = ha::kPrimarySlot;
    module.supervisor_mac = ha::MacAddress{{2, 0, 0, 0, 1, 1}};
    module.last_heard = ha::Instant{999750ms};
    module.attached_since = ha::Instant{950s};
    module.domain = ha::DomainId{34};
    module.host = *ha::Uuid::parse("80c34566-7e89-b601-b4f9-001a64dc9054");
    module.host_name = "host-a";
    module.link = {true, true, true, ha::MacAddress{{2, 0, 0, 0, 4, 1}}, context.now};
    module.port_orders = {ha::wire::PortOrder::shutdown};
    module.drops[ha::wire::DropReason::foreign_domain] = 12;
    return context;
}

json json_of(const std::string& line, const CommandContext& context) {
    const auto result = execute(line, context);
    CHECK(result.exit_status == 0);
    return json::parse(result.output);
}

}  // namespace

TEST_CASE("show card prints the lines of the product", "[VEM-1][VEM-3]") {
    auto context = attached();
    CHECK(execute("show card", context).output ==
          "Card UUID type  2: 80c34566-7e89-b601-b4f9-001a64dc9054\n"
          "Card name: host-a\n"
          "Card domain: 34\n"
          "Card slot: 4\n"
          "VEM Tunnel Mode: L2 Mode\n"
          "VEM Control (AIPC) MAC: 02:00:00:00:04:01\n"
          "Primary VSM MAC : 02:00:00:00:01:01\n"
          "Standby VSM CTRL MAC : ff:ff:ff:ff:ff:ff\n"
          "Card control VLAN: 260\n"
          "Card Headless Mode : No\n"
          "       Processors: 8\n"
          "Heartbeat Set: True\n");
    context.snapshot.state = vem::module::State::headless;
    CHECK(execute("sh car | include Headless", context).output == "Card Headless Mode : Yes\n");
    CHECK(json_of("show card | json", context).at("headless") == "Yes");
}

TEST_CASE("show vem status carries every state with its age", "[VEM-2][VEM-3]") {
    const auto context = attached();
    const auto status = json_of("show vem status | json", context);
    CHECK(status.at("state") == "attached");
    CHECK(status.at("since_ms") == 50000);
    CHECK(status.at("supervisor") == 1);
    CHECK(status.at("last_heard_ms") == 250);
    CHECK(status.at("module") == 4);
    CHECK(status.at("control_link") == "up");
    CHECK(status.at("TABLE_drops").at("ROW_drops").at(0).at("reason") == "foreign-domain");
    CHECK(status.at("TABLE_ports").at("ROW_ports").at(2).at("ready") == false);
    const auto text = execute("show vem status", context).output;
    CHECK(text.find("  Last heard:             0.250 seconds ago\n") != std::string::npos);
    CHECK(text.find("  1      eth8            true   shutdown    down\n") != std::string::npos);
    CHECK(text.find("  2      eth9            false  -           missing  the interface does not "
                    "exist\n") != std::string::npos);

    CommandContext fresh;
    fresh.snapshot.reason = "no supervisor yet";
    CHECK(json_of("show vem status | json", fresh).at("supervisor").is_null());
}

TEST_CASE("show logging last shows the newest lines", "[ANY-1]") {
    const auto context = attached();
    CHECK(execute("show logging last 2", context).output == "second\nthird\n");
    CHECK(execute("show logging last 999", context).output == "first\nsecond\nthird\n");
    CHECK(execute("show logging last 0", context).exit_status != 0);
    CHECK(execute("show nonsense", context).error.find("% Invalid command at '^' marker.") !=
          std::string::npos);
    CHECK(execute("show", context).error.find("% Incomplete command") != std::string::npos);
}
