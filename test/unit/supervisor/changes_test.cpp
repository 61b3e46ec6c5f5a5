// Changes that operators ask for: made on both sides before anybody is told so, and never half
// (BEHAVIOUR SYNC-2, SW-4).
#include <catch2/catch.hpp>

#include "libha/config/accounting.hpp"
#include "libha/config/settings.hpp"
#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace ha::supervisor;
using namespace std::chrono_literals;
using records::Space;
using redundancy::PairState;
using test::VirtualPair;

namespace {

struct Pair {
    VirtualPair world;
    std::uint64_t ticket = 0;

    Pair() { REQUIRE(world.become_ha()); }
    /// The ticket of a change asked for on `node`.
    template <typename Change>
    std::uint64_t ask(const std::string& node, Change change, const std::string& command = "x") {
        ++ticket;
        world.input(node, [&](Instant now) {
            return ChangeRequested{ticket, {"admin", "console0"}, command, change, WallTime{}, now};
        });
        return ticket;
    }
    std::uint64_t configure(const std::string& node, const std::string& line,
                            const std::string& section = {}) {
        return ask(node, ConfigurationLine{section, line}, line);
    }
    [[nodiscard]] bool is_done(const std::string& node, std::uint64_t which) {
        return world.node(node).completed.contains(which);
    }
    void wait_for(const std::string& node, std::uint64_t which) {
        REQUIRE(world.run_until([&] { return is_done(node, which); }, 5s));
    }
    std::string hostname(const std::string& node, Space space = Space::running_configuration) {
        const auto& database = world.node(node).machine->records();
        return config::settings_of(config::Configuration::of(database, space)).hostname;
    }
    std::string stored_hostname(const std::string& node) {
        return config::settings_of(config::Configuration::of(world.node(node).disk.records(),
                                                             Space::running_configuration))
            .hostname;
    }
};

}  // namespace

TEST_CASE("Who is told that a change is made finds it on both disks", "[SYNC-2]") {
    Pair pair;
    const auto ticket = pair.configure("a", "hostname core");
    CHECK_FALSE(pair.is_done("a", ticket));  // not yet: it has only been taken in
    pair.wait_for("a", ticket);
    CHECK(pair.world.node("a").completed[ticket].empty());
    CHECK(pair.stored_hostname("a") == "core");
    CHECK(pair.stored_hostname("b") == "core");
}

// The standby has the way there and back before it, and is what a change waits for.
TEST_CASE("A change goes to the standby first, then to the disk, then to whoever obeys it",
          "[SYNC-2]") {
    Pair pair;
    const auto kinds = [&pair](const std::string& node) {
        std::string letters;
        for (const Effect& effect : pair.world.node(node).effects_of_last_step)
            letters += std::holds_alternative<SendFrame>(effect)              ? 's'
                       : std::holds_alternative<Persist>(effect)              ? 'p'
                       : std::holds_alternative<ConfigurationChanged>(effect) ? 'c'
                                                                              : '?';
        return letters;
    };
    pair.configure("a", "hostname core");
    CHECK(kinds("a") == "spc");
    // Nobody waits for the acknowledgement of the frame.
    REQUIRE(pair.world.run_until([&] { return kinds("b").find('p') != std::string::npos; }, 5s));
    CHECK(kinds("b") == "psc");
}

TEST_CASE("A change that was acknowledged outlives the active", "[SYNC-2][LOSS-2]") {
    Pair pair;
    pair.wait_for("a", pair.configure("a", "hostname core"));
    pair.world.kill("a");
    REQUIRE(pair.world.run_until([&] { return pair.world.state("b") == PairState::active_alone; },
                                 30s));
    CHECK(pair.hostname("b") == "core");
    // And comes back to the one that died, which had it too, but not as its own.
    pair.wait_for("b", pair.configure("b", "hostname edge"));
    pair.world.start("a");
    REQUIRE(pair.world.run_until([&] { return pair.world.is_ha("b", "a"); }, 30s));
    CHECK(pair.hostname("a") == "edge");
    CHECK(pair.world.node("a")
              .machine->records()
              .replicate(pair.world.node("b").machine->records())
              .empty());
}

TEST_CASE("A change is not acknowledged while the standby cannot have it", "[SYNC-2][HB-5]") {
    Pair pair;
    pair.world.cut("b", PortKind::control);
    const auto ticket = pair.configure("a", "hostname core");
    pair.world.run(10s);
    CHECK(pair.world.snapshot("a").pair.degraded);
    CHECK_FALSE(pair.is_done("a", ticket));
    pair.world.heal("b");
    pair.wait_for("a", ticket);
    CHECK(pair.stored_hostname("b") == "core");
    CHECK(pair.world.is_ha("a", "b"));
}

