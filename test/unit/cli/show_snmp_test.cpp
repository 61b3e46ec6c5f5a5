// `show snmp`: what is configured, and what became of notifications.
#include <catch2/catch.hpp>

#include "libha/config/load.hpp"
#include "test/unit/cli/snapshots.hpp"

using namespace ha;
using namespace ha::cli;
using namespace ha::cli::test;

TEST_CASE("Contact, communities and hosts are shown with what was sent", "[cli][snmp]") {
    Context context = situation("pair-active");
    context.configuration.emplace();
    context.configuration->running = config::load(
                                         "snmp-server contact Operations\n"
                                         "snmp-server location second floor\n"
                                         "snmp-server community public ro\n"
                                         "snmp-server community other rw\n"
                                         "snmp-server enable traps sysmgr\n",
                                         "1")
                                         .value();
    context.configuration->snmp_hosts = {
        {"10.0.0.9", 162, "public", 12, 3, "Network is unreachable"}};
    const std::string rule = std::string(80, '-') + "\n";
    CHECK(execute("show snmp", context).output ==
          "sys contact: Operations\nsys location: second floor\ntraps: sysmgr\n\n"
          "Community                        Group\n"
          "---------                        -----\n"
          "other                            network-admin\n"
          "public                           network-operator\n\n" +
              rule +
              "Host             Port   Version  Level   Type  Sent      Not sent  SecName\n" +
              rule +
              "10.0.0.9         162    v2c      noauth  trap  12        3         public\n"
              "10.0.0.9 not sent: Network is unreachable\n");
    const std::string data = execute("show snmp | json", context).output;
    for (const char* const part :
         {R"("traps":"sysmgr")", R"("community_name":"public","grouporaccess":"network-operator")",
          R"("sent":12,"failed":3,"secname":"public","reason":"Network is unreachable")"})
        CHECK(data.find(part) != std::string::npos);
    context.configuration->running = {};
    CHECK(execute("show snmp", context).output.find("traps: disabled\n") != std::string::npos);
}
