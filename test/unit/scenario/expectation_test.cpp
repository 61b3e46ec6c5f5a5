// What expectations look at and compare: paths into data, checks, the long forms, and steps and
// expectations in words.
#include "libsim/scenario/expectation.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "libsim/scenario/json.hpp"
#include "libsim/scenario/path.hpp"
#include "libsim/scenario/reader.hpp"

namespace {

using namespace sim::scenario;

bool check(Check::Kind kind, const std::string& wanted, const std::string& observed) {
    return holds({kind, wanted}, observed);
}

}  // namespace

TEST_CASE("paths lead into data", "[scenario]") {
    const auto data = nlohmann::json::parse(
        R"({"TABLE_x": {"ROW_x": [{"mod": 3, "s": "ok"}, {"mod": 4, "s": null}]}, "on": true})");
    CHECK(follow(data, "TABLE_x.ROW_x[mod=3].s") == std::string("ok"));
    CHECK(follow(data, "TABLE_x.ROW_x[1].s") == std::string("null"));
    CHECK(follow(data, "TABLE_x.ROW_x.length") == std::string("2"));
    CHECK(follow(data, "on") == std::string("true"));
    CHECK(follow(data, "TABLE_x.ROW_x[0]") == std::string(R"({"mod":3,"s":"ok"})"));
    CHECK(follow(data, "TABLE_x.ROW_x[mod=5].s").error() ==
          "nothing at mod=5 of TABLE_x.ROW_x[mod=5].s");
    for (const char* nowhere : {"TABLE_y", "TABLE_x.ROW_x[7]", "TABLE_x.ROW_x.s", "on.x", "on[0]"})
        CHECK_FALSE(follow(data, nowhere));
    for (const char* wrong : {"", ".a", "a.", "a..b", "a[", "a[]", "a[x]", "a[=3]", "a]", "a[0]b",
                              "a[99999999999999999999999]"}) {
        INFO(wrong);
        CHECK_FALSE(parse_path(wrong));
    }
}

TEST_CASE("checks compare texts and numbers", "[scenario]") {
    CHECK(check(Check::Kind::equals, "3", "3"));
    CHECK_FALSE(check(Check::Kind::equals, "3", "3.0"));
    CHECK(check(Check::Kind::not_equals, "HA", "None"));
    CHECK(check(Check::Kind::matches, "^a.c$", "abc"));
    CHECK_FALSE(check(Check::Kind::matches, "^b", "abc"));
    CHECK(check(Check::Kind::contains, "b", "abc"));
    CHECK(check(Check::Kind::at_least, "2.5", "3"));
    CHECK_FALSE(check(Check::Kind::at_least, "3", "none"));
    CHECK(check(Check::Kind::at_most, "0", "-1"));
    CHECK_FALSE(check(Check::Kind::absent, "", "x"));
}

TEST_CASE("short forms stand for commands", "[scenario]") {
    CHECK(long_form(StatusIs{"vsm-a", StatusIs::Key::mode, "HA"}) ==
          CommandShows{"vsm-a",
                       "show system redundancy status",
                       "rdn_mode_oper",
                       {Check::Kind::equals, "HA"}});
    CHECK(long_form(ModuleIs{"vsm-a", 3, "absent"}) ==
          CommandShows{"vsm-a",
                       "show module",
                       "TABLE_modinfo.ROW_modinfo[modinf=3].status",
                       {Check::Kind::absent, ""}});
}

