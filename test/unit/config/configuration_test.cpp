// A configuration as a value: places, order, loading whole or not at all, and what it says.
#include "libha/config/configuration.hpp"

#include <catch2/catch.hpp>

#include "libha/config/edit.hpp"
#include "libha/config/load.hpp"
#include "libha/config/module_line.hpp"
#include "libha/config/settings.hpp"

using namespace ha;
using namespace ha::config;
using records::Space;

namespace {

using Lines = std::vector<std::string>;

const std::string kEverything = R"(hostname n1000v
ha-pair id 10
vem 3
  host id 80c34566-7e89-b601-b4f9-001a64dc9054
snmp-server contact Operations, room 12
snmp-server location second floor
snmp-server community other rw
snmp-server community public group network-operator
snmp-server host 10.0.0.9 traps version 2c public
snmp-server host 10.0.0.10 traps version 2c public udp-port 2162
snmp-server enable traps sysmgr
system inter-sup-heartbeat time 10

interface mgmt0
  ip address 10.0.0.10/24

interface Ethernet3/2
  no shutdown

interface Ethernet3/10
  shutdown

interface Ethernet10/1
  shutdown

interface control0
  shutdown
logging logfile messages 6
logging level redundancy 5
logging server 9.0.0.1 4
logging server 10.0.0.7
svs-domain
  domain id 34
  control vlan 1
  packet vlan 4093
  svs mode L2
)";

std::string text_of(const Configuration& configuration) {
    std::string text;
    for (const std::string& line : configuration.print())
        text += line + "\n";
    return text;
}

Configuration typed(const Lines& lines) {
    Configuration configuration;
    std::string section;
    for (const std::string& line : lines) {
        INFO(line);
        const auto edited = edit(configuration, section, line);
        REQUIRE(edited);
        configuration.apply(edited->changes);
        section = edited->section.value_or(section);
    }
    return configuration;
}

}  // namespace

TEST_CASE("A text is taken on top of a configuration, whole or not at all", "[ANY-1]") {
    const auto base = load("hostname x\nha-pair id 3\nlogging server 10.0.0.7\n", "1").value();
    const auto merged = load(
        "version 0.9\nhostname y\nno ha-pair id\nsystem inter-sup-heartbeat time 9\n", "1", base);
    REQUIRE(merged);
    CHECK(text_of(*merged) ==
          "hostname y\nsystem inter-sup-heartbeat time 9\nlogging server 10.0.0.7\n");
    auto applied = base;
    applied.apply(changes_between(base, *merged));
    CHECK(applied == *merged);
    CHECK(changes_between(base, *merged).size() == 3);
    CHECK(changes_between(base, base).empty());
    CHECK(load("hostname y\nnonsense\n", "1", base).error() == Lines{"line 2: Invalid command"});
    CHECK(load("version 2\nhostname y\n", "1", base).error() ==
          Lines{"line 1: this is a configuration of version 2, newer than this program's 1"});
    const auto modules = load("vem 3\n host id 80c34566-7e89-b601-b4f9-001a64dc9054\n", "1", base);
    CHECK(changes_between(base, *modules).empty());
}

TEST_CASE("control0 and mgmt0 are never both shut down", "[ANY-1]") {
    const char* const why =
        "control0 and mgmt0 cannot both be shut down: the supervisors would not hear each other";
    auto one = load("interface mgmt0\n shutdown\n", "1").value();
    CHECK(edit(one, "interface control0", "shutdown").error() == why);
    CHECK(edit(one, "interface control0", "no shutdown"));
    CHECK(edit(one, "interface mgmt0", "shutdown"));
    CHECK(load("interface control0\n shutdown\ninterface mgmt0\n shutdown\n", "1").error() ==
          Lines{std::string("line 4: ") + why});
    CHECK(load("interface control0\n no shutdown\ninterface mgmt0\n shutdown\n", "1"));
}

TEST_CASE("A configuration is printed in one order, and loads as it was printed") {
    const auto configuration = load(kEverything, "0.1.0");
    REQUIRE(configuration);
    CHECK(text_of(*configuration) == kEverything);
}

TEST_CASE("The order of typing is not the order of printing") {
    const auto typed_one =
        typed({"svs-domain", "svs mode L2", "domain id 34", "interface control0", "hostname late",
               "interface ethernet 10/1", "shutdown", "interface Ethernet3/2", "no shutdown",
               "svs-domain", "domain id 7"});
    CHECK(typed_one.print() == Lines{"hostname late", "", "interface Ethernet3/2", "  no shutdown",
                                     "", "interface Ethernet10/1", "  shutdown", "",
                                     "interface control0", "svs-domain", "  domain id 7",
                                     "  svs mode L2"});
}

