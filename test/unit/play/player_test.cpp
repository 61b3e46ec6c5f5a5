// A play does what each step says and judges as each expectation says: what holds passes, and what
// does not fails with the line and what was seen instead.
#include <catch2/catch.hpp>

#include "test/support/play.hpp"

using namespace std::chrono_literals;
using sim::play::Verdict;
using test::play;
using test::scenario_of;

namespace {

struct Case {
    const char* lab;
    const char* steps;
};

void check_holds(const Case& one) {
    const Verdict verdict = play(scenario_of(one.lab, one.steps));
    INFO(one.steps);
    CHECK(verdict.failure.empty());
    CHECK(verdict.held);
}

}  // namespace

TEST_CASE("what is observed of nodes is what they are", "[play]") {
    const Case cases[] = {
        {"{vems: 1}",
         "  - expect: {node: vsm-a, state: Active with HA standby}\n"
         "  - expect: {node: vsm-b, redundancy: Standby}\n"
         "  - expect: {node: vsm-a, mode: HA}\n"
         "  - expect: {node: vsm-b, degraded: false, always_for: 3T}\n"},
        {"{vems: 1}",
         "  - expect: {node: vsm-a, module: 1, is: \"active *\"}\n"
         "  - expect: {node: vsm-a, module: 2, is: ha-standby}\n"
         "  - expect: {node: vsm-a, module: 3, is: ok}\n"
         "  - expect: {node: vsm-a, module: 4, is: absent}\n"
         "  - expect: {node: vsm-b, module: 3, is: absent}\n"},
        {"{vems: 1}",
         "  - expect: {domain: whole}\n"
         "  - stop: vsm-b\n"
         "  - expect: {domain: whole, never_for: h}\n"
         "  - start: vsm-b\n"
         "  - expect: {domain: whole}\n"},
        {"{vems: 1}",
         "  - expect: {node: vem-3, command: show vem status, path: state, "
         "equals: attached}\n"
         "  - expect: {node: vem-3, command: show card, contains: host-vem-3}\n"
         "  - expect: {node: vsm-a, command: show version, matches: 'version +[0-9]'}\n"
         "  - expect: {node: vsm-a, command: show nonsense, contains: Invalid}\n"
         "  - expect: {node: vsm-a, command: show module, path: TABLE_x, absent: true}\n"},
        {"{vems: 0}",
         "  - expect: {node: vsm-a, log: \"switch %SYSMGR-6-STARTED: vsmd\", "
         "since: start}\n"
         "  - expect: {node: any, log: STANDBY_SUP_OK, since: start}\n"
         "  - expect: {node: vsm-a, log: STARTED, never_for: T}\n"
         "  - expect: {node: vsm-a, command: show logging last 20, contains: STARTED}\n"},
        {"{vems: 0, ready: [vsm-a]}",
         "  - expect: {node: vsm-b, process: not started}\n"
         "  - expect: {node: vsm-a, process: running}\n"
         "  - freeze: vsm-a\n"
         "  - expect: {node: vsm-a, process: frozen}\n"
         "  - expect: {node: vsm-a, mode: None, never_for: T}\n"
         "  - stop: vsm-a\n"
         "  - expect: {node: vsm-a, process: stopped}\n"
         "  - start: vsm-a\n"
         "  - kill: vsm-a\n"
         "  - expect: {node: vsm-a, process: killed}\n"},
    };
    for (const Case& one : cases)
        check_holds(one);
}

