// `show interface …`: what the interfaces are, and why one is down.
#include <catch2/catch.hpp>

#include "test/unit/cli/snapshots.hpp"

using namespace ha;
using namespace ha::cli;
using namespace ha::cli::test;

namespace {

Context with_addresses(const std::string& name) {
    Context context = situation(name);
    context.configuration.emplace();
    context.addresses[index_of(PortKind::mgmt)] = {"10.0.0.10/24", "fd00::10/64"};
    return context;
}

std::string output_of(const std::string& line, const Context& context) {
    const auto result = execute(line, context);
    CHECK(result.error.empty());
    return result.output;
}

}  // namespace

TEST_CASE("The active shows its interfaces with their addresses", "[cli][SW-5]") {
    Context context = with_addresses("pair-active");
    context.snapshot.modules = {};
    const std::string text = output_of("show interface mgmt0", context);
    CHECK(text.starts_with("mgmt0 is up\nadmin state is up\n  Hardware: Ethernet, address: "));
    CHECK(text.find("  Internet Address is 10.0.0.10/24\n  Internet Address is fd00::10/64\n") !=
          std::string::npos);
    CHECK(output_of("show interface", context).find("\n\ncontrol0 is up\n") != std::string::npos);
    const std::string rule = std::string(80, '-') + "\n";
    CHECK(output_of("show interface brief", context) ==
          rule +
              "Port      VRF          Status IP Address                              Speed    "
              "MTU\n" +
              rule +
              "mgmt0     --           up     10.0.0.10                               --       --\n"
              "control0  --           up     --                                      --       "
              "--\n");
}

TEST_CASE("An interface that is shut down says so and has no address", "[cli][SW-5]") {
    Context context = with_addresses("pair-active");
    context.snapshot.ports[index_of(PortKind::mgmt)].link.admin_up = false;
    const std::string text = output_of("show interface mgmt0", context);
    CHECK(text.starts_with("mgmt0 is down (Administratively down)\nadmin state is down\n"));
    CHECK(text.find("Internet Address") == std::string::npos);
    const std::string data = output_of("show interface mgmt0 | json", context);
    for (const char* const part :
         {R"("interface":"mgmt0")", R"("state":"down")",
          R"("state_rsn_desc":"Administratively down")", R"("eth_ip_addr":null)"})
        CHECK(data.find(part) != std::string::npos);
    context.snapshot.ports[index_of(PortKind::mgmt)].link.present = false;
    CHECK(output_of("show interface mgmt0", context)
              .starts_with("mgmt0 is down (Interface missing)"));
}

TEST_CASE("A standby has no address", "[cli][SW-5]") {
    const Context context = with_addresses("pair-standby");
    CHECK(output_of("show interface mgmt0", context).find("Internet") == std::string::npos);
}