TEST_CASE("A constant stream of changes does not keep a pair from becoming HA",
          "[SYNC-1][SYNC-2][HB-5]") {
    Pair pair;
    pair.world.kill("b");
    REQUIRE(pair.world.run_until([&] { return pair.world.state("a") == PairState::active_alone; },
                                 30s));
    pair.world.start("b");
    // Faster than a change gets to the other disk and its answer back.
    unsigned count = 0;
    while (!pair.world.is_ha("a", "b") && count < 30000) {
        pair.configure("a", "hostname h" + std::to_string(++count));
        pair.world.run(40us);
    }
    CHECK(count < 2000);
    // Who was told by then finds it on the standby: this is what HA means.
    unsigned told = 0;
    for (const auto& [ticket, error] : pair.world.node("a").completed)
        told = std::max(told, error.empty() ? static_cast<unsigned>(ticket) : 0U);
    pair.world.kill("a");
    REQUIRE(pair.world.run_until([&] { return pair.world.state("b") == PairState::active_alone; },
                                 30s));
    CHECK(std::stoul(pair.hostname("b").substr(1)) >= told);
}

TEST_CASE("Without a standby a change is acknowledged when it is on the disk", "[SYNC-2]") {
    Pair pair;
    pair.world.kill("b");
    const auto before = pair.configure("a", "hostname core");  // waits: b may only be slow
    REQUIRE(pair.world.run_until([&] { return pair.world.state("a") == PairState::active_alone; },
                                 30s));
    CHECK(pair.is_done("a", before));
    pair.wait_for("a", pair.configure("a", "hostname edge"));
    CHECK(pair.stored_hostname("a") == "edge");
}

TEST_CASE("A change that is refused changes nothing and is accounted for", "[ANY-1]") {
    Pair pair;
    const auto before = pair.world.node("a").machine->records();
    const auto ticket = pair.configure("a", "system inter-sup-heartbeat time 31");
    CHECK(pair.world.node("a").completed[ticket] == "Invalid number, range is (6:30)");
    pair.world.run(1s);
    const auto& after = pair.world.node("a").machine->records();
    CHECK(after.size() == before.size() + 1);
    const auto entries = config::accounting_of(after);
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].command == "system inter-sup-heartbeat time 31");
    CHECK_FALSE(entries[0].succeeded);
    CHECK(pair.world.node("b").machine->records().replicate(after).empty());
    CHECK(pair.world.snapshot("a").pair.revision > 1);
}

TEST_CASE("The lines of a file come to both supervisors at once", "[SYNC-2][SW-4]") {
    Pair pair;
    const auto lines = [](const std::string& place, const std::string& line,
                          Space space = Space::running_configuration) {
        return LoadedLines{{{{space, place}, line}}, {}};
    };
    pair.wait_for("a", pair.ask("a", lines("hostname", "hostname loaded"), "copy x running"));
    CHECK(pair.stored_hostname("a") == "loaded");
    CHECK(pair.stored_hostname("b") == "loaded");
    const auto refused = pair.ask("a", lines("boots", "7", Space::facts));
    pair.world.run(1s);
    CHECK(pair.world.node("a").completed[refused] == "The change is not one of the configuration");
    LoadedLines both;
    for (const std::string section : {"interface control0", "interface mgmt0"})
        both.changes.push_back(
            {{Space::running_configuration, config::record_name(section, "shutdown")}, "shutdown"});
    const auto cut_off = pair.ask("a", both);
    pair.world.run(1s);
    CHECK(pair.world.node("a").completed[cut_off].starts_with("control0 and mgmt0 cannot both"));
}

TEST_CASE("Module numbers of a file are reserved, all or none", "[VEM-1][SYNC-2][SW-4]") {
    using What = config::ModuleLine::What;
    Pair pair;
    const Uuid one{{1}};
    const Uuid two{{2}};
    const auto numbers = [&](const std::string& node) {
        std::map<unsigned, Uuid> found;
        for (const auto& module : pair.world.snapshot(node).modules.modules)
            found[number(module.record.module)] = module.record.host;
        return found;
    };
    LoadedLines loaded{{}, {{What::reserve, Slot{3}, two}, {What::reserve, Slot{7}, one}}};
    pair.wait_for("a", pair.ask("a", loaded, "copy x running"));
    const std::map<unsigned, Uuid> expected{{3, two}, {7, one}};
    CHECK(numbers("a") == expected);
    // They are the standby's too: it keeps them when it takes over.
    pair.world.kill("a");
    REQUIRE(
        pair.world.run_until([&] { return redundancy::is_active(pair.world.state("b")); }, 30s));
    CHECK(numbers("b") == expected);
}

