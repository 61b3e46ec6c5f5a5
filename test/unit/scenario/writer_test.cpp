// Written scenarios are read as equal ones: those of the repository and one with everything.
#include "libsim/scenario/writer.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "libsim/scenario/reader.hpp"

namespace {

using namespace sim::scenario;

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Scenario read_or_fail(const std::string& text, const std::string& file) {
    auto scenario = read(text, file);
    if (!scenario) {
        for (const std::string& line : scenario.error())
            UNSCOPED_INFO(line);
    }
    REQUIRE(scenario);
    return *scenario;
}

std::vector<std::filesystem::path> all_scenarios() {
    const std::filesystem::path source = VSM_HA_SOURCE_DIR;
    std::vector<std::filesystem::path> files{source / "scripts/lab_tool/demo.yaml"};
    for (const auto& entry : std::filesystem::directory_iterator(source / "test/scenarios"))
        if (entry.path().extension() == ".yaml")
            files.push_back(entry.path());
    return files;
}

const char* const kEverything = R"(description: >
  Whatever can be done is done. It is written as it was read!
tags: [HB-3, PAIN-4]
lab:
  vems: 2
  heartbeat_ms: 20
  multiplier: 5
  key: true
  domain: 4095
  nodes:
    vsm-a: {peer_mac: {policy: static, control: "02:00:00:00:01:02"}, authentication: null, "odd: key": [1, {a: ""}, "null"]}
  ready: []
  slack_ms: 10
  seed: 9223372036854775807
  worlds: [sim]
expect_errors: [ROLE_COLLISION, CONFIG_REFUSED]
steps:
  - say: "1. Start: \"all\" of them \\ äöü"
    start: [vsm-a, vsm-b, vem-9]
  - start: {node: vsm-c, config: {setup: {role: primary}}}
  - {stop: vsm-a, at: 2T - h}
  - {kill: vsm-a, after: 0.5T}
  - freeze: vsm-a
  - thaw: vsm-a
  - hang_up: [vsm-a, vsm-b]
  - power_off: {node: vsm-a, disk: lost}
  - power_off: {node: vsm-b}
  - disk: {node: vsm-a, full: true}
  - clock: {node: vsm-a, drift_ppm: -100}
  - clock: {node: vsm-a, step_ms: -0.5}
  - cut: {node: vsm-a, cable: control, direction: in}
  - cut: {node: vsm-a, cable: all, carrier: true}
  - cut: {node: vsm-a, cable: mgmt, from: vem-3}
  - partition: {groups: [[vsm-a], [vsm-b, vem-3]], cable: mgmt}
  - heal: {node: vsm-a, cable: all}
  - mend: everything
  - loss: {node: vsm-a, cable: all, percent: 33.3333}
  - delay: {node: vsm-a, cable: all, ms: 1.5, jitter_ms: 3, reorder: true, direction: out}
  - duplicate: {node: vsm-a, cable: all, percent: 1}
  - corrupt: {node: vsm-a, cable: all, percent: 0.01, direction: in}
  - wire_version: {node: vsm-a, cable: mgmt, number: 255, direction: out}
  - link: {node: vsm-a, cable: mgmt, up: false}
  - unplug: {node: vsm-a, cable: control}
  - plug: {node: vsm-a, cable: control, mac: "02:00:00:00:01:aa"}
  - plug: {node: vsm-b, cable: all}
  - command: {node: vsm-a, run: "show module | include \"ok\"", exit: 1, print: true}
  - command: {node: vsm-a, run: [configure terminal, hostname x], wait: false}
  - inject: {port: mgmt, to: vsm-a, hex: "00ff"}
  - inject: {port: control, to: vsm-a, kind: clashing-role, like: vsm-b, type: hello, count: 3}
  - inject: {port: control, to: vsm-a, kind: reflected}
  - repeat:
      times: 2
      steps:
        - repeat: {times: 3, steps: [{kill: vsm-a}, {all: [{domain: whole}, {node: vsm-a, mode: None}]}]}
  - expect: {node: vsm-a, redundancy: Active, not_before: T, within: 2T + 10 ms}
  - expect: {node: vsm-a, degraded: true, always_for: 10 min}
  - expect: {node: vsm-a, module: 4, is: ha-standby, never_for: H}
  - expect: {node: vsm-a, command: show clock, path: "a.b[c=d:e][2].length", absent: true}
  - expect: {node: vsm-a, command: show clock, matches: "^\\d+ \t[a-z]*$"}
  - expect: {node: vsm-a, command: show clock, contains: "two\nlines"}
  - expect: {node: vsm-a, command: show clock, equals: ""}
  - expect: {node: vsm-a, command: show clock, not: "~"}
  - expect: {node: any, log: "%VEM-6-X: [what]", since: start}
  - expect: {node: vsm-a, address: free}
  - expect: {node: vsm-a, process: not started}
  - expect: {frames: {port: control, from: vsm-a, to: vsm-b, type: leaving}, since: start, at_least: 1.5}
  - expect: {frames: {}, at_most: 0}
)";

}  // namespace