TEST_CASE("steps do to the world what they say", "[play]") {
    const Case cases[] = {
        // Partitions, cuts between two nodes, and mending everything.
        {"{vems: 2}",
         "  - partition: {groups: [[vsm-a, vem-3], [vsm-b, vem-4]], cable: all}\n"
         "  - expect: {node: vsm-b, module: 4, is: ok, within: T + H + 4h}\n"
         "  - expect: {node: vsm-a, module: 3, is: ok}\n"
         "  - expect: {node: vsm-b, module: 3, is: absent}\n"
         "  - mend: everything\n"
         "  - expect: {domain: whole, within: 8T}\n"},
        {"{vems: 1}",
         "  - cut: {node: vsm-b, cable: all, from: vsm-a}\n"
         "  - expect: {node: vsm-b, state: Active with no standby, within: T + h}\n"
         "  - expect: {node: vsm-b, module: 3, is: ok}\n"
         "  - heal: {node: vsm-a, cable: all}\n"
         "  - expect: {domain: whole, within: 8T}\n"},
        {"{vems: 1}",
         "  - power_off: {node: vsm-a, disk: torn}\n"
         "  - expect: {node: vsm-a, process: killed}\n"
         "  - expect: {node: vsm-a, address: free, within: h}\n"
         "  - expect: {node: vsm-b, module: 3, is: ok}\n"},
        // Steps begin at their times.
        {"{vems: 0}",
         "  - {kill: vsm-b, at: 10T}\n"
         "  - {start: vsm-b, after: 2h}\n"
         "  - expect: {node: vsm-a, command: show clock, contains: \"00:00:0\"}\n"},
        {"{vems: 0}",
         "  - loss: {node: vsm-b, cable: all, percent: 100}\n"
         "  - expect: {node: vsm-a, state: Active with no standby, within: T + h}\n"},
        {"{vems: 0, worlds: [sim]}",
         "  - clock: {node: vsm-a, drift_ppm: 1000, step_ms: 3600000}\n"
         "  - expect: {node: vsm-a, command: show clock, contains: "
         "\"01:00:0\"}\n"
         "  - expect: {domain: whole, always_for: 10T}\n"},
        {"{vems: 0}",
         "  - delay: {node: vsm-b, cable: all, ms: 20, jitter_ms: 10, reorder: true}\n"
         "  - duplicate: {node: vsm-b, cable: all, percent: 50}\n"
         "  - expect: {domain: whole, always_for: 10T}\n"},
        {"{vems: 0}",
         "  - link: {node: vsm-b, cable: control, up: false}\n"
         "  - unplug: {node: vsm-b, cable: mgmt}\n"
         "  - expect: {node: vsm-b, command: show system internal redundancy status, "
         "path: \"TABLE_links.ROW_links[port=control].state\", equals: down}\n"
         "  - expect: {node: vsm-b, command: show system internal redundancy status, "
         "path: \"TABLE_links.ROW_links[port=mgmt].state\", equals: missing}\n"
         "  - mend: everything\n"
         "  - expect: {domain: whole, within: 8T}\n"},
        {"{vems: 0}",
         "  - hang_up: vsm-a\n"
         "  - expect: {node: vsm-a, log: CONFIG_RELOADED}\n"},
        // A configuration for one start only.
        {"{vems: 0}",
         "  - kill: vsm-b\n"
         "  - start: {node: vsm-b, config: {hostname: other, log: {level: notice}}}\n"
         "  - expect: {node: vsm-b, log: \" other %\"}\n"
         "  - expect: {node: vsm-b, log: STARTED, never_for: h}\n"
         "  - kill: vsm-b\n"
         "  - start: vsm-b\n"
         "  - expect: {node: vsm-b, log: \" switch %SYSMGR-6-STARTED\"}\n"},
        {"{vems: 1, key: true}",
         "  - expect: {node: vsm-a, command: show system internal "
         "redundancy info, contains: uthentication}\n"
         "  - expect: {domain: whole}\n"},
    };
    for (const Case& one : cases)
        check_holds(one);
}