TEST_CASE("Records of a service are on both supervisors, and no configuration", "[SVC-2][SYNC-2]") {
    Pair pair;
    const auto own = [](const std::string& name, const std::string& value,
                        Space space = Space::checkpoints) {
        return ServiceRecords{{{{space, name}, value}}};
    };
    const auto configured = [&] {
        const auto& records = pair.world.node("a").machine->records();
        return records.find({Space::facts, "configuration"}) != nullptr;
    };
    REQUIRE_FALSE(configured());
    pair.wait_for("a", pair.ask("a", own("next", "42"), ""));
    for (const std::string node : {"a", "b"}) {
        const auto& records = pair.world.node(node).machine->records();
        const std::string* const kept = records.find({Space::checkpoints, "next"});
        REQUIRE(kept != nullptr);
        CHECK(*kept == "42");
        CHECK(config::accounting_of(records).empty());
    }
    CHECK_FALSE(configured());
    const auto revision = pair.world.snapshot("a").pair.revision;
    for (const auto& [change, why] :
         {std::pair{own("next", "1", Space::facts), "The records are not those of a service"},
          std::pair{own("", "1"), ""}, std::pair{own(std::string(500, 'x'), "1"), ""}}) {
        const auto ticket = pair.ask("a", change, "");
        pair.world.run(100ms);
        const std::string& told = pair.world.node("a").completed[ticket];
        CHECK_FALSE(told.empty());
        CHECK(told.starts_with(why));
    }
    CHECK(pair.world.snapshot("a").pair.revision == revision);
    const auto on_standby = pair.ask("b", own("next", "43"), "");
    CHECK(pair.world.node("b").completed[on_standby].ends_with("on the active supervisor only"));
}

TEST_CASE("Commands that others carry out are in the accounting log of both", "[SYNC-1]") {
    Pair pair;
    const auto before = pair.world.snapshot("a").pair.revision;
    pair.wait_for("a", pair.ask("a", CommandGiven{}, "system redundancy role primary"));
    pair.wait_for("a", pair.ask("a", CommandGiven{false}, "system switchover"));
    CHECK(pair.world.snapshot("a").pair.revision == before + 2);
    const auto entries = config::accounting_of(pair.world.node("b").machine->records());
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].command == "system redundancy role primary");
    CHECK(entries[0].succeeded);
    CHECK(entries[1].command == "system switchover");
    CHECK_FALSE(entries[1].succeeded);
}

TEST_CASE("The last path to the peer is not shut down", "[ANY-1][SW-5]") {
    Pair pair;
    const auto set_link = [&pair](PortKind port, bool up) {
        pair.world.set_carrier("a", port, up);
    };
    const auto refused = [&pair](const std::string& section) {
        const auto ticket = pair.configure("a", "shutdown", section);
        pair.world.run(1s);
        return pair.world.node("a").completed[ticket];
    };
    set_link(PortKind::mgmt, false);
    CHECK(refused("interface control0") ==
          "control0 cannot be shut down while mgmt0 is down: the supervisors would not hear each "
          "other");
    set_link(PortKind::mgmt, true);
    set_link(PortKind::control, false);
    CHECK(refused("interface mgmt0") ==
          "mgmt0 cannot be shut down while control0 is dead: the supervisors would not hear each "
          "other");
    set_link(PortKind::control, true);
    pair.world.run(5s);
    CHECK(refused("interface mgmt0").empty());
    // Nobody is cut off from a peer that is not there.
    pair.wait_for("a", pair.configure("a", "no shutdown", "interface mgmt0"));
    pair.world.kill("b");
    set_link(PortKind::mgmt, false);
    REQUIRE(pair.world.run_until([&] { return pair.world.state("a") == PairState::active_alone; },
                                 30s));
    CHECK(refused("interface control0").empty());
}

TEST_CASE("A standby is configured by its active only", "[SW-6]") {
    Pair pair;
    const auto ticket = pair.configure("b", "hostname core");
    CHECK(pair.world.node("b").completed[ticket] ==
          "Configuration is possible on the active supervisor only");
    CHECK(pair.hostname("b") == "switch");
    CHECK(config::accounting_of(pair.world.node("b").machine->records()).empty());
}

