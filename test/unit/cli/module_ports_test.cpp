// Ports of modules on the screen and as data: what the module reports, and what is configured.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "libha/config/load.hpp"
#include "test/unit/cli/snapshots.hpp"

using namespace ha;
using namespace ha::cli;
using namespace ha::cli::test;
using nlohmann::json;

namespace {

Context context_with(const std::string& name, const std::string& configuration = "hostname x\n") {
    auto context = situation(name);
    context.configuration.emplace();
    context.configuration->running = config::load(configuration, "1").value();
    return context;
}

std::string output_of(const std::string& command, const Context& context) {
    const auto result = execute(command, context);
    INFO(result.error);
    CHECK(result.exit_status == 0);
    return result.output;
}

}  // namespace

TEST_CASE("show interface brief has a line for each port of each module", "[VEM-8][cli]") {
    const auto context = context_with("pair-active");
    const std::string rule(80, '-');
    CHECK(
        output_of("show interface brief | begin Ethernet", context) ==
        "Ethernet        VLAN    Type Mode   Status  Reason                   Speed     Port\n"
        "Interface                                                                      Ch #\n" +
            rule +
            "\n"
            "Eth3/1          --      eth  --     down    Administratively down    --        --\n"
            "Eth3/2          --      eth  --     up      none                     --        --\n"
            "Eth3/3          --      eth  --     down    Link not connected       --        --\n"
            "Eth3/4          --      eth  --     down    No such port             --        --\n"
            "Eth4/1          --      eth  --     down    Module removed           --        --\n");
    const auto data = json::parse(output_of("show interface brief | json", context));
    const auto& rows = data.at("TABLE_ethernet").at("ROW_ethernet");
    REQUIRE(rows.size() == 5);
    CHECK(rows[0].at("configured") == "shutdown");
    CHECK(rows[0].at("as_configured") == true);
    CHECK(rows[0].at("age_ms") == 12000);
    CHECK(rows[1].at("configured").is_null());
    CHECK(rows[1].at("as_configured").is_null());
    CHECK(rows[3].at("as_configured") == false);
    CHECK(rows[4].at("age_ms") == 61000);
}

TEST_CASE("one port is shown with its reason and age", "[VEM-8][cli]") {
    const auto context = context_with("pair-active");
    CHECK(output_of("show interface ethernet 3/1", context) ==
          "Ethernet3/1 is down (Administratively down)\n"
          "  Since 12.0 s\n"
          "  Hardware: Ethernet, port 1 of module 3 on host host-a\n"
          "  Configured: shutdown\n");
    CHECK(output_of("show int eth3/2", context) ==
          "Ethernet3/2 is up\n"
          "  Since 2h 53m\n"
          "  Hardware: Ethernet, port 2 of module 3 on host host-a\n"
          "  Configured: nothing\n");
    CHECK(output_of("show interface ethernet 4/1", context) ==
          "Ethernet4/1 is down (Module removed)\n"
          "  Since 1m 01s\n"
          "  Hardware: Ethernet, port 1 of module 4 on host host-b\n"
          "  Configured: no shutdown\n"
          "  It is not as configured: the module has not done it, or not told\n");
    CHECK(execute("show interface ethernet 3/5", context).error ==
          "% Ethernet3/5 does not exist: No such port\n");
    CHECK(execute("show interface ethernet 9/1", context).error ==
          "% Ethernet9/1 does not exist: Module removed\n");
    CHECK(execute("show interface ethernet 3/249", context).error.find("(1:248)") !=
          std::string::npos);
}

TEST_CASE("a standby does not claim to know the ports", "[VEM-8][cli]") {
    auto context = context_with("pair-standby");
    context.snapshot.modules.configured_ports = {{Slot{3}, {wire::PortOrder::shutdown}}};
    const auto data = json::parse(output_of("show interface ethernet 3/1 | json", context));
    CHECK(data.at("state_rsn_desc") == "Known to the active");
    CHECK(data.at("as_configured").is_null());
}

TEST_CASE("without ports there is no table of them", "[VEM-8][cli]") {
    auto context = context_with("alone");
    context.snapshot.modules = {};
    CHECK(output_of("show interface brief", context).find("Ethernet") == std::string::npos);
    const auto data = json::parse(output_of("show interface brief | json", context));
    CHECK(data.at("TABLE_ethernet").at("ROW_ethernet").empty());
}

TEST_CASE("the lines of one port are shown", "[VEM-8][cli]") {
    const auto context =
        context_with("pair-active", "interface ethernet 3/1\nshutdown\ninterface ethernet 3/10\n");
    CHECK(output_of("show running-config interface ethernet 3/1", context) ==
          "interface Ethernet3/1\n  shutdown\n");
    CHECK(execute("show running-config interface ethernet 3/2", context).error ==
          "% Nothing is configured for Ethernet3/2\n");
}
