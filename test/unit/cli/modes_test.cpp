// The modes of the configuration: what each takes, what it answers, where it leads, and who may.
#include "libha/cli/modes.hpp"

#include <catch2/catch.hpp>

#include "libha/cli/requests.hpp"
#include "libha/config/load.hpp"
#include "test/unit/cli/snapshots.hpp"

using namespace ha;
using namespace ha::cli;
using namespace ha::cli::test;
using namespace std::chrono_literals;

namespace {

Context configurable(const std::string& mode = {}, const std::string& name = "pair-active") {
    Context context = situation(name);
    context.mode = mode;
    context.configuration.emplace();
    context.configuration->features = {config::Feature::host_name, config::Feature::heartbeat,
                                       config::Feature::ha_pair,   config::Feature::domain,
                                       config::Feature::interface, config::Feature::module_port};
    context.configuration->running =
        config::load("hostname x\nsvs-domain\ndomain id 34\nsvs mode L2\n", "1").value();
    return context;
}

std::string error_of(const std::string& line, const Context& context) {
    const auto result = execute(line, context);
    CHECK(result.exit_status == 1);
    CHECK_FALSE(result.action);
    CHECK_FALSE(result.mode);
    return result.error;
}

void check_line(const std::string& mode, const std::string& typed, const std::string& section,
                const std::string& line) {
    INFO(typed);
    const auto result = execute(typed, configurable(mode));
    CHECK(result.error.empty());
    CHECK(result.action == Request{Configure{section, line}});
}

}  // namespace

TEST_CASE("A session walks into the configuration and out again", "[cli]") {
    const auto entered = execute("conf t", configurable());
    CHECK(entered.output == "Enter configuration commands, one per line.  End with CNTL/Z.\n");
    CHECK(entered.mode == "config");
    CHECK(execute("configure", configurable()).mode == "config");
    CHECK(execute("interface eth 3/1", configurable("config")).mode ==
          "config/interface Ethernet3/1");
    CHECK(execute("svcs-domain", configurable("config")).mode == "config/svs-domain");
    CHECK(execute("exit", configurable("config/svs-domain")).mode == "config");
    CHECK(execute("end", configurable("config/svs-domain")).mode == "");
    CHECK(execute("exit", configurable("config")).mode == "");
    CHECK(execute("hostname y", configurable("config/svs-domain")).mode == "config");
    CHECK(execute("interface mgmt0", configurable("config/svs-domain")).mode ==
          "config/interface mgmt0");
    CHECK_FALSE(execute("domain id 35", configurable("config/svs-domain")).mode);
}

TEST_CASE("The prompt shows the mode", "[cli]") {
    CHECK(prompt("switch", false, prompt_word("")) == "switch# ");
    CHECK(prompt("switch", false, prompt_word("config")) == "switch(config)# ");
    CHECK(prompt("switch", false, prompt_word("config/svs-domain")) ==
          "switch(config-svs-domain)# ");
    CHECK(prompt("switch", false, prompt_word("config/interface Ethernet3/1")) ==
          "switch(config-if)# ");
    CHECK(prompt("switch", true, prompt_word("nonsense")) == "switch(standby)# ");
}

TEST_CASE("Lines are written out in full for the supervisor", "[cli]") {
    check_line("config", "sys inter time 10", "", "system inter-sup-heartbeat time 10");
    check_line("config", "no host", "", "no hostname");
    check_line("config", "int e3/1", "", "interface ethernet 3/1");
    check_line("config", "int Ethernet3/1", "", "interface ethernet 3/1");
    check_line("config/interface Ethernet3/1", "shut", "interface Ethernet3/1", "shutdown");
    check_line("config/interface Ethernet3/1", "no shut", "interface Ethernet3/1", "no shutdown");
    check_line("config/interface mgmt0", "ip add 10.0.0.1/24", "interface mgmt0",
               "ip address 10.0.0.1/24");
    check_line("config/svs-domain", "dom id 7", "svs-domain", "domain id 7");
    check_line("config/svs-domain", "ha-pair id 10", "svs-domain", "ha-pair id 10");
}

