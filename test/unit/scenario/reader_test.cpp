// Reading scenarios: what a file says, its defaults, and that every mistake is told with its line
// and what is allowed (BEHAVIOUR ANY-1).
#include "libsim/scenario/reader.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace {

using namespace sim::scenario;
using namespace std::chrono_literals;

const std::string kHead = "description: >\n  One thing. Another thing.\ntags: [HB-3]\n";

Scenario read_all_of(const std::string& text) {
    auto scenario = read(text, "a/folder/a-scenario.yaml");
    if (!scenario) {
        for (const std::string& line : scenario.error())
            UNSCOPED_INFO(line);
    }
    REQUIRE(scenario);
    return *scenario;
}

std::vector<std::string> mistakes_in(const std::string& text) {
    const auto scenario = read(text, "f.yaml");
    return scenario ? std::vector<std::string>{} : scenario.error();
}

/// The steps of a file with this one step, and a lab.
Action action_of(const std::string& step, const std::string& lab = "{}") {
    const Scenario scenario = read_all_of(kHead + "lab: " + lab + "\nsteps:\n  - " + step + "\n");
    REQUIRE(scenario.steps.size() == 1);
    return scenario.steps[0].action;
}

Expectation expectation_of(const std::string& text) {
    return std::get<Expect>(action_of("expect: " + text)).expectations.at(0);
}

struct Mistake {
    std::string text;  ///< after kHead, which has three lines
    std::string told;  ///< how the one line begins after "f.yaml:"
};

void check_mistakes(const std::vector<Mistake>& mistakes) {
    for (const auto& [text, told] : mistakes) {
        INFO(text);
        const auto found = mistakes_in(kHead + text);
        REQUIRE(found.size() == 1);
        CHECK(found[0].substr(0, 7 + told.size()) == "f.yaml:" + told);
    }
}

/// One step in a lab without anything special; mistakes are told for line 5.
void check_step_mistakes(const std::vector<Mistake>& mistakes) {
    for (const auto& [step, told] : mistakes)
        check_mistakes({{"steps:\n  - " + step + "\n", "5: steps[0]" + told}});
}

}  // namespace

TEST_CASE("a scenario has a name, a description, tags and a lab with defaults", "[scenario]") {
    const Scenario scenario = read_all_of(kHead + "steps:\n  - start: vsm-a\n");
    CHECK(scenario.name == "a-scenario");
    CHECK(scenario.description == "One thing. Another thing.");
    CHECK(scenario.tags == std::vector<std::string>{"HB-3"});
    CHECK(scenario.lab == Lab{});
    CHECK(scenario.lab.vems == 3);
    CHECK(scenario.lab.seed == 1);
    CHECK((scenario.lab.worlds.sim && scenario.lab.worlds.lab));
    CHECK_FALSE(scenario.lab.ready);
    CHECK(units_of(scenario.lab) == Units{50ms, 150ms, 750ms});
}

TEST_CASE("a lab is what the file says", "[scenario]") {
    const Scenario scenario = read_all_of(kHead + R"(lab:
  vems: 1
  timers: nx-os
  multiplier: 6
  key: true
  domain: 7
  nodes: {vsm-a: {setup: {role: standalone}, authentication: null, list: [1, "x"]}}
  ready: [vsm-a, vem-9]
  slack_ms: 0
  seed: 42
  worlds: [sim]
expect_errors: [ROLE_COLLISION]
steps:
  - kill: vem-9
)");
    const Lab& lab = scenario.lab;
    CHECK(units_of(lab) == Units{1s, 6s, 15s});
    CHECK((lab.vems == 1 && lab.key && lab.domain == 7 && lab.slack_ms == 0 && lab.seed == 42));
    CHECK((lab.worlds.sim && !lab.worlds.lab));
    CHECK(*lab.ready == std::vector<std::string>{"vsm-a", "vem-9"});
    const Setting& settings = lab.nodes.at("vsm-a");
    CHECK(settings.find("setup.role")->scalar == "standalone");
    CHECK(settings.find("authentication")->kind == Setting::Kind::null);
    CHECK(settings.find("list")->items.size() == 2);
    CHECK(settings.find("setup.nothing") == nullptr);
    CHECK(scenario.expect_errors == std::vector<std::string>{"ROLE_COLLISION"});
    CHECK(units_of(with_timers(lab, Timers::fast)) == Units{50ms, 150ms, 750ms});
    CHECK(units_of(with_timers(lab, Timers::nx_os)) == units_of(lab));
}