TEST_CASE("The procedure of the product's documents is taken as it is written there [OPS-1]") {
    const auto configuration =
        typed({"interface ethernet 3/1", "shutdown", "svcs-domain", "domain id 100"});
    CHECK(configuration.print() ==
          Lines{"", "interface Ethernet3/1", "  shutdown", "svs-domain", "  domain id 100"});
    CHECK(settings_of(configuration).domain == DomainId{100});
    CHECK(settings_of(configuration).ports_shut_down ==
          std::map<ModulePort, bool>{{{Slot{3}, 1}, true}});
}

TEST_CASE("A line of the top level leaves the section; the pair's number is also one's below it") {
    CHECK(edit({}, "interface control0", "hostname x").value().section == "");
    CHECK(!edit({}, "interface control0", "shutdown").value().section);
    CHECK(edit({}, "svs-domain", "interface mgmt0").value().section == "interface mgmt0");
    const auto pair = edit({}, "svs-domain", "ha-pair id 10").value();
    REQUIRE(pair.changes.size() == 1);
    CHECK(pair.changes[0].key.name == "ha-pair id");
    CHECK(!pair.section);
}

TEST_CASE("A line of a section that is gone brings its header back") {
    const auto edited = edit({}, "interface Ethernet3/1", "shutdown").value();
    Configuration configuration;
    configuration.apply(edited.changes);
    CHECK(configuration.print() == Lines{"", "interface Ethernet3/1", "  shutdown"});
}

TEST_CASE("A text loads whole or not at all, and every wrong line is named [ANY-1]") {
    const auto loaded = load(
        "version 0.1.0\nhostname good\nsystem inter-sup-heartbeat time 31\n"
        "interface ethernet 3/1\n  shut\n  ip address 10.0.0.1/24\nnonsense\n",
        "0.1.0");
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error() == Lines{"line 3: Invalid number, range is (6:30)",
                                  "line 5: Invalid command", "line 6: Invalid command",
                                  "line 7: Invalid command"});
    std::string many;
    for (int line = 0; line < 1000; ++line)
        many += "nonsense\n";
    CHECK(load(many, "0.1.0").error().size() == kMaximumErrors);
    const std::string endless(kMaximumConfiguration + 1, '!');
    CHECK(load(endless, "0.1.0").error().front().find("at most") != std::string::npos);
}

TEST_CASE("Comments, blank lines and the ends of lines of other systems are no commands") {
    const auto loaded =
        load("!Command: show running-config\n\n! x\nversion 0.0.9\r\nhostname x\r\n", "0.1.0");
    REQUIRE(loaded);
    CHECK(loaded->print() == Lines{"hostname x"});
    CHECK(load("", "0.1.0").value().empty());
}

TEST_CASE("A configuration of a newer version is refused with both versions [ANY-1]") {
    CHECK(load("version 0.2.0\nhostname x\n", "0.1.9").error() ==
          Lines{"line 1: this is a configuration of version 0.2.0, newer than this program's "
                "0.1.9"});
    CHECK(load("version 4.2(1)SV1(5.1)", "4.2(1)SV1(5.1)"));
    CHECK_FALSE(load("version 4.2(1)SV1(5.2)", "4.2(1)SV1(5.1)"));
    CHECK(load("version 4.0(4)SV1(1)", "4.2(1)SV1(5.1)"));
    CHECK(load("version 9\x1b[2J", "1").error() ==
          Lines{"line 1: Invalid character in column 10: a configuration is printable ASCII"});
    CHECK(load("version 9\tx", "1").error() ==
          Lines{"line 1: this is a configuration of version 9, newer than this program's 1"});
    CHECK(load("version", "1").error() == Lines{"line 1: 'version' names no version"});
}

TEST_CASE("A configuration lives in records, and takes no more changes than it needs") {
    records::Database database;
    const auto configuration = load(kEverything, "0.1.0").value();
    database.apply(configuration.changes_to(database, Space::running_configuration));
    CHECK(Configuration::of(database, Space::running_configuration) == configuration);
    CHECK(Configuration::of(database, Space::startup_configuration).empty());
    CHECK(*database.find({Space::running_configuration, "svs-domain\ndomain id"}) ==
          "domain id 34");
    auto other = configuration;
    other.apply(edit(other, "svs-domain", "domain id 35").value().changes);
    other.apply(edit(other, "", "no ha-pair id").value().changes);
    const auto changes = other.changes_to(database, Space::running_configuration);
    CHECK(changes.size() == 2);
    database.apply(changes);
    CHECK(Configuration::of(database, Space::running_configuration) == other);
}

TEST_CASE("A line that a newer program wrote is kept and shown") {
    records::Database database;
    database.apply({{{Space::running_configuration, "port-profile x"}, "port-profile x"},
                    {{Space::running_configuration, "svs-domain\nsomething"}, "something new"},
                    {{Space::running_configuration, "svs-domain\ndomain id"}, "domain id 3"}});
    const auto configuration = Configuration::of(database, Space::running_configuration);
    CHECK(configuration.print() ==
          Lines{"svs-domain", "  domain id 3", "  something new", "port-profile x"});
    CHECK(settings_of(configuration).domain == DomainId{3});
}