TEST_CASE("What was saved is there after both went down, what was not is gone", "[SW-4]") {
    Pair pair;
    pair.configure("a", "hostname saved");
    pair.wait_for("a", pair.ask("a", SaveConfiguration{}));
    pair.wait_for("a", pair.configure("a", "hostname unsaved"));
    CHECK(pair.hostname("b") == "unsaved");
    CHECK(pair.hostname("b", Space::startup_configuration) == "saved");
    for (const char* node : {"a", "b"})
        pair.world.kill(node);
    pair.world.start("b");
    REQUIRE(pair.world.run_until([&] { return pair.world.state("b") == PairState::active_alone; },
                                 30s));
    CHECK(pair.hostname("b") == "saved");
    pair.wait_for("b", pair.ask("b", EraseConfiguration{}));
    CHECK(pair.hostname("b", Space::startup_configuration).empty());
    CHECK(pair.hostname("b") == "saved");
}

TEST_CASE("Unsaved configuration is still unsaved on the new active", "[SW-4]") {
    Pair pair;
    pair.wait_for("a", pair.ask("a", SaveConfiguration{}));
    pair.wait_for("a", pair.configure("a", "hostname unsaved"));
    pair.world.kill("a");
    REQUIRE(pair.world.run_until([&] { return pair.world.state("b") == PairState::active_alone; },
                                 30s));
    CHECK(pair.hostname("b") == "unsaved");
    CHECK(pair.hostname("b", Space::startup_configuration) == "switch");
}

TEST_CASE("The domain that was saved rules over the installation", "[OPS-1]") {
    Pair pair;
    pair.configure("a", "domain id 200", "svs-domain");
    pair.wait_for("a", pair.ask("a", SaveConfiguration{}));
    CHECK(pair.world.snapshot("a").pair.domain == DomainId{100});
    for (const char* node : {"a", "b"}) {
        pair.world.kill(node);
        pair.world.start(node);
    }
    REQUIRE(pair.world.run_until([&] { return pair.world.is_ha("a", "b"); }, 30s));
    CHECK(pair.world.snapshot("b").pair.domain == DomainId{200});
}

TEST_CASE("The supervisor with the later configuration survives a split brain", "[SB-1]") {
    Pair pair;
    for (const PortKind port : kPortKinds)
        pair.world.cut("b", port);
    REQUIRE(pair.world.run_until([&] { return pair.world.state("b") == PairState::active_alone; },
                                 40s));
    pair.world.run(5s);
    pair.wait_for("b", pair.configure("b", "hostname later"));
    pair.world.heal("b");
    REQUIRE(pair.world.run_until([&] { return pair.world.is_ha("b", "a"); }, 60s));
    CHECK(pair.world.node("b").restarts == 0);
    CHECK(pair.hostname("a") == "later");
}

TEST_CASE("Many changes at once arrive in their order", "[SYNC-1]") {
    Pair pair;
    pair.world.loss_percent = 20;
    std::uint64_t last = 0;
    for (unsigned number = 0; number < 300; ++number)
        last = pair.configure("a", "hostname h" + std::to_string(number));
    REQUIRE(pair.world.run_until([&] { return pair.is_done("a", last); }, 60s));
    CHECK(pair.hostname("b") == "h299");
    CHECK(pair.world.node("a").completed.size() == 300);
    CHECK(config::accounting_of(pair.world.node("b").machine->records()).size() == 300);
}

TEST_CASE("The loss interval changes on both sides while they run", "[HB-2]") {
    Pair pair;
    pair.wait_for("a", pair.configure("a", "system inter-sup-heartbeat time 6"));
    pair.world.run(2s);
    CHECK(pair.world.snapshot("a").pair.loss_interval == Duration{6s});
    CHECK(pair.world.snapshot("b").pair.loss_interval == Duration{6s});
    // It outlives the active that was told, and what was saved is there from the start.
    pair.wait_for("a", pair.ask("a", SaveConfiguration{}));
    pair.world.kill("a");
    REQUIRE(
        pair.world.run_until([&] { return pair.world.state("b") == PairState::active_alone; }, 7s));
    CHECK(pair.world.snapshot("b").pair.loss_interval == Duration{6s});
    pair.world.start("a");
    CHECK(pair.world.snapshot("a").pair.loss_interval == Duration{6s});
    REQUIRE(pair.world.run_until([&] { return pair.world.is_ha("b", "a"); }, 30s));
    pair.wait_for("b", pair.configure("b", "no system inter-sup-heartbeat time"));
    pair.world.run(2s);
    CHECK(pair.world.snapshot("a").pair.loss_interval == Duration{15s});
    CHECK(pair.world.snapshot("b").pair.loss_interval == Duration{15s});
}