TEST_CASE("steps know their lines, headings and times", "[scenario]") {
    const Scenario scenario = read_all_of(kHead + R"(steps:
  - say: First
  - at: 2T
    kill: [vsm-a, vem-3]
  - repeat:
      times: 3
      steps:
        - after: 500 ms
          start: vsm-a
  - all:
      - {node: vsm-a, state: HA standby}
      - {node: vsm-b, degraded: false}
)");
    REQUIRE(scenario.steps.size() == 4);
    CHECK(scenario.steps[0].say == "First");
    CHECK(std::holds_alternative<Nothing>(scenario.steps[0].action));
    CHECK(to_string(*scenario.steps[1].at) == "2T");
    CHECK(std::get<Signal>(scenario.steps[1].action) ==
          Signal{Signal::Kind::kill, {"vsm-a", "vem-3"}});
    const auto& repeat = std::get<Repeat>(scenario.steps[2].action);
    CHECK(repeat.times == 3);
    CHECK(repeat.steps.at(0).line.number == 11);
    CHECK(to_string(*repeat.steps[0].after) == "500 ms");
    const auto& both = std::get<Expect>(scenario.steps[3].action).expectations;
    REQUIRE(both.size() == 2);
    CHECK(both[1].line.number == 15);
    CHECK(scenario.steps[3].line.number == 13);
}

TEST_CASE("what is done to processes, hosts and clocks", "[scenario]") {
    CHECK(action_of("hang_up: vsm-a") == Action(Signal{Signal::Kind::hang_up, {"vsm-a"}}));
    const auto start = std::get<Start>(action_of("start: {node: vsm-c, config: {a: {b: 1}}}"));
    CHECK(start.nodes == std::vector<std::string>{"vsm-c"});
    CHECK(start.config->find("a.b")->scalar == "1");
    CHECK(action_of("power_off: {node: vsm-a}") == Action(PowerOff{"vsm-a", PowerOff::Disk::kept}));
    CHECK(action_of("power_off: {node: vsm-a, disk: torn}") ==
          Action(PowerOff{"vsm-a", PowerOff::Disk::torn}));
    CHECK(action_of("mend: everything") == Action(Mend{}));
    const std::string sim = "{worlds: [sim]}";
    CHECK(action_of("disk: {node: vem-3, full: false}", sim) == Action(Disk{"vem-3", false}));
    CHECK(action_of("clock: {node: vsm-a, drift_ppm: -250, step_ms: 1.5}", sim) ==
          Action(Clock{"vsm-a", -250, 1500us}));
}