TEST_CASE("what does not hold fails with its line and what was seen", "[play]") {
    const std::pair<Case, const char*> cases[] = {
        {{"{vems: 0}", "  - expect: {node: vsm-b, state: Active with HA standby}\n"},
         "line 5: vsm-b: internal state is Active with HA standby; seen: HA standby"},
        {{"{vems: 0, slack_ms: 0}",
          "  - kill: vsm-a\n"
          "  - expect: {node: vsm-b, redundancy: Active, within: 2h}\n"},
         "line 6: vsm-b: redundancy state is Active; seen: Standby"},
        {{"{vems: 0}",
          "  - kill: vsm-a\n"
          "  - expect: {node: vsm-b, redundancy: Active, not_before: 2T, within: 3T}\n"},
         "line 6: vsm-b: redundancy state is Active, too early; seen: Active"},
        {{"{vems: 0}", "  - expect: {node: vsm-a, address: free, always_for: T}\n"},
         "mgmt address free; seen: holds 10.99.0.100 and fd99::100"},
        {{"{vems: 0}", "  - expect: {node: vsm-a, log: never said, within: T}\n"},
         "logs \"never said\"; seen: not in the log"},
        {{"{vems: 0}", "  - stop: vsm-b\n  - stop: vsm-b\n"},
         "line 6: vsm-b is not running (stopped)"},
        {{"{vems: 0}", "  - start: vsm-a\n"}, "line 5: vsm-a is running already"},
        {{"{vems: 0}", "  - command: {node: vsm-a, run: show nonsense}\n"},
         "'show nonsense' on vsm-a exits 1, expected 0"},
        {{"{vems: 0}", "  - kill: vsm-a\n  - command: {node: vsm-a, run: show clock}\n"},
         "exits 3, expected 0: no answer"},
        {{"{vems: 0}", "  - start: vsm-c\n  - say: wait\n  - {say: more, after: 10T}\n"},
         "vsm-b logs an error that is not announced: "},
        {{"{vems: 0, ready: []}", "  - start: {node: vsm-a, config: {setup: {domain: 5000}}}\n"},
         "vsm-a failed (exit status 2): vsmd: vsm-a.yaml"},
        {{"{vems: 0, ready: []}",
          "  - start: vsm-a\n"
          "  - inject: {port: control, to: vsm-a, like: vsm-b, kind: "
          "replayed}\n"},
         "line 6: no frame of vsm-b has been seen on control to make another from"},
        {{"{vems: 0}",
          "  - expect: {frames: {port: control, type: heartbeat-request}, "
          "at_least: 3, never_for: 5h}\n"},
         "heartbeat-request frames on control: count at least 3; seen: 3 frames"},
        {{"{vems: 1}",
          "  - cut: {node: vem-3, cable: control}\n"
          "  - expect: {domain: whole, always_for: 10h}\n"},
         "the domain is whole; seen: the active does not show vem-3 as ok"},
    };
    for (const auto& [one, failure] : cases) {
        INFO(one.steps);
        const Verdict verdict = play(scenario_of(one.lab, one.steps));
        CHECK_FALSE(verdict.held);
        CHECK_THAT(verdict.failure, Catch::Contains(failure));
    }
}

TEST_CASE("a domain is whole without the modules that do not run", "[play]") {
    check_holds({"{vems: 2}",
                 "  - kill: vem-4\n"
                 "  - freeze: vem-3\n"
                 "  - expect: {domain: whole, always_for: 20h}\n"});
}

TEST_CASE("hostile frames of every kind are made and counted", "[play]") {
    const std::pair<const char*, const char*> kinds[] = {
        {"truncated", ""},
        {"random", ""},
        {"wrong-length", ""},
        {"wrong-version", "unsupported-version"},
        {"foreign-domain", "foreign-domain"},
        {"replayed", "replayed"},
        {"wrong-port", "wrong-port"},
    };
    for (const auto& [kind, reason] : kinds) {
        std::string steps =
            "  - inject: {port: control, to: vsm-a, like: vsm-b, kind: " + std::string(kind) +
            ", count: 50}\n";
        if (*reason != '\0')
            steps +=
                "  - expect: {node: vsm-a, command: show system internal redundancy "
                "statistics, path: \"TABLE_drops.ROW_drops[reason=" +
                std::string(reason) + "].count\", at_least: 50}\n";
        steps += "  - expect: {domain: whole, always_for: 4T}\n";
        check_holds({"{vems: 0}", steps.c_str()});
    }
    check_holds({"{vems: 0}",
                 "  - inject: {port: mgmt, to: vsm-a, hex: \"ff\", count: 9}\n"
                 "  - expect: {node: vsm-a, command: show system internal redundancy statistics, "
                 "path: \"TABLE_drops.ROW_drops[port=mgmt].count\", at_least: 0}\n"});
}

TEST_CASE("pings are answered where there is somebody to answer", "[play][VEM-6][SW-5]") {
    const Case cases[] = {
        {"{vems: 0}",
         "  - ping: {name: p, from: station, to: 10.99.0.100}\n"
         "  - expect: {ping: p, equals: 0, within: 1 s}\n"
         "  - cut: {node: vsm-a, cable: mgmt}\n"
         "  - expect: {ping: p, at_least: 5, within: 10h}\n"},
        {"{vems: 0}",
         "  - ping: {name: p, from: station, to: 10.99.0.77}\n"
         "  - expect: {ping: p, at_least: 3, within: 1 s}\n"},
        {"{vems: 2, traffic: true}",
         "  - ping: {name: p, from: vem-3-vm1, to: vem-4-vm2}\n"
         "  - expect: {ping: p, equals: 0, within: 1 s}\n"
         "  - kill: vem-4\n"
         "  - expect: {ping: p, equals: 0, always_for: 10h}\n"
         "  - start: vem-4\n"
         "  - power_off: {node: vem-4}\n"
         "  - expect: {ping: p, at_least: 3, within: h}\n"},
    };
    for (const Case& one : cases)
        check_holds(one);
    const Verdict silent = play(scenario_of("{vems: 1}",
                                            "  - ping: {name: p, from: vem-3-vm1, to: vem-3-vm2}\n"
                                            "  - expect: {ping: p, equals: 0, within: T}\n"));
    CHECK_THAT(silent.failure, Catch::Contains("0 of 0 lost"));
}