TEST_CASE("What a configuration says") {
    const auto settings = settings_of(load(kEverything, "0.1.0").value());
    CHECK(settings.hostname == "n1000v");
    CHECK(settings.domain == DomainId{34});
    CHECK(settings.control_vlan == 1);
    CHECK(settings.packet_vlan == 4093);
    CHECK(settings.loss_interval == std::chrono::seconds(10));
    CHECK(settings.control == InterfaceSettings{true, "", 0});
    CHECK(settings.mgmt == InterfaceSettings{false, "10.0.0.10", 24});
    const auto& ports = settings.ports_shut_down;
    CHECK(ports.at({Slot{3}, 10}));
    CHECK(ports.at({Slot{10}, 1}));
    CHECK(std::ranges::count(ports, true, [](const auto& port) { return port.second; }) == 2);
    CHECK(settings.ha_pair == 10);
    REQUIRE(settings.modules.size() == 1);
    CHECK(settings.modules.at(Slot{3}).to_string() == "80c34566-7e89-b601-b4f9-001a64dc9054");
    CHECK(settings.logging.file == "messages");
    CHECK(settings.logging.file_severity == 6);
    CHECK(settings.logging.levels == std::map<std::string, unsigned>{{"redundancy", 5}});
    CHECK(settings.logging.servers ==
          std::vector<LoggingSettings::Server>{{"10.0.0.7", std::nullopt}, {"9.0.0.1", 4}});
    CHECK(settings.snmp.communities ==
          std::vector<SnmpSettings::Community>{{"other", true}, {"public", false}});
    CHECK(settings.snmp.hosts == std::vector<SnmpSettings::Host>{{"10.0.0.10", 2162, "public"},
                                                                 {"10.0.0.9", 162, "public"}});
    CHECK(settings.snmp.sends_service_traps);
    CHECK_FALSE(settings.snmp.sends_all_traps);
    CHECK(settings.snmp.contact == "Operations, room 12");
    CHECK(settings.snmp.location == "second floor");
    CHECK(settings_of({}) == Settings{});
}

TEST_CASE("A supervisor begins with its name, its domain and its interfaces") {
    const auto configuration = initial("switch", DomainId{100}, 0);
    CHECK(configuration.print() == Lines{"hostname switch", "", "interface mgmt0", "",
                                         "interface control0", "svs-domain", "  domain id 100",
                                         "  svs mode L2"});
    CHECK(load(text_of(initial("a", DomainId{1}, 260)), "1").value() ==
          initial("a", DomainId{1}, 260));
    CHECK(settings_of(initial("a", DomainId{1}, 260)).control_vlan == 260);
}

TEST_CASE("What a file says of modules is done to their table [VEM-1]") {
    using What = ModuleLine::What;
    const Uuid one{{1}};
    const Uuid two{{2}};
    const auto known = with_modules({}, {{Slot{3}, one}, {Slot{4}, two}});
    const auto asked = [&](const std::string& text) {
        return module_lines_between(known, load(text, "1", known).value());
    };
    const auto fault = [](const std::string& text) {
        return module_fault(load(text, "1").value());
    };
    const std::string of_one = "  host id " + one.to_string() + "\n";
    const std::string of_two = "  host id " + two.to_string() + "\n";
    CHECK(asked("hostname x\n").empty());
    CHECK(asked("vem 3\n" + of_one).empty());
    CHECK(asked("no vem 4\nvem 9\n" + of_two) ==
          std::vector<ModuleLine>{{What::release, Slot{4}, {}}, {What::reserve, Slot{9}, two}});
    CHECK(asked("vem 3\n" + of_two + "vem 4\n" + of_one) ==
          std::vector<ModuleLine>{{What::reserve, Slot{3}, two}, {What::reserve, Slot{4}, one}});
    CHECK(fault("vem 3\n" + of_one + "vem 4\n" + of_two).empty());
    CHECK(fault("vem 3\n" + of_two + "vem 4\n" + of_two) ==
          "Host " + two.to_string() + " stands under vem 3 and under vem 4");
}

TEST_CASE("Modules are shown with their hosts in place of those that were written down [VEM-1]") {
    const auto uuid = Uuid::parse("c0c2ea8e-0000-0000-0000-001a64dc9054").value();
    auto configuration = load("vem 3\n  host id 80c34566-7e89-b601-b4f9-001a64dc9054\n", "1");
    CHECK(
        with_modules(*configuration, {{Slot{10}, uuid}, {Slot{4}, uuid}}).print() ==
        Lines{"vem 4", "  host id " + uuid.to_string(), "vem 10", "  host id " + uuid.to_string()});
}