TEST_CASE("Files are named on their own and never by a path", "[ANY-1][cli]") {
    CHECK(execute("copy running-config bootflash:a-1.cfg", configurable()).action ==
          Request{CopyRunningToFile{"a-1.cfg"}});
    CHECK(execute("copy run bootflash:///x", configurable("config")).action ==
          Request{CopyRunningToFile{"x"}});
    CHECK(execute("copy x.cfg run", configurable()).action == Request{CopyFileToRunning{"x.cfg"}});
    CHECK(execute("copy run start", configurable()).action == Request{CopyRunningToStartup{}});
    for (const char* name : {"../x", "/etc/passwd", "bootflash:a/b", "bootflash:", ".x", "-x"})
        CHECK(error_of("copy running-config " + std::string(name), configurable())
                  .find("names no file: bootflash: and letters") != std::string::npos);
    auto standby = configurable({}, "pair-standby");
    CHECK(error_of("copy x.cfg running-config", standby) ==
          "% The configuration is changed on the active supervisor only\n");
    CHECK(execute("copy running-config x.cfg", standby).action);
    auto looker = configurable();
    looker.may_change = false;
    CHECK(error_of("copy running-config x.cfg", looker) == "% Permission denied for the role\n");
    looker.configuration->files = {{"x.cfg", 1234, WallTime{1344448884s}}};
    CHECK(
        execute("dir", looker).output ==
        "       1234    Aug  8 18:01:24 2012  x.cfg\n\nUsage for bootflash:\n  1234 bytes used\n");
    CHECK(execute("dir bootflash: | json", looker).output ==
          R"({"TABLE_dir":{"ROW_dir":[{"fsize":1234,"timestring":"Aug  8 18:01:24 2012",)"
          R"("fname":"x.cfg"}]},"bytesused":1234})"
          "\n");
}

TEST_CASE("What is refused on purpose is known to the accounting log", "[cli][SW-2]") {
    const auto refused = execute("system switchover", configurable({}, "alone"));
    CHECK(refused.exit_status == 1);
    CHECK_FALSE(refused.action);
    CHECK(refused.refused == Request{Action::switchover});
    CHECK(command_of(*refused.refused) == "system switchover");
    CHECK_FALSE(execute("show nonsense", configurable()).refused);
}

TEST_CASE("A line that changes nothing asks nobody", "[cli]") {
    const auto result = execute("hostname x", configurable("config"));
    CHECK(result.exit_status == 0);
    CHECK_FALSE(result.action);
}

TEST_CASE("EXEC commands work in every mode", "[cli]") {
    for (const char* mode : {"config", "config/svs-domain", "config/interface Ethernet3/1"}) {
        CHECK(execute("show clock", configurable(mode)).output ==
              execute("show clock", configurable()).output);
        CHECK(execute("show running-config | include domain", configurable(mode)).output ==
              "svs-domain\n  domain id 34\n");
        const auto copied = execute("copy run start", configurable(mode));
        CHECK(copied.action == Request{CopyRunningToStartup{}});
        CHECK(copied.output == "[########################################] 100%\n");
        CHECK_FALSE(copied.mode);
    }
}

TEST_CASE("Errors point to where a line is wrong, in every mode", "[ANY-1][cli]") {
    CHECK(error_of("shutdown", configurable("config")) ==
          "shutdown\n^\n% Invalid command at '^' marker.\n");
    CHECK(error_of("system inter-sup-heartbeat time 31", configurable("config")) ==
          "system inter-sup-heartbeat time 31\n                                ^\n"
          "% Invalid number, range is (6:30) at '^' marker.\n");
    CHECK(error_of("control vlan 4000", configurable("config/svs-domain")) ==
          "control vlan 4000\n             ^\n"
          "% Invalid number, range is (1:3967,4048:4093) at '^' marker.\n");
    CHECK(error_of("hostname", configurable("config/svs-domain")) ==
          "hostname\n        ^\n% Incomplete command at '^' marker.\n");
    CHECK(error_of("ip address 10.0.0.300/24", configurable("config/interface mgmt0")) ==
          "ip address 10.0.0.300/24\n           ^\n% Invalid ip address at '^' marker.\n");
    CHECK(error_of("interface ethernet 2/1", configurable("config")).find("range is (3:66)") !=
          std::string::npos);
    CHECK(error_of("svs mode L3", configurable("config/svs-domain")) ==
          "% svs mode L3 is not supported: supervisors and modules talk over layer 2\n");
    CHECK(error_of("hostname caf\xc3\xa9", configurable("config"))
              .starts_with("% Invalid character in column 13"));
    CHECK(error_of("hostname x | count", configurable("config")).find("% Invalid command") !=
          std::string::npos);
}

