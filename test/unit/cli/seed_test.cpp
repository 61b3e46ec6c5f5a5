// The examples of the product's documents, to the character.
#include <catch2/catch.hpp>

#include "test/unit/cli/snapshots.hpp"

using namespace ha::cli;
using namespace ha::cli::test;

TEST_CASE("a role collision looks as in the document's example", "[COL-1][cli]") {
    auto context = situation("collisions");
    context.snapshot.pair.collisions_overwritten = 0;
    CHECK(execute("show system redundancy status", context).output ==
          R"(Redundancy role
-----
      administrative:  secondary
      operational:    secondary

Redundancy mode
-----
      administrative:  HA
      operational:    HA

This supervisor (sup-2)
-----
      Redundancy state:  Active
      Supervisor state:  Active
      Internal state:   Active with HA standby

Other supervisor (sup-1)
-----
      Redundancy state:  Standby
      Supervisor state:  HA standby
      Internal state:   HA standby

WARNING! Conflicting sup-2(s) detected in same domain
-----
      MAC                Latest Collision Time
00:50:56:97:02:3b      2012-Sep-11 18:59:17
00:50:56:97:02:3c      2012-Sep-11 18:59:17
00:50:56:97:02:2f      2012-Sep-11 18:57:42
00:50:56:97:02:35      2012-Sep-11 18:57:46
00:50:56:97:02:29      2012-Sep-11 18:57:36
00:50:56:97:02:30      2012-Sep-11 18:57:42
00:50:56:97:02:36      2012-Sep-11 18:57:46
00:50:56:97:02:2a      2012-Sep-11 18:57:36

NOTE: Please run the same command on sup-1 to check for conflicting(if any) sup-1(s) in the same domain.
)");
    context.snapshot.pair.collisions.clear();
    const auto output = execute("show system redundancy status", context).output;
    CHECK(output.find("WARNING") == std::string::npos);
    CHECK(output.find("NOTE") == std::string::npos);
}

TEST_CASE("an overwritten collision entry shows", "[COL-1][cli]") {
    const auto output = execute("show system redundancy status", situation("collisions")).output;
    CHECK(output.find("\nEntries overwritten: 1, the latest that of 00:50:56:97:02:28 at "
                      "2012-Sep-11 18:59:17\n") != std::string::npos);
}

TEST_CASE("a supervisor of another wire version shows", "[cli][version][BOOT-4]") {
    auto context = situation("alone");
    auto& other = context.snapshot.pair.other_version.emplace();
    other.version = 2;
    other.mac = *ha::MacAddress::parse("00:50:56:97:02:28");
    const auto output = execute("show system redundancy status", context).output;
    CHECK(output.find("\nWARNING! sup-2 at 00:50:56:97:02:28 speaks wire version 2, this "
                      "supervisor version 1\n") != std::string::npos);
}

TEST_CASE("a standalone supervisor looks as in the document's example", "[ROLE-1][ROLE-4][cli]") {
    CHECK(execute("show system redundancy status", situation("standalone")).output ==
          R"(Redundancy role
-----
      administrative:  standalone
      operational:    standalone

Redundancy mode
-----
      administrative:  HA
      operational:    None

This supervisor (sup-1)
-----
      Redundancy state:  Active
      Supervisor state:  Active
      Internal state:    Active with no standby

Other supervisor (sup-2)
-----
      Redundancy state:  Not present
)");
}

TEST_CASE("a primary without a standby looks as in the document's example", "[ROLE-2][cli]") {
    CHECK(execute("show system redundancy status", situation("alone")).output ==
          R"(Redundancy role
-----
      administrative:  primary
      operational:    primary

Redundancy mode
-----
      administrative:  HA
      operational:    None

This supervisor (sup-1)
-----
      Redundancy state:  Active
      Supervisor state:  Active
      Internal state:   Active with no standby

Other supervisor (sup-2)
-----
      Redundancy state:  Not present
)");
}

TEST_CASE("both supervisors active look as in the gateway's example", "[SB-1][cli]") {
    const auto output = execute("show redundancy status", situation("split-brain")).output;
    CHECK(output.find("Other supervisor (sup-2)\n-----\n"
                      "      Redundancy state:  Active\n"
                      "      Supervisor state:  Active\n"
                      "      Internal state:   Active with no standby\n") != std::string::npos);
    CHECK(output.find("      operational:    None\n") != std::string::npos);
}

TEST_CASE("a switchover without a standby that is ready is refused as in the documents",
          "[SW-2][cli]") {
    for (const char* name : {"pair-standby", "alone", "syncing", "split-brain", "booting",
                             "standalone", "switching-over"}) {
        const auto refused = execute("system switchover", situation(name));
        CHECK_FALSE(refused.action);
        CHECK(refused.exit_status == 1);
        CHECK(refused.output.empty());
        CHECK(refused.error == "Failed to switchover (standby not ready to takeover in vdc 1)\n");
    }
    const auto accepted = execute("system switchover", situation("pair-active"));
    CHECK(accepted.action == Request{Action::switchover});
    CHECK(accepted.exit_status == 0);
    CHECK(accepted.output.empty());
    CHECK(accepted.error.empty());
}

TEST_CASE("the role of a supervisor is asked for in the words of the documents", "[ROLE-2][cli]") {
    const auto context = situation("pair-active");
    const auto action = [&](const char* line) { return execute(line, context).action; };
    CHECK(action("system redundancy role standalone") == Request{Action::role_standalone});
    CHECK(action("system redundancy role primary") == Request{Action::role_primary});
    CHECK(action("system redundancy role secondary") == Request{Action::role_secondary});
    CHECK_FALSE(action("system redundancy role tertiary"));
    const auto shown = execute("show system redundancy status", situation("switching-over")).output;
    CHECK(shown.find("      administrative:  secondary\n      operational:    primary\n") !=
          std::string::npos);
    CHECK(shown.find("      Internal state:   HA switchover in progress\n") != std::string::npos);
}

TEST_CASE("only the owner's actions leave a command", "[cli]") {
    const auto context = situation("pair-standby");
    CHECK(execute("reload", context).action == Request{Action::reload});
    CHECK(execute("clear system redundancy peer-mac", context).action ==
          Request{Action::clear_peer_mac});
    CHECK_FALSE(execute("show module", context).action);
    CHECK_FALSE(execute("reload now", context).action);
    auto configured = situation("pair-active");
    configured.snapshot.pair.peer_mac_policy = ha::redundancy::PeerMacPolicy::fixed;
    const auto refused = execute("clear system redundancy peer-mac", configured);
    CHECK_FALSE(refused.action);
    CHECK(refused.exit_status == 1);
    CHECK(
        refused.error ==
        "% The MAC addresses of the other supervisor are configured (peer_mac: policy: static)\n");
}