TEST_CASE("all scenarios and the demo are well-formed, and equal when written", "[scenario]") {
    std::set<std::string> tags;
    for (const auto& file : all_scenarios()) {
        INFO(file);
        const Scenario scenario = read_or_fail(content_of(file), file.string());
        CHECK(read_or_fail(write(scenario), file.string()) == scenario);
        tags.insert(scenario.tags.begin(), scenario.tags.end());
    }
    CHECK(all_scenarios().size() > 60);
    for (const char* number :
         {"BOOT-1", "BOOT-2", "BOOT-3", "BOOT-4", "BOOT-5", "BOOT-6", "HB-1",   "HB-2",
          "HB-3",   "HB-4",   "HB-5",   "HB-6",   "HB-7",   "HB-8",   "LOSS-1", "LOSS-2",
          "LOSS-3", "LOSS-4", "SB-1",   "SB-2",   "SB-3",   "SB-5",   "COL-1",  "COL-2",
          "COL-3",  "ROLE-1", "ROLE-3", "ROLE-4", "ROLE-5", "VEM-1",  "VEM-2",  "VEM-3",
          "VEM-4",  "VEM-5",  "VEM-6",  "VEM-7",  "SW-5"}) {
        INFO("no scenario proves " << number);
        CHECK(tags.contains(number));
    }
}

TEST_CASE("a scenario with everything is equal when written", "[scenario]") {
    const Scenario scenario = read_or_fail(kEverything, "everything.yaml");
    const std::string written = write(scenario);
    INFO(written);
    CHECK(read_or_fail(written, "everything.yaml") == scenario);
    CHECK(write(read_or_fail(written, "everything.yaml")) == written);
}

TEST_CASE("a scenario for real wires is equal when written", "[scenario]") {
    const Scenario scenario = read_or_fail(
        "description: One. Two.\ntags: [VEM-6]\n"
        "lab: {vems: 1, timers: nx-os, traffic: true, worlds: [lab]}\nsteps:\n"
        "  - ping: {name: vms, from: vem-3-vm1, to: vem-3-vm2, interval_ms: 7}\n"
        "  - expect: {ping: vms, equals: 0}\n",
        "traffic.yaml");
    CHECK(read_or_fail(write(scenario), "traffic.yaml") == scenario);
}

TEST_CASE("what is written looks like what people write", "[scenario]") {
    Scenario scenario;
    scenario.description = "The control cable is cut. The pair is degraded.";
    scenario.tags = {"HB-3"};
    scenario.lab.seed = 17;
    scenario.steps = {
        {{}, "", {}, {}, Cut{"vsm-a", Cable::control}},
        {{}, "", {}, times(2, Unit::heartbeat), Signal{Signal::Kind::kill, {"vsm-b"}}},
        {{}, "", {}, {}, Expect{{{{}, DomainWhole{}, {}}}}}};
    CHECK(write(scenario) == R"(description: >
  The control cable is cut.
  The pair is degraded.
tags: [HB-3]
lab: {vems: 3, seed: 17}
steps:
  - cut: {node: vsm-a, cable: control}
  - after: 2h
    kill: vsm-b
  - expect: {domain: whole}
)");
}
