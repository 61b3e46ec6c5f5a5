// A run in a virtual world, recorded: it can be had again from its journal, and only exactly.
#include "libha/journal/replay.hpp"

#include <catch2/catch.hpp>

#include "libha/journal/describe.hpp"
#include "libsim/recording/world_journals.hpp"
#include "test/unit/journal/samples.hpp"

using namespace ha;
using namespace ha::journal;
using namespace std::chrono_literals;

namespace {

constexpr sim::NodeIndex kA = 0;
constexpr sim::NodeIndex kB = 1;

MacAddress mac(sim::NodeIndex node, PortKind port) {
    return {{2, 0, 0, 0, static_cast<std::uint8_t>(index_of(port) + 1),
             static_cast<std::uint8_t>(node + 1)}};
}

/// A pair with a key and two modules through a start, a takeover, a split brain and a reload.
struct Story {
    sim::World world{{}};
    wire::Bytes a;
    wire::Bytes b;
    sim::recording::WorldJournals journals{
        world, "0.0.0", [this](sim::NodeIndex node, const wire::Bytes& record) {
            wire::Bytes& journal = node == kA ? a : b;
            journal.insert(journal.end(), record.begin(), record.end());
        }};

    Story() {
        for (const Role role : {Role::primary, Role::secondary}) {
            const sim::NodeIndex node = world.nodes();
            sim::SupervisorSettings settings;
            settings.options.pair.role = role;
            settings.options.pair.heartbeat_interval = 50ms;
            settings.options.pair.loss_interval = 150ms;
            settings.options.keyring.keys.resize(1);
            settings.options.keyring.keys[0].id = 1;
            for (const PortKind port : kPortKinds)
                settings.interfaces[index_of(port)].mac = mac(node, port);
            world.add_supervisor(role == Role::primary ? "vsm-a" : "vsm-b", settings);
        }
        for (sim::NodeIndex node = 2; node < 4; ++node) {
            sim::ModuleSettings settings;
            settings.options.heartbeat_interval = 50ms;
            settings.options.headless_after = 750ms;
            settings.options.host.octets[0] = static_cast<std::uint8_t>(node);
            settings.options.keyring.keys.resize(1);
            settings.options.keyring.keys[0].id = 1;
            settings.control.mac = mac(node, PortKind::control);
            world.add_module("vem-" + std::to_string(node + 1), settings);
        }
        world.add_observer(journals);
        for (sim::NodeIndex node = 0; node < world.nodes(); ++node)
            world.start(node);
        world.run_for(2s);
        world.kill(kA);
        world.run_for(1s);
        world.start(kA);
        world.run_for(2s);
        for (const PortKind port : kPortKinds)
            world.cut(kB, port, sim::Direction::both);
        world.run_for(1s);
        for (const PortKind port : kPortKinds)
            world.heal(kB, port);
        world.run_for(2s);
        world.request(kA, supervisor::ReloadRequested{});
        world.run_for(2s);
    }
};

}  // namespace

TEST_CASE("a recorded run comes out byte for byte when it is run again", "[journal][replay]") {
    const Story story;
    for (const wire::Bytes* journal : {&story.a, &story.b}) {
        const std::vector<Record> records = samples::records_of(*journal);
        REQUIRE_FALSE(records.empty());
        Replay replay;
        CHECK_FALSE(replay.has_life());
        std::size_t lives = 0;
        std::size_t effects = 0;
        for (const Record& record : records) {
            if (const auto* life = std::get_if<LifeBegun>(&record)) {
                replay.begin(*life);
                ++lives;
                continue;
            }
            const auto& step = std::get<Step>(record);
            REQUIRE_FALSE(replay.step(step));
            effects += step.effects.size();
        }
        CHECK(lives >= 2);
        CHECK(effects > 100);
        CHECK(replay.age() > 500ms);
    }
}

TEST_CASE("equal runs make equal journals", "[journal][replay]") {
    const Story one;
    const Story other;
    CHECK(one.a == other.a);
    CHECK(one.b == other.b);
}