TEST_CASE("Help and completion are those of the mode", "[cli]") {
    const auto help = execute("?", configurable("config/svs-domain")).output;
    for (const char* word : {"domain", "control", "packet", "exit", "end", "show", "no"})
        CHECK(help.find("  " + std::string(word) + " ") != std::string::npos);
    CHECK(help.find("hostname") == std::string::npos);
    CHECK(execute("domain id ?", configurable("config/svs-domain")).output ==
          "  <1-4095>  Domain ID\n");
    CHECK(execute("hostname ?", configurable("config/svs-domain")).output ==
          "  WORD  Name of this system\n");
    CHECK(execute("no \t", configurable("config/interface Ethernet3/1")).output == "shutdown\n");
    CHECK(execute("interface \t", configurable("config")).output == "control0\nethernet\nmgmt0\n");
    CHECK(execute("ip address \t", configurable("config/interface mgmt0")).output.empty());
}

TEST_CASE("Without a configuration there are no commands for it", "[cli]") {
    const Context context = situation("pair-active");
    for (const char* line : {"configure terminal", "show running-config", "write erase",
                             "copy running-config startup-config", "show accounting log"})
        CHECK(execute(line, context).error.find("% Invalid command") != std::string::npos);
}

TEST_CASE("Only what the supervisor obeys is listed and taken", "[cli]") {
    auto context = configurable("config");
    CHECK(error_of("logging server 10.0.0.1", context).find("% Invalid command") !=
          std::string::npos);
    context.configuration->features = {config::Feature::host_name};
    CHECK(execute("no \t", context).output == "hostname\nswitchname\n");
    CHECK(error_of("interface mgmt0", context).find("% Invalid command") != std::string::npos);
}

TEST_CASE("A standby's configuration is its active's", "[SW-6][cli]") {
    const auto standby = configurable("", "pair-standby");
    const std::string refusal = "% The configuration is changed on the active supervisor only\n";
    CHECK(error_of("configure terminal", standby) == refusal);
    CHECK(error_of("copy running-config startup-config", standby) == refusal);
    CHECK(error_of("write erase", standby) == refusal);
    CHECK(error_of("hostname y", configurable("config", "pair-standby")) == refusal);
    CHECK(execute("show running-config", standby).exit_status == 0);
    CHECK(execute("end", configurable("config", "pair-standby")).mode == "");
}

TEST_CASE("Who may only look is refused everything else", "[ANY-1][cli]") {
    auto operators = configurable();
    operators.may_change = false;
    std::size_t refused = 0;
    for (const std::string command :
         {"configure terminal", "copy running-config startup-config", "write erase", "reload",
          "clear system redundancy peer-mac"}) {
        CHECK(error_of(command, operators) == "% Permission denied for the role\n");
        ++refused;
    }
    CHECK(refused == 5);
    auto inside = configurable("config");
    inside.may_change = false;
    CHECK(error_of("hostname y", inside) == "% Permission denied for the role\n");
    for (const char* command : {"show module", "show running-config", "show accounting log",
                                "terminal length 0", "exit", ""})
        CHECK(execute(command, operators).exit_status == 0);
    CHECK(execute("end", inside).mode == "");
}

TEST_CASE("A place is a printable path, and nothing else is one", "[ANY-1][cli]") {
    CHECK_FALSE(place_of("").configuring);
    CHECK(place_of("config").configuring);
    CHECK(place_of("config/interface ethernet 3/1").section == "interface Ethernet3/1");
    for (const char* path : {"config/", "configx", "config/hostname x", "config/no svs-domain",
                             "config/interface Ethernet2/1", "config/vem 3/x", "/", "Config"})
        CHECK_FALSE(place_of(path).configuring);
    CHECK_FALSE(place_of("config/" + std::string(100000, 'x')).configuring);
}