TEST_CASE("an address is announced when it is taken, five times more, and never by the dead",
          "[play][SW-5]") {
    check_holds(
        {"{vems: 0}",
         "  - stop: vsm-a\n"
         "  - expect: {frames: {port: mgmt, from: vsm-b, type: gratuitous-arp}, equals: 12, "
         "within: 5 s}\n"
         "  - expect: {frames: {port: mgmt, from: vsm-b, type: gratuitous-arp}, at_least: "
         "13, since: start, never_for: 5 s}\n"});
    check_holds({"{vems: 0}",
                 "  - stop: vsm-a\n"
                 "  - kill: vsm-b\n"
                 "  - expect: {frames: {port: mgmt, from: vsm-b, type: neighbor-advertisement}, "
                 "at_least: 1, never_for: 5 s}\n"});
}

TEST_CASE("times count as in the lab, and a bound that needs slack says so", "[play]") {
    struct Remember : sim::play::Witness {
        void on_observed(sim::Instant, const sim::play::Observed& observed) override {
            all.push_back(observed);
        }
        std::vector<sim::play::Observed> all;
    };
    Remember witness;
    sim::play::PlayOptions options;
    options.witness = &witness;
    const auto scenario =
        scenario_of("{vems: 0}",
                    "  - kill: vsm-a\n"
                    "  - expect: {node: vsm-b, redundancy: Active, within: 2h}\n"
                    "  - expect: {node: vsm-b, redundancy: Active, always_for: 2T}\n"
                    "  - expect: {node: vsm-b, redundancy: Active, always_for: 2T}\n");
    CHECK(play(scenario, options).held);
    REQUIRE(witness.all.size() == 4);
    CHECK(witness.all[0].text == "the pair is HA, all modules are ok");
    CHECK(witness.all[1].late);
    CHECK(witness.all[1].bound == "within 0.100 s");
    CHECK_FALSE(witness.all[2].late);
    // The first is over 2T after the kill, the second 2T after the first.
    CHECK(witness.all[2].after == 300ms);
    CHECK(witness.all[3].after == 300ms);
}

TEST_CASE("the same play twice is the same play, another seed is another", "[play]") {
    struct Count : sim::Observer {
        void on_sent(const sim::Frame& frame) override {
            for (const std::uint8_t octet : *frame.payload)
                sum = sum * 31 + octet;
            sum += static_cast<std::uint64_t>((frame.at - sim::kBeginning).count());
        }
        std::uint64_t sum = 0;
    };
    const auto scenario =
        scenario_of("{vems: 2, multiplier: 20}",
                    "  - loss: {node: vsm-b, cable: all, percent: 20}\n"
                    "  - expect: {node: vsm-a, redundancy: Active, always_for: 4T}\n");
    const auto sum_of = [&scenario](std::uint64_t seed) {
        sim::play::PlayOptions options;
        options.seed = seed;
        sim::play::Player player(scenario, options);
        Count count;
        player.world().add_observer(count);
        CHECK(player.play().held);
        return count.sum;
    };
    CHECK(sum_of(7) == sum_of(7));
    CHECK(sum_of(7) != sum_of(8));
}

TEST_CASE("other timers are the profile's own", "[play]") {
    const auto scenario = scenario_of("{vems: 1, heartbeat_ms: 20, multiplier: 5}",
                                      "  - kill: vsm-a\n"
                                      "  - expect: {node: vsm-b, redundancy: Active, not_before: "
                                      "T - 2h, within: T + h}\n");
    CHECK(play(scenario).held);
    sim::play::PlayOptions options;
    options.timers = sim::scenario::Timers::nx_os;
    const Verdict verdict = play(scenario, options);
    CHECK(verdict.held);
    CHECK(verdict.took > 13s);
}
