// The data of the commands: valid JSON, the keys that docs/json.md promises and no others, and the
// same keys in every situation.
#include <fstream>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "test/unit/cli/snapshots.hpp"

using namespace ha::cli;
using namespace ha::cli::test;
using nlohmann::json;

namespace {

const std::vector<std::string> kShows = {"show system redundancy status",
                                         "show redundancy status",
                                         "show module",
                                         "show module vem",
                                         "show module vem counters",
                                         "show module vem mapping",
                                         "show module uptime",
                                         "show system internal redundancy trace",
                                         "show system internal redundancy info",
                                         "show system internal redundancy status",
                                         "show system internal redundancy statistics",
                                         "show svs domain",
                                         "show svs neighbors",
                                         "show logging last 9999",
                                         "show logging logfile",
                                         "show inventory",
                                         "show processes",
                                         "show clock",
                                         "show version",
                                         "show cli list"};

json data_of(const std::string& command, const Context& context) {
    const auto result = execute(command + " | json", context);
    INFO(command);
    REQUIRE(result.exit_status == 0);
    return json::parse(result.output);
}

void add_keys(const json& value, std::set<std::string>& keys) {
    if (value.is_array()) {
        for (const auto& row : value)
            add_keys(row, keys);
    }
    if (!value.is_object())
        return;
    for (const auto& [key, member] : value.items()) {
        if (!key.starts_with("ROW_"))
            keys.insert(key);
        add_keys(member, keys);
    }
}

std::set<std::string> top_keys(const json& value) {
    std::set<std::string> keys;
    for (const auto& [key, member] : value.items())
        keys.insert(key);
    return keys;
}

}  // namespace

TEST_CASE("docs/json.md names every key that a command emits", "[cli]") {
    std::string path = VSM_HA_SOURCE_DIR;
    path += "/docs/json.md";
    std::ifstream stream(path);
    std::stringstream page;
    page << stream.rdbuf();
    const auto text = page.str();
    std::set<std::string> keys;
    for (const auto& [name, context] : situations()) {
        for (const auto& command : kShows)
            add_keys(data_of(command, context), keys);
    }
    REQUIRE(keys.size() > 100);
    for (const auto& key : keys) {
        INFO(key);
        CHECK(text.find("`" + key + "`") != std::string::npos);
    }
}

TEST_CASE("a command has the same keys in every situation", "[cli]") {
    for (const auto& command : kShows) {
        const auto expected = top_keys(data_of(command, situation("pair-active")));
        for (const auto& [name, context] : situations()) {
            INFO(command << " in " << name);
            CHECK(top_keys(data_of(command, context)) == expected);
        }
    }
}

TEST_CASE("the status says in data what its layout has no room for",
          "[ROLE-3][ROLE-4][HB-4][COL-1][cli]") {
    const auto active = data_of("show system redundancy status", situation("pair-active"));
    CHECK(active["rdn_mode_oper"] == "HA");
    CHECK(active["this_sup_internal_state"] == "Active with HA standby");
    CHECK(active["other_sup_rdn_state"] == "Standby");
    CHECK(active["pair_state"] == "active-ha");
    CHECK(active["last_heard_control_age_ms"] == 120);
    const auto syncing = data_of("show system redundancy status", situation("syncing"));
    CHECK(syncing["rdn_mode_oper"] == "None");
    CHECK(syncing["other_sup_sup_state"] != "HA standby");
    const auto degraded = data_of("show system redundancy status", situation("degraded"));
    CHECK(degraded["degraded"] == true);
    CHECK(degraded["degraded_age_ms"] == 42000);
    CHECK(degraded["degraded_reason"] == "no response on control for 7.5 s");
    const auto collisions = data_of("show system redundancy status", situation("collisions"));
    const auto& rows = collisions["TABLE_collisions"]["ROW_collisions"];
    REQUIRE(rows.size() == 8);
    CHECK(rows[2]["mac"] == "00:50:56:97:02:2f");
    CHECK(rows[2]["age_ms"] == 95000);
    CHECK(collisions["collisions_overwritten"] == 1);
    const auto alone = data_of("show system redundancy status", situation("alone"));
    CHECK(alone["other_sup_rdn_state"] == "Not present");
    CHECK(alone["other_sup_sup_state"].is_null());
}

TEST_CASE("the interval to degraded mode is shown as the pair counts it", "[HB-3][cli]") {
    const auto data = data_of("show system internal redundancy info", situation("pair-active"));
    CHECK(data["heartbeat_interval_ms"] == 1000);
    CHECK(data["loss_interval_ms"] == 15000);
    CHECK(data["degraded_after_ms"] == 8000);
}

TEST_CASE("statistics have every frame type and every drop reason", "[ANY-1][cli]") {
    const auto data =
        data_of("show system internal redundancy statistics", situation("pair-active"));
    CHECK(data["TABLE_frames"]["ROW_frames"].size() == 2 * ha::wire::kFrameTypeCount);
    CHECK(data["TABLE_drops"]["ROW_drops"].size() == 2 * ha::wire::kDropReasonCount);
}

TEST_CASE("a name that a remote made up cannot break a layout or the data", "[ANY-1][cli]") {
    auto context = situation("pair-active");
    context.snapshot.modules.modules[0].record.host_name = "a\nb\x1b[2J\xff<&>\"";
    const auto text = execute("show module vem", context).output;
    CHECK(text.find("a?b?[2J?<&>\"\n") != std::string::npos);
    const auto data = data_of("show module vem", context);
    CHECK(data["TABLE_modsrvinfo"]["ROW_modsrvinfo"][0]["srvname"] == "a?b?[2J?<&>\"");
    CHECK(execute("show module vem | xml", context).output.find("a?b?[2J?&lt;&amp;&gt;\"") !=
          std::string::npos);
}