TEST_CASE("a resolved scenario has everything in it", "[scenario]") {
    const auto scenario = read(R"(description: One. Two.
tags: [HB-3]
lab: {vems: 1, nodes: {vsm-a: {a: [1, null]}}}
steps:
  - cut: {node: vsm-a, cable: control}
  - after: 0.5h
    all:
      - {node: vsm-a, degraded: true, within: 0.5T + h}
      - {node: any, log: X}
  - repeat: {times: 2, steps: [{link: {node: vsm-a, cable: mgmt, up: false}}]}
  - loss: {node: vsm-a, cable: all, percent: 12.5}
  - inject: {port: control, to: vsm-a, kind: reflected}
  - inject: {port: control, to: vsm-a, hex: "01 FF"}
)",
                               "x.yaml");
    REQUIRE(scenario);
    const nlohmann::json json = to_json(*scenario);
    CHECK(json["lab"]["heartbeat_ms"] == 50);
    CHECK(json["lab"]["loss_interval_ms"] == 150);
    CHECK(json["lab"]["multiplier"] == 3);
    CHECK(json["lab"]["ready"] == "ha");
    CHECK(json["lab"]["nodes"]["vsm-a"].dump() == R"({"a":["1",null]})");
    CHECK(json["steps"][0].dump() ==
          R"({"after_ms":null,"at_ms":null,"line":5,"say":null,"value":{"cable":"control",)"
          R"("carrier":false,"direction":"both","from":null,"node":"vsm-a"},"verb":"cut",)"
          R"("words":"cut control of vsm-a"})");
    CHECK(json["steps"][1]["after_ms"] == 25);
    CHECK(json["steps"][1]["value"][0].dump() ==
          R"({"check":{"kind":"equals","wanted":"true"},"command":"show system redundancy status",)"
          R"("line":8,"mode":"within","node":"vsm-a","not_before_ms":null,"path":"degraded",)"
          R"("subject":"command","time_ms":125.0,"words":"vsm-a: degraded is true"})");
    CHECK(json["steps"][1]["value"][1]["node"].is_null());
    CHECK(json["steps"][1]["value"][1]["time_ms"] == 300);
    CHECK(json["steps"][2]["value"]["steps"][0]["value"]["up"] == false);
    CHECK(json["steps"][3]["value"]["percent"] == 12.5);
    CHECK(json["steps"][4]["value"]["like"] == "vsm-a");
    CHECK(json["steps"][5]["value"]["hex"] == "01ff");
}

TEST_CASE("steps are told in words", "[scenario]") {
    CHECK(describe(Cut{"vsm-a", Cable::all, Direction::in}) == "cut all of vsm-a, in only");
    CHECK(describe(Cut{"vsm-a", Cable::mgmt, Direction::both, false, "vsm-b"}) ==
          "cut mgmt between vsm-a and vsm-b");
    CHECK(describe(Partition{{{"vsm-a", "vem-3"}, {"vsm-b"}}, Cable::all}) ==
          "partition all: vsm-a vem-3 | vsm-b");
    CHECK(describe(Loss{"vsm-a", Cable::control, 125'000}) == "lose 12.5 % on control of vsm-a");
    CHECK(describe(Signal{Signal::Kind::hang_up, {"vsm-a", "vem-3"}}) == "hang up vsm-a vem-3");
}

TEST_CASE("settings are merged key by key", "[scenario]") {
    Setting base = Setting::map();
    base.put("setup.role", Setting::text("primary"));
    base.put("setup.domain", Setting::text("100"));
    base.put("key", Setting::text("x"));
    Setting over = Setting::map();
    over.put("setup.role", Setting::text("secondary"));
    over.put("key", Setting{});
    over.put("new.one", Setting::text("1"));
    const Setting merged_settings = merged(base, over);
    CHECK(merged_settings.find("setup.role")->scalar == "secondary");
    CHECK(merged_settings.find("setup.domain")->scalar == "100");
    CHECK(merged_settings.find("key") == nullptr);
    CHECK(merged_settings.find("new.one")->scalar == "1");
}

TEST_CASE("nodes have numbers, addresses and roles of their own", "[scenario]") {
    CHECK(mac_of("vsm-b", ha::PortKind::mgmt).to_string() == "02:00:00:00:02:02");
    CHECK(mac_of("vem-17", ha::PortKind::control).to_string() == "02:00:00:00:01:11");
    CHECK(mac_of("vsm-c", ha::PortKind::control).to_string() == "02:00:00:00:01:c1");
    CHECK(role_of("vsm-a") == ha::Role::primary);
    CHECK(role_of("vsm-c") == ha::Role::secondary);
    CHECK(default_nodes(2) == std::vector<std::string>{"vsm-a", "vsm-b", "vem-3", "vem-4"});
    for (const char* wrong :
         {"vsm-1", "vsm-", "vsm-ab", "vem-2", "vem-03", "vem-100", "vem-", "any"})
        CHECK_FALSE(is_node(wrong));
}