TEST_CASE("a run that is another one is told with what was recorded and what was given",
          "[journal][replay]") {
    const Story story;
    const std::vector<Record> records = samples::records_of(story.b);
    LifeBegun life = std::get<LifeBegun>(records.front());
    life.options.pair.incarnation = Incarnation{5};
    Replay replay;
    replay.begin(life);
    std::optional<Difference> difference;
    for (std::size_t at = 1; !difference; ++at)
        difference = replay.step(std::get<Step>(records.at(at)));
    REQUIRE(difference->recorded);
    REQUIRE(difference->given);
    CHECK(difference->recorded->find("hello secondary #1") != std::string::npos);
    CHECK(difference->given->find("hello secondary #1 00000000.00000005 ") != std::string::npos);
}

TEST_CASE("too many and too few effects are told, and equal words get their bytes",
          "[journal][replay]") {
    using supervisor::Effects;
    const Effects two{supervisor::HoldAddress{}, supervisor::Exit{}};
    const Effects one{supervisor::HoldAddress{}};
    CHECK_FALSE(compare(two, two));
    const auto fewer = compare(two, one);
    REQUIRE(fewer);
    CHECK(fewer->effect == 1);
    CHECK(fewer->recorded == "exit");
    CHECK_FALSE(fewer->given);
    const auto more = compare(one, two);
    REQUIRE(more);
    CHECK_FALSE(more->recorded);
    CHECK(more->given == "exit");
    // Two arguments where the text has one: the line is the same.
    using catalog::MessageId;
    const auto bytes = compare({catalog::Report{MessageId::becoming_active, {}}},
                               {catalog::Report{MessageId::becoming_active, {"x"}}});
    REQUIRE(bytes);
    CHECK(bytes->recorded != bytes->given);
    CHECK(bytes->recorded->find("becoming active. [a1667265706f7274") != std::string::npos);
}

TEST_CASE("a journal in words says everything but the keys", "[journal]") {
    std::string text = describe(LifeBegun{"0.1.0", "vsm-a", {}, samples::unusual_options(), {}});
    CHECK(
        text.starts_with("vsm-a secondary domain=4095 incarnation=12345678.90abcdef "
                         "h=333.333333ms T=10s keys 255 1 stored: facts/configuration="));
    for (const supervisor::Input& input : samples::all_inputs())
        text += "\n" + describe(input);
    for (const supervisor::Effect& effect : samples::all_effects())
        text += "\n" + describe(effect);
    for (const char* words :
         {"mgmt 02:ff:00:80:7f:01 [bad-magic] ffff", " (waited 5ns)\n",
          "mgmt dropped 18446744073709551615 rate-limited\n", "\ntick\n",
          "is administratively down (rrr", "stored 18446744073709551615\n", "stop requested\n",
          "reload requested\n", "clear peer MAC requested\n", "keyring changed: keys 255 1\n",
          "stalled for 900s\n", "send mgmt 02:ff:00:80:7f:01 ",
          "\nstore 65535 identity/boots=4294967295, ",
          "\nhold address\nannounce address\nrelease address\n", "\nrestart: because\nexit\n%"}) {
        INFO(words);
        CHECK(text.find(words) != std::string::npos);
    }
    CHECK(text.find("a5a5") == std::string::npos);
}

TEST_CASE("a journal in words cannot write on the reader's terminal", "[journal][ANY-1]") {
    const std::string bell = "\x1b]0;mine\a\x7f";
    const std::string shown = "\\x1b]0;mine\\x07\\x7f";
    LifeBegun life;
    life.instance = bell;
    supervisor::PersistentState stored;
    stored.modules = {{Uuid{}, Slot{3}, bell}};
    life.options.stored = supervisor::StoredState(stored);
    supervisor::LinkState link;
    link.interface_name = bell;
    for (const std::string& text :
         {describe(life), describe(supervisor::LinkChanged{PortKind::control, link, Instant{}}),
          describe(supervisor::Restart{bell})}) {
        CHECK(text.find(shown) != std::string::npos);
        CHECK(text.find(bell) == std::string::npos);
    }
}
