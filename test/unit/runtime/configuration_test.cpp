// vsmd's configuration file: what is read, and that every fault is told with file, line, key, value
// and range (BEHAVIOUR ANY-1).
#include "libha/runtime/configuration.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "test/support/temporary_directory.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;
using namespace std::chrono_literals;

const std::string kSecret(64, 'a');

const char* const kMinimal = R"(setup: {role: primary, domain: 100}
interfaces:
  control: {name: control0}
  mgmt: {name: mgmt0}
)";

/// Errors of `text` as the file vsm-a.yaml, without the folder.
std::vector<std::string> errors_of(const std::string& text) {
    const test::TemporaryDirectory folder;
    const std::string file = folder.write("vsm-a.yaml", text);
    const auto loaded = load_supervisor_configuration(file);
    std::vector<std::string> errors;
    if (!loaded) {
        for (std::string line : loaded.error()) {
            REQUIRE(line.rfind(file, 0) == 0);
            line.erase(0, folder.path().size() + 1);
            const std::size_t again = line.find(folder.path());
            if (again != std::string::npos) {
                line.replace(again, folder.path().size(), "DIR");
            }
            errors.push_back(line);
        }
    }
    return errors;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a minimal configuration gets the documented defaults", "[ANY-2][HB-2][BOOT-5]") {
    const test::TemporaryDirectory folder;
    const auto loaded = load_supervisor_configuration(folder.write("vsm-a.yaml", kMinimal));
    REQUIRE(loaded);
    CHECK(loaded->instance == "vsm-a");
    CHECK(loaded->hostname == "switch");
    CHECK(loaded->control == PortSettings{"control0", std::nullopt});
    CHECK(loaded->mgmt == PortSettings{"mgmt0", std::nullopt});
    CHECK(loaded->ether_type == 0x88b5);
    CHECK(loaded->directories.state == "/var/lib/vsm-ha/vsm-a");
    CHECK(loaded->directories.run == "/run/vsm-ha/vsm-a");
    CHECK(loaded->log == LogSettings{6, ""});
    CHECK(loaded->scheduling == SchedulingSettings{0, false});
    CHECK(loaded->dying_gasp);
    CHECK(loaded->access == AccessSettings{"vsm-admin"});
    const redundancy::Options& pair = loaded->options.pair;
    CHECK(pair.role == Role::primary);
    CHECK(pair.domain == DomainId{100});
    CHECK(pair.heartbeat_interval == 1s);
    CHECK(pair.loss_interval == 15s);
    CHECK(pair.peer_mac_policy == redundancy::PeerMacPolicy::sticky);
    CHECK_FALSE(pair.authenticated);
    CHECK(loaded->options.modules.heartbeat_interval == 1s);
}