TEST_CASE("what is done to cables and interfaces", "[scenario]") {
    CHECK(action_of("cut: {node: vsm-a, cable: all}") == Action(Cut{"vsm-a"}));
    CHECK(action_of("cut: {node: vsm-a, cable: mgmt, from: vsm-b, direction: in}") ==
          Action(Cut{"vsm-a", Cable::mgmt, Direction::in, false, "vsm-b"}));
    CHECK(action_of("cut: {node: vsm-a, cable: control, carrier: true}") ==
          Action(Cut{"vsm-a", Cable::control, Direction::both, true, ""}));
    CHECK(action_of("partition: {groups: [[vsm-a, vem-3], [vsm-b]], cable: all}") ==
          Action(Partition{{{"vsm-a", "vem-3"}, {"vsm-b"}}, Cable::all}));
    CHECK(action_of("loss: {node: vsm-a, cable: control, percent: 12.5, direction: out}") ==
          Action(Loss{"vsm-a", Cable::control, 125'000, Direction::out}));
    CHECK(action_of("delay: {node: vsm-a, cable: all, ms: 20, jitter_ms: 0.25, reorder: true}") ==
          Action(Delay{"vsm-a", Cable::all, 20ms, 250us, true, Direction::both}));
    CHECK(action_of("duplicate: {node: vsm-a, cable: all, percent: 100}") ==
          Action(Duplicate{"vsm-a", Cable::all, kCertain, Direction::both}));
    CHECK(action_of("corrupt: {node: vsm-a, cable: all, percent: 0.0001}") ==
          Action(Corrupt{"vsm-a", Cable::all, 1, Direction::both}));
    CHECK(action_of("wire_version: {node: vsm-a, cable: all, number: 2}") ==
          Action(WireVersion{"vsm-a", Cable::all, 2, Direction::both}));
    CHECK(action_of("plug: {node: vsm-a, cable: mgmt, mac: \"02:00:00:00:02:aa\"}") ==
          Action(Plug{"vsm-a", Cable::mgmt, *ha::MacAddress::parse("02:00:00:00:02:aa")}));
    CHECK(action_of("link: {node: vsm-a, cable: mgmt, up: false}") ==
          Action(Link{"vsm-a", Cable::mgmt, false}));
}

TEST_CASE("what operators and strangers do", "[scenario]") {
    CHECK(action_of("command: {node: vsm-a, run: show clock, exit: 1, print: true}") ==
          Action(Command{"vsm-a", {"show clock"}, 1, true}));
    CHECK(action_of("command: {node: vsm-a, run: [configure terminal, hostname x]}") ==
          Action(Command{"vsm-a", {"configure terminal", "hostname x"}}));
    CHECK(action_of("command: {node: vsm-a, run: reload, wait: false}") ==
          Action(Command{"vsm-a", {"reload"}, 0, false, false}));
    auto inject = std::get<Inject>(action_of("inject: {port: mgmt, to: vsm-a, hex: \"56 53ff\"}"));
    CHECK(inject.bytes == ha::wire::Bytes{0x56, 0x53, 0xff});
    CHECK((inject.port == ha::PortKind::mgmt && !inject.kind && inject.count == 1));
    inject =
        std::get<Inject>(action_of("inject: {port: control, to: vsm-a, kind: wrong-length, "
                                   "like: vsm-b, type: leaving, count: 9}"));
    CHECK((inject.kind == InjectKind::wrong_length && inject.like == "vsm-b" && inject.count == 9));
    CHECK(inject.type == ha::wire::FrameType::leaving);
    CHECK(action_of("ping: {name: v6, from: station, to: \"fd99::100\", interval_ms: 20}") ==
          Action(Ping{"v6", "station", "fd99::100", 20ms}));
}

TEST_CASE("expectations have a subject, a check and a time", "[scenario]") {
    auto one = expectation_of("{node: vsm-a, state: HA standby}");
    CHECK(one.subject == Subject(StatusIs{"vsm-a", StatusIs::Key::state, "HA standby"}));
    CHECK(one.watching == Watching{});
    CHECK(to_string(one.watching.time) == "2T");
    one = expectation_of("{node: vsm-a, module: 3, is: absent, never_for: H}");
    CHECK(one.subject == Subject(ModuleIs{"vsm-a", 3, "absent"}));
    CHECK(one.watching.mode == Watching::Mode::never_for);
    one = expectation_of("{node: any, log: \"6000\", since: start, not_before: T, within: 3T}");
    CHECK(one.subject == Subject(LogHas{"any", "6000", Since::start}));
    CHECK(to_string(*one.watching.not_before) == "T");
    one = expectation_of("{domain: whole, within: 6T}");
    CHECK(one.subject == Subject(DomainWhole{}));
    one = expectation_of("{node: vsm-a, command: show clock, path: \"a[b=c].d\", at_least: 2.5}");
    CHECK(one.subject ==
          Subject(CommandShows{"vsm-a", "show clock", "a[b=c].d", {Check::Kind::at_least, "2.5"}}));
    one = expectation_of("{frames: {port: control, to: vsm-b, type: gratuitous-arp}, equals: 0}");
    CHECK(one.subject == Subject(FramesSeen{ha::PortKind::control,
                                            "",
                                            "vsm-b",
                                            "gratuitous-arp",
                                            Since::action,
                                            {Check::Kind::equals, "0"}}));
    one = expectation_of("{node: vsm-a, address: free}");
    CHECK(one.subject == Subject(AddressIs{"vsm-a", false}));
    one = expectation_of("{node: vsm-a, process: not started}");
    CHECK(one.subject == Subject(ProcessIs{"vsm-a", ProcessIs::State::not_started}));
}

TEST_CASE("mistakes of a file and its lab are told with their lines", "[scenario]") {
    check_mistakes({
        {"steps: []\n", "4: steps: a list with one step or more"},
        {"steps: {}\n", "4: steps: a list with one step or more"},
        {"steps:\n  - 7\n", "5: steps[0]: a mapping (key: value) is expected here"},
        {"steps:\n  - start: vsm-a\nstepps: [1]\n",
         "6: stepps: unknown key (allowed: description, tags, lab, expect_errors, steps)"},
        {"steps:\n  - start: vsm-a\nsteps:\n  - start: vsm-a\n", "6: steps: given twice (first on"},
        {"lab: {vems: 65}\nsteps:\n  - start: vsm-a\n", "4: lab.vems: 65 is out of range (0..64)"},
        {"lab: {heartbeat_ms: 4}\nsteps:\n  - start: vsm-a\n",
         "4: lab.heartbeat_ms: 4 is out of range (5..1000)"},
        {"lab:\n  timers: slow\nsteps:\n  - start: vsm-a\n",
         "5: lab.timers: 'slow' is not one of: fast, nx-os"},
        {"lab: {timers: nx-os, heartbeat_ms: 50}\nsteps:\n  - start: vsm-a\n",
         "4: lab.heartbeat_ms: with nx-os timers"},
        {"lab: {timers: nx-os, multiplier: 31}\nsteps:\n  - start: vsm-a\n",
         "4: lab.multiplier: 31 is out of range with nx-os timers (6..30)"},
        {"lab: {key: yes}\nsteps:\n  - start: vsm-a\n",
         "4: lab.key: 'yes' is neither true nor false"},
        {"lab: {nodes: {vsm-1: {}}}\nsteps:\n  - start: vsm-a\n",
         "4: lab.nodes.vsm-1: 'vsm-1' is no node (vsm-a, vsm-b, vsm-c …, vem-3, vem-4 … vem-99)"},
        {"lab: {nodes: {vsm-a: 5}}\nsteps:\n  - start: vsm-a\n",
         "4: lab.nodes.vsm-a: a part of the node's configuration"},
        {"lab: {ready: yes}\nsteps:\n  - start: vsm-a\n", "4: lab.ready: 'ha' or a list"},
        {"lab: {ready: [vsm-a, vem-2]}\nsteps:\n  - start: vsm-a\n",
         "4: lab.ready[1]: 'vem-2' is no node"},
        {"lab: {worlds: [moon]}\nsteps:\n  - start: vsm-a\n",
         "4: lab.worlds[0]: 'moon' is not one of: sim, lab"},
        {"lab: {seed: -1}\nsteps:\n  - start: vsm-a\n", "4: lab.seed: -1 is out of range (0.."},
        {"expect_errors: [oops]\nsteps:\n  - start: vsm-a\n",
         "4: expect_errors[0]: 'oops' is not like ROLE_COLLISION"},
        {"expect_errors: []\nsteps:\n  - start: vsm-a\n", "4: expect_errors: the list is empty"},
    });
    CHECK(mistakes_in("") == std::vector<std::string>{"f.yaml: the file is empty"});
    CHECK(mistakes_in("steps:\n  - start: [vsm-b\n").at(0).find("this is not YAML") !=
          std::string::npos);
    CHECK(mistakes_in("description: One.\ntags: [HB-3]\nsteps:\n  - start: vsm-a\n").at(0) ==
          "f.yaml:1: description: has 1 sentences (2: what happens, and what must hold)");
    CHECK(mistakes_in("description: One. Two.\ntags: [XY-3]\nsteps:\n  - start: vsm-a\n").at(0) ==
          "f.yaml:2: tags[0]: 'XY-3' is not like HB-3 or PAIN-4");
    CHECK(mistakes_in("description: One. Two.\nsteps:\n  - start: vsm-a\n").at(0) ==
          "f.yaml:1: tags: is missing (a list of numbers like HB-3 or PAIN-4)");
}

TEST_CASE("mistakes of steps are told with their lines", "[scenario]") {
    check_mistakes({{"steps:\n  - cut:\n      node: vsm-a\n      cable: power\n",
                     "7: steps[0].cut.cable: 'power' is not one of: control, mgmt, all"},
                    {"steps:\n  - start: vsm-a\n    stop: vsm-b\n",
                     "6: steps[0].stop: a step does one thing (start or stop)"}});
    check_step_mistakes({
        {"strat: vsm-a",
         ".strat: unknown key (allowed: start, stop, kill, freeze, thaw, hang_up, crash, "},
        {"{}", ": a step does one thing, and this one nothing"},
        {"start: vsm-1", ".start: 'vsm-1' is no node (vsm-a, "},
        {"start: []", ".start: the list is empty (one node or more)"},
        {"start: [vsm-a, vsm-a]", ".start[1]: 'vsm-a' is given twice"},
        {"start: {node: vsm-a, config: 7}", ".start.config: a part of the node's configuration"},
        {"start: {config: {}}", ".start.node: is missing (vsm-a"},
        {"kill: vsm-c",
         ".kill: the lab has no vsm-c here (lab.vems is 3; 'start' plugs a node in)"},
        {"stop: {node: vsm-a}", ".stop: a single value is expected here"},
        {"cut: {node: vsm-a, cabel: control, cable: all}",
         ".cut.cabel: unknown key (allowed: node, cable, direction, carrier, from)"},
        {"cut: vsm-a", ".cut: a mapping (key: value) is expected here, not a single value"},
        {"cut: {node: vsm-a, cable: all, carrier: true, direction: in}",
         ".cut.carrier: a lost carrier is lost in both directions"},
        {"cut: {node: vsm-a, cable: all, from: vsm-a}", ".cut.from: 'vsm-a' is the node itself"},
        {"cut: {node: vsm-a, cable: all, from: vsm-b, carrier: true}",
         ".cut.carrier: a cut between two nodes takes nobody's carrier"},
        {"partition: {groups: [[vsm-a]], cable: all}", ".partition.groups: two lists of nodes"},
        {"partition: {groups: [[vsm-a], [vsm-b, vsm-a]], cable: all}",
         ".partition.groups[1]: 'vsm-a' is in two groups"},
        {"partition: {groups: [[vsm-a], [vsm-1]], cable: all}",
         ".partition.groups[1].nodes[0]: 'vsm-1' is no node"},
        {"heal: everything", ".heal: a mapping (key: value) is expected here"},
        {"mend: all", ".mend: 'all' is not one of: everything"},
        {"loss: {node: vsm-a, cable: all, percent: 101}",
         ".loss.percent: 101 is out of range (0..100)"},
        {"loss: {node: vsm-a, cable: all, percent: much}",
         ".loss.percent: 'much' is not a number with at most 4 decimals (0..100)"},
        {"loss: {node: vsm-a, cable: all}", ".loss.percent: is missing (0..100)"},
        {"delay: {node: vsm-a, cable: all, ms: 60001}",
         ".delay.ms: 60001 is out of range (0..60000)"},
        {"delay: {node: vsm-a, cable: all, ms: 1, reorder: true}",
         ".delay.reorder: without 'jitter_ms' nothing changes the order"},
        {"plug: {node: vsm-a, cable: all, mac: \"02:00:00:00:01:aa\"}",
         ".plug.mac: two interfaces cannot have one MAC"},
        {"plug: {node: vsm-a, cable: mgmt, mac: \"03:00:00:00:01:aa\"}",
         ".plug.mac: '03:00:00:00:01:aa' is not the MAC address of one node"},
        {"plug: {node: vsm-a, cable: mgmt, mac: here}", ".plug.mac: 'here' is not a MAC address: "},
        {"link: {node: vsm-a, cable: mgmt}", ".link.up: is missing (true or false)"},
        {"power_off: {node: vsm-a, disk: burnt}",
         ".power_off.disk: 'burnt' is not one of: kept, lost, torn"},
        {"disk: {node: vsm-a, full: true}",
         ".disk: a full disk is for simulated hosts only (say so: lab: {worlds: [sim]})"},
        {"clock: {node: vsm-a, drift_ppm: 5}", ".clock: a clock of its own is for simulated hosts"},
        {"command: {node: vsm-a, run: show clock, exit: 256}",
         ".command.exit: 256 is out of range (0..255)"},
        {"command: {node: vsm-a}", ".command.run: is missing (a command line)"},
        {"command: {node: vsm-a, run: []}", ".command.run: the list is empty (a command line or"},
        {"command: {node: vsm-a, run: [\"\"]}", ".command.run[0]: has 0 bytes (1 to 4096)"},
        {"command: {node: vsm-a, run: reload, exit: 1, wait: false}",
         ".command.wait: nobody sees how it ends"},
        {"inject: {port: control, to: vsm-a, hex: zz}", ".inject.hex: 'zz' is not in pairs"},
        {"inject: {port: control, to: vsm-a, hex: \"\"}", ".inject.hex: 0 bytes are out of range"},
        {"inject: {port: control, to: vsm-a, hex: ff, type: hello}",
         ".inject.type: goes with 'kind', not with 'hex'"},
        {"inject: {port: control, to: vsm-a}", ".inject: needs either 'hex'"},
        {"inject: {port: control, to: vsm-a, kind: random}", ".inject: needs 'like'"},
        {"inject: {port: control, to: vsm-a, kind: funny, like: vsm-b}",
         ".inject.kind: 'funny' is not one of: replayed, reflected, "},
        {"inject: {port: all, to: vsm-a, hex: ff}",
         ".inject.port: 'all' is not one of: control, mgmt"},
        {"inject: {port: control, to: vsm-a, hex: ff, count: 0}",
         ".inject.count: 0 is out of range (1..10000)"},
        {"repeat: {times: 0, steps: [{start: vsm-a}]}", ".repeat.times: 0 is out of range"},
        {"repeat: {times: 2}", ".repeat.steps: a list with one step or more"},
        {"repeat: {times: 2, steps: [{kill: vsm-1}]}", ".repeat.steps[0].kill: 'vsm-1' is no node"},
        {"say: \"\"", ".say: '' has 0 characters"},
        {"{kill: vsm-a, at: soon}", ".at: 'soon' is no time (like 3T"},
        {"{kill: vsm-a, after: h - T}", ".after: 'h - T' is negative with the timers of this lab"},
    });
}

TEST_CASE("mistakes of expectations are told with their lines", "[scenario]") {
    check_step_mistakes({
        {"expect: 5", ".expect: a mapping (key: value) is expected here"},
        {"expect: {node: vsm-a}", ".expect: has no subject (one of state, "},
        {"expect: {node: vsm-a, state: x, log: y}", ".expect: has more than one subject"},
        {"expect: {state: x}", ".expect.node: is missing (vsm-a"},
        {"expect: {node: vsm-a, state: x, within: soon}", ".expect.within: 'soon' is no time"},
        {"expect: {node: vsm-a, state: x, within: \"1\\e[2J\"}",
         ".expect.within: '1\\x1b[2J' is no time"},
        {"expect: {node: vsm-a, state: x, within: T, never_for: T}",
         ".expect.never_for: an expectation has one time"},
        {"expect: {node: vsm-a, state: x, never_for: T, not_before: h}",
         ".expect.not_before: goes with 'within' only"},
        {"expect: {node: vsm-a, state: x, not_before: 3T}",
         ".expect.not_before: is later than 'within', which is 2T"},
        {"expect: {node: vsm-a, command: show clock, path: a.b}", ".expect: needs a check"},
        {"expect: {node: vsm-a, command: show clock, absent: true}",
         ".expect.absent: needs a 'path'"},
        {"expect: {node: vsm-a, command: show clock, path: a, absent: false}",
         ".expect.absent: only true makes sense here"},
        {"expect: {node: vsm-a, command: show clock, path: \"a[\", equals: 1}",
         ".expect.path: 'a[' is no path: a ']' is missing"},
        {"expect: {node: vsm-a, command: show clock, equals: 1, not: 2}",
         ".expect.not: one check at a time (equals or not)"},
        {"expect: {node: vsm-a, command: show clock, matches: \"(\"}",
         ".expect.matches: no regular expression: "},
        {"expect: {node: vsm-a, command: show clock, at_least: many}",
         ".expect.at_least: 'many' is not a number"},
        {"expect: {node: vsm-a, command: show clock, equals: null}",
         ".expect.equals: is missing (a value; null is written \"null\")"},
        {"expect: {node: vsm-a, log: X, equals: 1}",
         ".expect.equals: unknown key (allowed: node, log, since, within, always_for, never_for, "
         "not_before)"},
        {"expect: {node: vsm-z, log: X}", ".expect.node: the lab has no vsm-z here"},
        {"expect: {node: any, state: X}", ".expect.node: 'any' is no node"},
        {"expect: {node: vsm-a, log: X, since: monday}",
         ".expect.since: 'monday' is not one of: action, start"},
        {"expect: {node: vsm-a, degraded: maybe}", ".expect.degraded: 'maybe' is neither true"},
        {"expect: {node: vsm-a, module: 67, is: ok}", ".expect.module: 67 is out of range (1..66)"},
        {"expect: {node: vsm-a, module: 3}",
         ".expect.is: is missing (ok, ha-standby …, or absent)"},
        {"expect: {node: vsm-a, address: lost}",
         ".expect.address: 'lost' is not one of: held, free"},
        {"expect: {node: vsm-a, process: sleeping}",
         ".expect.process: 'sleeping' is not one of: running, frozen"},
        {"expect: {frames: {type: letter}, at_least: 1}",
         ".expect.frames.type: 'letter' is not one of: hello, "},
        {"expect: {frames: {to: vsm-a}, at_least: 1}",
         ".expect.frames.to: frames to a node need 'port'"},
        {"expect: {frames: {from: me}, at_least: 1}", ".expect.frames.from: 'me' is no node"},
        {"expect: {ping: v4, at_most: 0}", ".expect.ping: no ping step before this is called 'v4'"},
        {"expect: {domain: half}", ".expect.domain: 'half' is not one of: whole"},
        {"all: []", ".all: a list of expectations, one or more"},
        {"all: [{node: vsm-a, state: x}, {node: vsm-a}]", ".all[1]: has no subject"},
    });
}

TEST_CASE("all mistakes of a file are told at once, by line", "[scenario]") {
    const auto found = mistakes_in(R"(description: One thing.
tags: [HB-3]
lab: {vems: 100, timers: slow}
steps:
  - cut: {node: vsm-a, cable: power, direction: up}
  - expect: {node: vsm-b, state: x, within: soon}
  - nap: 5
)");
    std::vector<std::string> begins;
    for (const std::string& line : found)
        begins.push_back(line.substr(0, line.find(": ", 9)));
    CHECK(begins == std::vector<std::string>{
                        "f.yaml:1: description", "f.yaml:3: lab.vems", "f.yaml:3: lab.timers",
                        "f.yaml:5: steps[0].cut.cable", "f.yaml:5: steps[0].cut.direction",
                        "f.yaml:6: steps[1].expect.within", "f.yaml:7: steps[2].nap"});
}

TEST_CASE("a huge file and hostile texts are refused with bounded messages", "[scenario]") {
    CHECK(mistakes_in(std::string((1U << 20U) + 1, 'x')).at(0).find("more than") !=
          std::string::npos);
    std::string deep = kHead + "steps: ";
    for (int i = 0; i < 1000; ++i)
        deep += "[";
    CHECK(mistakes_in(deep).size() == 1);
    for (const std::string& line :
         mistakes_in(kHead + "steps:\n  - kill: " + std::string(5000, 'x')))
        CHECK(line.size() < 300);
}
