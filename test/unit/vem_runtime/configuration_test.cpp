// vemd's configuration file: what is read, and that every fault is told with file, line, key, value
// and range (BEHAVIOUR ANY-1).
#include "libvem/runtime/configuration.hpp"

#include <catch2/catch.hpp>

#include "libvem/runtime/host_identity.hpp"
#include "test/support/temporary_directory.hpp"

namespace {

using namespace vem::runtime;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

/// Errors of `text` as the file vem-3.yaml, without the folder.
Lines errors_of(const std::string& text) {
    const test::TemporaryDirectory folder;
    const auto loaded = load_module_configuration(folder.write("vem-3.yaml", text));
    Lines errors;
    if (!loaded)
        for (const std::string& line : loaded.error())
            errors.push_back(line.substr(folder.path().size() + 1));
    return errors;
}

}  // namespace

TEST_CASE("a minimal module configuration gets the documented defaults", "[ANY-2][VEM-3]") {
    const test::TemporaryDirectory folder;
    const auto loaded = load_module_configuration(
        folder.write("vem-3.yaml", "domain: 100\ninterfaces: {control: {name: control0}}\n"));
    REQUIRE(loaded);
    CHECK(loaded->instance == "vem-3");
    CHECK(loaded->options.domain == ha::DomainId{100});
    CHECK(loaded->options.host.is_nil());
    CHECK(loaded->options.heartbeat_interval == 1s);
    CHECK(loaded->options.headless_after == 15s);
    CHECK(loaded->ether_type == 0x88b5);
    CHECK_FALSE(loaded->ports);
    CHECK(loaded->directories.state == "/var/lib/vsm-ha/vem-3");
}

TEST_CASE("all of a module's configuration is read", "[ANY-2][VEM-1]") {
    const test::TemporaryDirectory folder;
    folder.write("key", std::string(64, 'a'));
    const auto loaded = load_module_configuration(folder.write("x.yaml", R"(
instance: vem-9
host: {uuid: 80c34566-7e89-b601-b4f9-001a64dc9054, name: host-a}
domain: 7
interfaces: {control: {name: ctl0, vlan: 260}}
ports: {bridge: br0, members: [eth1, eth2]}
ethertype: 0x88b6
timers: {profile: fast, heartbeat_interval_ms: 20, headless_after_ms: 200}
authentication: {keys: [{id: 3, file: key}]}
directories: {state: /tmp/s, run: /tmp/r}
log: {level: debug, file: /tmp/l}
)"));
    REQUIRE(loaded);
    CHECK(loaded->instance == "vem-9");
    CHECK(loaded->options.host.to_string() == "80c34566-7e89-b601-b4f9-001a64dc9054");
    CHECK(loaded->options.host_name == "host-a");
    CHECK(loaded->control == ha::runtime::PortSettings{"ctl0", std::uint16_t{260}});
    REQUIRE(loaded->ports);
    CHECK(loaded->ports->members == Lines{"eth1", "eth2"});
    CHECK(loaded->options.heartbeat_interval == 20ms);
    CHECK(loaded->options.headless_after == 200ms);
    REQUIRE(loaded->options.keyring.keys.size() == 1);
    CHECK(loaded->options.keyring.keys[0].id == 3);
    CHECK(loaded->log.threshold == 7);
}

TEST_CASE("fast timers make headless after fifteen intervals", "[VEM-3][HB-6]") {
    const test::TemporaryDirectory folder;
    const auto loaded = load_module_configuration(folder.write(
        "a.yaml", "domain: 1\ninterfaces: {control: {name: c}}\ntimers: {profile: fast}\n"));
    REQUIRE(loaded);
    CHECK(loaded->options.headless_after == 750ms);
}

TEST_CASE("every fault of a module's configuration is told at once", "[ANY-1]") {
    CHECK(errors_of(R"(host: {uuid: nonsense}
domain: 4096
interfaces: {control: {name: control0}}
ports:
  bridge: br0
  members: [eth1, br0, eth1, control0, much-too-long-name]
timers: {headless_after_ms: 100}
surprise: 1
)") == Lines{
           "vem-3.yaml:1: host.uuid: 'nonsense' is not a UUID (8-4-4-4-12 hexadecimal digits)",
           "vem-3.yaml:2: domain: 4096 is out of range (1..4095)",
           "vem-3.yaml:6: ports.members[1]: 'br0' is the bridge itself",
           "vem-3.yaml:6: ports.members[2]: 'eth1' is given twice",
           "vem-3.yaml:6: ports.members[3]: 'control0' is interfaces.control, and a member "
           "hears nothing of its own",
           "vem-3.yaml:6: ports.members[4]: 'much-too-long-name' cannot be an interface name "
           "(1..15 characters)",
           "vem-3.yaml:7: timers.headless_after_ms: 100 is out of range (3000..600000)",
           errors_of("domain: 1\ninterfaces: {control: {name: c}}\n\n\n\n\n\nsurprise: 1\n").at(0),
       });
    CHECK(errors_of("").size() >= 1);
    CHECK(errors_of(std::string(100, '\0')).size() >= 1);
    CHECK_FALSE(load_module_configuration("/nonexistent/vem.yaml"));
}

TEST_CASE("the sample configuration of a module is valid", "[ANY-2]") {
    const auto loaded = load_module_configuration(VSM_HA_SOURCE_DIR "/configs/vemd.yaml");
    REQUIRE(loaded);
    CHECK(loaded->instance == "vem-3");
}

TEST_CASE("the machine's identifier names the host, nothing else does", "[VEM-1]") {
    const test::TemporaryDirectory folder;
    const auto good = machine_uuid(folder.write("id", "80c345667e89b601b4f9001a64dc9054\n"));
    REQUIRE(good);
    CHECK(good->to_string() == "80c34566-7e89-b601-b4f9-001a64dc9054");
    CHECK_FALSE(machine_uuid(folder.write("short", "80c3\n")));
    CHECK_FALSE(machine_uuid(folder.write("nil", std::string(32, '0'))));
    const auto missing = machine_uuid(folder.path() + "/none");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().find("set host.uuid") != std::string::npos);
}