TEST_CASE("The configuration is shown, saved, compared and accounted for", "[SW-4][cli]") {
    auto context = configurable();
    CHECK(execute("show startup-config", context).output == "No startup configuration\n");
    CHECK(execute("show running-config", context)
              .output.starts_with("!Command: show running-config\n!Time: "));
    context.configuration->startup = context.configuration->running;
    CHECK(execute("show running-config diff", context).output.empty());
    context.configuration->startup = config::load("hostname old\n", "1").value();
    CHECK(execute("show run diff", context).output.starts_with("*** Startup-config\n"));
    context.configuration->accounting.push_back(
        {WallTime{std::chrono::milliseconds(1344448884250)}, "admin", "console0", "reload", true});
    CHECK(execute("show accounting log", context).output ==
          "Wed Aug  8 18:01:24 2012:type=update:id=console0:user=admin:cmd=reload (SUCCESS)\n");
    CHECK(execute("show accounting log | json", context).output.find("\"user\":\"admin\"") !=
          std::string::npos);
    CHECK(execute("write erase", context).action == Request{EraseStartup{}});
}

TEST_CASE("A change is plain when it needs nothing but the state and the lines", "[cli]") {
    const auto [line, mode, plain] = GENERATE(table<std::string, std::string, bool>({
        {"hostname y", "config", true},
        {"host y", "config", true},
        {"no hostname y", "config/svs-domain", true},
        {"domain id 7", "config/svs-domain", true},
        {"svs-domain", "config", true},
        {"snmp-server contact somebody else", "config", true},
        {"shutdown", "config/interface Ethernet3/1", true},
        {"copy running-config startup-config", "", true},
        {"copy r s", "config", true},
        {"write erase", "", true},
        // Interfaces of this host, modules and files are looked at.
        {"interface mgmt0", "config", false},
        {"shutdown", "config/interface mgmt0", false},
        {"ip address 10.0.0.1/24", "config/interface control0", false},
        {"vem 3", "config", false},
        {"no vem 3", "config", false},
        {"host id 11111111-2222-3333-4444-555555555555", "config/vem 3", false},
        {"copy bootflash:x running-config", "", false},
        {"copy running-config bootflash:x", "", false},
        // No change, or more than one command.
        {"hostname y", "", false},
        {"copy running-config startup-config", "attached", false},
        {"write erase", "attached", false},
        {"hostname y | json", "config", false},
        {"hostname ?", "config", false},
        {"hostname\t", "config", false},
        {"hostname", "config", false},
        {"show version", "config", false},
        {"exit", "config", false},
        {"configure terminal", "", false},
        {"reload", "", false},
        {"", "config", false},
        {"! hostname y", "config", false},
        {"hostname " + std::string(kMaximumLine, 'y'), "config", false},
    }));
    INFO(line << " in " << mode);
    CHECK(is_plain_change(line, mode) == plain);
}

// It is answered with less of a context, and must come out the same.
TEST_CASE("A plain change is answered alike without the rest of the context", "[cli]") {
    const auto [line, mode] = GENERATE(table<std::string, std::string>({
        {"hostname y", "config"},
        {"hostname x", "config"},
        {"domain id 35", "config/svs-domain"},
        {"svcs-domain", "config"},
        {"copy running-config startup-config", ""},
        {"write erase", ""},
    }));
    const auto situation_name = GENERATE("pair-active", "pair-standby");
    INFO(line << " of " << situation_name);
    REQUIRE(is_plain_change(line, mode));
    Context whole = configurable(mode, situation_name);
    whole.configuration->features = obeyed_features();
    Context less;
    less.mode = mode;
    less.snapshot.pair.state = whole.snapshot.pair.state;
    less.configuration.emplace();
    less.configuration->features = obeyed_features();
    less.configuration->running = whole.configuration->running;
    const auto expected = execute(line, whole);
    const auto found = execute(line, less);
    CHECK(found.output == expected.output);
    CHECK(found.error == expected.error);
    CHECK(found.action == expected.action);
    CHECK(found.mode == expected.mode);
    CHECK(found.exit_status == expected.exit_status);
}