TEST_CASE("every key of a configuration is read", "[ANY-2][HB-6]") {
    const test::TemporaryDirectory folder;
    folder.write("key-1", kSecret + "\n");
    const auto loaded = load_supervisor_configuration(folder.write("any.yaml", R"(
instance: vsm-b
hostname: n1000v
setup: {role: secondary, domain: 4095}
interfaces:
  control: {name: trunk0, vlan: 260}
  mgmt: {name: trunk0, vlan: 261, addresses: [10.0.0.10/24, "fd00::10/64"]}
ethertype: 0x88b6
timers: {profile: fast, heartbeat_interval_ms: 5, loss_interval_ms: 20}
authentication: {keys: [{id: 7, file: key-1}]}
peer_mac: {policy: static, control: "02:00:00:00:01:0a", mgmt: "02:00:00:00:01:0b"}
personality: vsg
directories: {state: /tmp/s/, run: /tmp/r}
storage: {maximum_size_mib: 256}
log: {level: debug, file: /tmp/l}
redundancy: {dying_gasp: false}
scheduling: {realtime_priority: 20, lock_memory: true}
access: {admin_group: operators}
)"));
    REQUIRE(loaded);
    CHECK(loaded->instance == "vsm-b");
    CHECK(loaded->hostname == "n1000v");
    CHECK(loaded->control == PortSettings{"trunk0", 260});
    CHECK(loaded->mgmt == PortSettings{"trunk0", 261});
    REQUIRE(loaded->addresses.size() == 2);
    CHECK(loaded->addresses[0].to_string() == "10.0.0.10/24");
    CHECK(loaded->addresses[1].to_string() == "fd00::10/64");
    CHECK(loaded->ether_type == 0x88b6);
    CHECK(loaded->directories == DirectorySettings{"/tmp/s", "/tmp/r"});
    CHECK(loaded->storage.maximum_size == std::size_t{256} << 20U);
    CHECK(loaded->log == LogSettings{7, "/tmp/l"});
    CHECK(loaded->scheduling == SchedulingSettings{20, true});
    CHECK_FALSE(loaded->dying_gasp);
    CHECK(loaded->access == AccessSettings{"operators"});
    const supervisor::Options& options = loaded->options;
    CHECK(options.pair.role == Role::secondary);
    CHECK(options.pair.heartbeat_interval == 5ms);
    CHECK(options.pair.loss_interval == 20ms);
    CHECK(options.pair.personality == redundancy::Personality::vsg);
    CHECK(options.pair.peer_mac_policy == redundancy::PeerMacPolicy::fixed);
    CHECK(options.pair.peer_macs[1].to_string() == "02:00:00:00:01:0b");
    CHECK(options.pair.authenticated);
    REQUIRE(options.keyring.keys.size() == 1);
    CHECK(options.keyring.keys[0].id == 7);
    CHECK(options.keyring.keys[0].secret[31] == 0xaa);
}

TEST_CASE("with heartbeats below a second their thread is real-time unless it is told not to be",
          "[HB-7]") {
    const test::TemporaryDirectory folder;
    const std::string fast = std::string(kMinimal) + "timers: {profile: fast}\n";
    const auto priority_of = [&](const std::string& text) {
        return load_supervisor_configuration(folder.write("any.yaml", text))
            ->scheduling.realtime_priority;
    };
    CHECK(priority_of(kMinimal) == 0);
    CHECK(priority_of(fast) == 20);
    CHECK(priority_of(fast + "scheduling: {lock_memory: true}\n") == 20);
    CHECK(priority_of(fast + "scheduling: {realtime_priority: 0}\n") == 0);
}

TEST_CASE("the sample configurations are valid", "[ANY-1]") {
    const test::TemporaryDirectory folder;
    folder.write("key-1", kSecret);
    for (const std::string name : {"primary", "secondary", "standalone", "fast"}) {
        const std::string file = "vsmd-" + name + ".yaml";
        std::filesystem::copy(std::string(VSM_HA_SOURCE_DIR) + "/configs/" + file,
                              folder.path() + "/" + file);
        const auto loaded = load_supervisor_configuration(folder.path() + "/" + file);
        INFO(file);
        CHECK((loaded ? Lines{} : loaded.error()) == Lines{});
    }
}

namespace {

struct Fault {
    std::string text;
    Lines expected;
};
const std::string kBase = kMinimal;  // four lines
const std::vector<Fault> kFaults = {
    {kBase + "timers: {profile: fast, heartbeat_interval_ms: 3}\n",
     {"vsm-a.yaml:5: timers.heartbeat_interval_ms: 3 is out of range (5..1000)"}},
    {kBase + "timers: {profile: fast, heartbeat_interval_ms: -3}\n",
     {"vsm-a.yaml:5: timers.heartbeat_interval_ms: -3 is out of range (5..1000)"}},
    {kBase + "timers: {profile: fast, heartbeat_interval_ms: 99999999999999999999999}\n",
     {"vsm-a.yaml:5: timers.heartbeat_interval_ms: 99999999999999999999999 is out of range "
      "(5..1000)"}},
    {kBase + "timers: {profile: fast, heartbeat_interval_ms: 50ms}\n",
     {"vsm-a.yaml:5: timers.heartbeat_interval_ms: '50ms' is not a whole number (5..1000)"}},
    {kBase + "timers: {profile: fast, loss_interval_ms: 149}\n",
     {"vsm-a.yaml:5: timers.loss_interval_ms: 149 is out of range (150..30000)"}},
    {kBase + "timers: {profile: fast, loss_interval_ms: 160}\n",
     {"vsm-a.yaml:5: timers.loss_interval_ms: 160 is not a multiple of heartbeat_interval_ms "
      "(150..30000 in steps of 50)"}},
    {kBase + "timers: {heartbeat_interval_ms: 500, loss_interval_ms: 6500}\n",
     {"vsm-a.yaml:5: timers.heartbeat_interval_ms: 500 needs profile: fast (with profile nx-os "
      "it is always 1000)",
      "vsm-a.yaml:5: timers.loss_interval_ms: 6500 is not a whole number of seconds "
      "(6000..30000 in steps of 1000 with profile nx-os)"}},
    {kBase + "timers: {loss_interval_ms: 5000}\n",
     {"vsm-a.yaml:5: timers.loss_interval_ms: 5000 is out of range (6000..30000)"}},
    {kBase + "timers: {profile: quick, loss_interval_ms: 5}\n",
     {"vsm-a.yaml:5: timers.profile: 'quick' is not one of: nx-os, fast"}},
    {kBase + "timers:\n  heartbeat: 5\n",
     {"vsm-a.yaml:6: timers.heartbeat: unknown key (allowed: profile, heartbeat_interval_ms, "
      "loss_interval_ms)"}},
    {kBase + "timers: [1, 2]\n",
     {"vsm-a.yaml:5: timers: a mapping (key: value) is expected here, not a list"}},
    {kBase + "hostname: [a]\n",
     {"vsm-a.yaml:5: hostname: a single value is expected here (a host name), not a list"}},
    {kBase + "hostname: \"sw\\x01itch\"\n",
     {"vsm-a.yaml:5: hostname: 'sw\\x01itch' holds control characters (a host name)"}},
    {kBase + "instance: ../vsm\n",
     {"vsm-a.yaml:5: instance: '../vsm' is not an instance name: letters, digits, '-', '_' and "
      "'.', starting with a letter or digit (1..63 characters)"}},
    {kBase + "setup: {role: primary, domain: 1}\n",
     {"vsm-a.yaml:5: setup: given twice (first on line 1)"}},
    {kBase + "log: {level: info, level: debug}\n",
     {"vsm-a.yaml:5: log.level: given twice (first on line 5)"}},
    {kBase + "log: {\"\\e[2J\": 1, \"\\e[2J\": 2}\n",
     {"vsm-a.yaml:5: log.\\x1b[2J: given twice (first on line 5)",
      "vsm-a.yaml:5: log.\\x1b[2J: unknown key (allowed: level, file)"}},
    {kBase + "access: {other: x}\n",
     {"vsm-a.yaml:5: access.other: unknown key (allowed: admin_group)"}},
    {kBase + "redundancy: {dying_gasp: perhaps, sigh: true}\n",
     {"vsm-a.yaml:5: redundancy.dying_gasp: 'perhaps' is not one of: false, true",
      "vsm-a.yaml:5: redundancy.sigh: unknown key (allowed: dying_gasp)"}},
    {kBase + "scheduling: {realtime_priority: 100, lock_memory: maybe}\n",
     {"vsm-a.yaml:5: scheduling.realtime_priority: 100 is out of range (0..99)",
      "vsm-a.yaml:5: scheduling.lock_memory: 'maybe' is not one of: false, true"}},
    {kBase + "ethertype: 0x0500\n",
     {"vsm-a.yaml:5: ethertype: 0x0500 is out of range (0x0600..0xffff)"}},
    {kBase + "ethertype: 0x86dd\n",
     {"vsm-a.yaml:5: ethertype: 0x86dd belongs to IPv6 (0x0600..0xffff, default 0x88b5)"}},
    {kBase + "peer_mac: {policy: static, control: \"02:00:00:00:00:01\"}\n",
     {"vsm-a.yaml:5: peer_mac.mgmt: is missing (a MAC address like 02:00:00:00:01:0a)"}},
    {kBase + "peer_mac: {policy: sticky, mgmt: \"02:00:00:00:00:01\"}\n",
     {"vsm-a.yaml:5: peer_mac.mgmt: is for policy: static only"}},
    {kBase + "peer_mac: {policy: static, control: ff:ff:ff:ff:ff:ff, mgmt: '02:00:00:00:00:01'}\n",
     {"vsm-a.yaml:5: peer_mac.control: 'ff:ff:ff:ff:ff:ff' is not the MAC address of one "
      "node"}},
    {kBase + "storage: {maximum_size_mib: 0}\n",
     {"vsm-a.yaml:5: storage.maximum_size_mib: 0 is out of range (1..65536)"}},
    {kBase + "directories: {state: var}\n",
     {"vsm-a.yaml:5: directories.state: 'var' is not an absolute path"}},
    {kBase + "authentication: {keys: []}\n",
     {"vsm-a.yaml:5: authentication.keys: is missing or empty (a list of {id: 1..255, file: "
      "PATH}); leave authentication out to use none"}},
    {kBase + "authentication: {keys: [{id: 0, file: none}]}\n",
     {"vsm-a.yaml:5: authentication.keys[0].id: 0 is out of range (1..255)"}},
    {kBase + "authentication: {keys: [{id: 1, file: none}]}\n",
     {"vsm-a.yaml:5: authentication.keys[0].file: key file DIR/none: no such file or "
      "directory"}},
    {kBase + "a: &x 1\nb: *x\n",
     {"vsm-a.yaml:5: a: unknown key (allowed: instance, hostname, setup, interfaces, "
      "ethertype, "
      "timers, authentication, peer_mac, personality, redundancy, directories, storage, "
      "log, scheduling, access, hooks)",
      "vsm-a.yaml:6: aliases (*name) are not allowed: write the value out",
      "vsm-a.yaml:6: b: unknown key (allowed: instance, hostname, setup, interfaces, "
      "ethertype, "
      "timers, authentication, peer_mac, personality, redundancy, directories, storage, "
      "log, scheduling, access, hooks)"}},
    {"setup: {role: primary}\n",
     {"vsm-a.yaml:1: setup.domain: is missing (1..4095)", "vsm-a.yaml:1: interfaces: is missing"}},
    {"setup: {role: both, domain: 4096}\ninterfaces:\n  control: {name: a/b, vlan: 4095}\n"
     "  mgmt:\n    name: sixteen-letters-\n    addresses:\n      - 10.0.0.1\n      - "
     "10.0.0.0/33\n"
     "      - fe80::1%eth0/64\n      - ::/0\n      - 224.0.0.1/24\n",
     {"vsm-a.yaml:1: setup.role: 'both' is not one of: standalone, primary, secondary",
      "vsm-a.yaml:1: setup.domain: 4096 is out of range (1..4095)",
      "vsm-a.yaml:3: interfaces.control.vlan: 4095 is out of range (1..4094)",
      "vsm-a.yaml:3: interfaces.control.name: 'a/b' cannot be an interface name",
      "vsm-a.yaml:5: interfaces.mgmt.name: 'sixteen-letters-' has 16 characters (an interface "
      "name, 1..15 characters)",
      "vsm-a.yaml:7: interfaces.mgmt.addresses[0]: '10.0.0.1' needs a prefix length of 1…32 after "
      "a slash",
      "vsm-a.yaml:8: interfaces.mgmt.addresses[1]: '10.0.0.0/33' needs a prefix length of 1…32 "
      "after a slash",
      "vsm-a.yaml:9: interfaces.mgmt.addresses[2]: 'fe80::1%eth0/64' is not an IPv4 or IPv6 "
      "address with a prefix length (10.0.0.10/24)",
      "vsm-a.yaml:10: interfaces.mgmt.addresses[3]: '::/0' needs a prefix length of 1…128 after a "
      "slash",
      "vsm-a.yaml:11: interfaces.mgmt.addresses[4]: '224.0.0.1/24' is a multicast address"}},
    {"setup: {role: primary, domain: 1}\ninterfaces: {control: {name: eth0, vlan: 5}, mgmt: "
     "{name: eth0, vlan: 5}}\n",
     {"vsm-a.yaml:2: interfaces.mgmt.name: 'eth0' in the same VLAN is interfaces.control "
      "already; mgmt must be a second path"}},
    {"", {"vsm-a.yaml: the file is empty"}},
    {" \n\n", {"vsm-a.yaml: the file is empty"}},
    {"# nothing\n", {"vsm-a.yaml: the file holds only comments"}},
    {"- 1\n", {"vsm-a.yaml:1: a mapping (key: value) is expected here, not a list"}},
    {"a: 1\n\x7f\n", {"vsm-a.yaml:2: this is not a UTF-8 text file: '\\x7f' at byte 5"}},
    {"a: 1\n# B\xfcro\n", {"vsm-a.yaml:2: this is not a UTF-8 text file: '\\xfc' at byte 8"}},
    {kBase + "---\nsetup: 1\n", {"vsm-a.yaml:6: a second document (---) is not allowed"}},
};

}  // namespace

TEST_CASE("a configuration error names file, line, key, value and range", "[ANY-1][HB-2][HB-6]") {
    const Fault fault = GENERATE(from_range(kFaults));
    INFO(fault.text);
    CHECK(errors_of(fault.text) == fault.expected);
}

TEST_CASE("text that is no YAML is refused with its line", "[ANY-1]") {
    for (const std::string text : {"a: [1, 2\nb: 3\n", "a:\n\t- b\n", "{", "a: b: c\n"}) {
        const auto errors = errors_of(text);
        INFO(text);
        REQUIRE(errors.size() == 1);
        CHECK(errors[0].find("this is not YAML: ") != std::string::npos);
    }
}

TEST_CASE("a hostile configuration file neither hangs nor kills the program", "[ANY-1]") {
    const test::TemporaryDirectory folder;
    const auto errors = [&](const std::string& file) {
        const auto loaded = load_supervisor_configuration(file);
        return loaded ? Lines{} : loaded.error();
    };
    const std::string huge = folder.write("huge.yaml", std::string((1U << 20U) + 1, '#'));
    CHECK(errors(huge) == Lines{huge + ": is longer than 1048576 bytes"});
    const std::string none = folder.path() + "/none.yaml";
    CHECK(errors(none) == Lines{none + ": no such file or directory"});
    CHECK(errors(folder.path()) == Lines{folder.path() + ": is not a regular file"});
    const std::string deep = folder.write("deep.yaml", "a: " + std::string(100000, '['));
    CHECK(errors(deep).size() == 1);
    const std::string flow = folder.write("flow.yaml", "a: " + std::string(100000, '{'));
    CHECK(errors(flow).size() == 1);
}

TEST_CASE("a standalone supervisor needs no mgmt interface", "[ROLE-1]") {
    CHECK(errors_of("setup: {role: standalone, domain: 1}\ninterfaces: {control: {name: c}}\n")
              .empty());
    CHECK(errors_of("setup: {role: secondary, domain: 1}\ninterfaces: {control: {name: c}}\n") ==
          Lines{"vsm-a.yaml:2: interfaces.mgmt: is missing"});
}

TEST_CASE("a key file must be private and hold 64 hexadecimal digits", "[ANY-1]") {
    const test::TemporaryDirectory folder;
    const auto error = [&](const std::string& key, int mode) {
        folder.write("key", key, mode);
        const auto loaded = load_supervisor_configuration(folder.write(
            "vsm-a.yaml", std::string(kMinimal) + "authentication: {keys: [{id: 1, file: key}]}"));
        return loaded ? "" : loaded.error().at(0).substr(loaded.error().at(0).find("/key: ") + 6);
    };
    CHECK(error(kSecret, 0600).empty());
    CHECK(error(kSecret + "\r\n", 0640).empty());
    CHECK(error(kSecret, 0604).rfind("others may read or write it", 0) == 0);
    CHECK(error(kSecret.substr(1), 0600).rfind("holds 63 characters, 64 hexadecimal digits", 0) ==
          0);
    CHECK(error("", 0600).rfind("holds 0 characters", 0) == 0);
    CHECK(error(kSecret.substr(1) + "g", 0600) ==
          "a character at position 64 is no hexadecimal digit");
    CHECK(error(std::string(5000, 'a'), 0600) == "is longer than 4096 bytes");
}
