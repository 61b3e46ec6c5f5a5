// Both sides of a split brain keep both logs before the loser restarts, and nothing of it delays
// the restart for longer than a fixed part of T (SB-4).
#include <catch2/catch.hpp>

#include "libha/config/accounting.hpp"
#include "libha/supervisor/kept_logs.hpp"
#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace ha::supervisor;
using namespace std::chrono_literals;
using records::Space;
using redundancy::PairState;
using test::VirtualPair;

namespace {

/// Two actives that have not heard each other for a while; each was configured meanwhile.
struct Split {
    VirtualPair world;

    explicit Split(bool with_key = false) {
        const auto tune = [with_key](Options& options) {
            if (with_key)
                options.keyring.keys.push_back({1, {7}});
        };
        REQUIRE(world.become_ha(tune));
        for (const PortKind port : kPortKinds)
            world.cut("b", port);
        REQUIRE(world.run_until(
            [&] {
                return world.state("a") == PairState::active_alone &&
                       world.state("b") == PairState::active_alone;
            },
            20s));
        configure("a", "hostname alpha");
        configure("b", "hostname beta");
        configure("a", "hostname again");  // the later one: a wins
    }
    void configure(const std::string& node, const std::string& line) {
        world.input(node, [&](Instant now) {
            return ChangeRequested{
                1, {"admin", "console0"}, line, ConfigurationLine{"", line}, WallTime{}, now};
        });
        world.run(5s);
    }
    void heal(PortKind port) {
        auto& node = world.node("b");
        node.deaf[index_of(port)] = false;
        node.mute[index_of(port)] = false;
    }
    /// How long it takes until b restarts.
    Duration until_restart(Duration limit = 30s) {
        const Instant begun = world.now();
        REQUIRE(world.run_until([&] { return world.node("b").restarts == 1; }, limit));
        return world.now() - begun;
    }
    std::vector<std::string> commands(const std::string& node, Space space) {
        std::vector<std::string> commands;
        for (const auto& entry : config::accounting_of(world.node(node).disk.records(), space))
            commands.push_back(entry.command);
        return commands;
    }
    std::optional<KeptLog> about(const std::string& node, Space space) {
        return kept_log_of(world.node(node).disk.records(), space);
    }
    std::size_t trace_size(const std::string& node, Space space) {
        return trace_of(world.node(node).disk.records(), space).size();
    }
};

const std::vector<std::string> kOfA{"hostname alpha", "hostname again"};
const std::vector<std::string> kOfB{"hostname beta"};

}  // namespace

TEST_CASE("Both sides keep both logs before the loser restarts", "[SB-4]") {
    Split split(GENERATE(false, true));
    const bool mgmt_alone = GENERATE(false, true);
    split.heal(PortKind::mgmt);
    if (!mgmt_alone)
        split.heal(PortKind::control);
    CHECK(split.until_restart() < 1s + 15s / redundancy::kLogsShare);
    split.world.run(1s);
    CHECK(split.commands("a", Space::accounting_backup) == kOfA);
    CHECK(split.commands("a", Space::accounting_of_remote) == kOfB);
    CHECK(split.commands("b", Space::accounting_backup) == kOfB);
    CHECK(split.commands("b", Space::accounting_of_remote) == kOfA);
    for (const std::string node : {"a", "b"}) {
        for (const Space space : kKeptLogSpaces) {
            const auto about = split.about(node, space);
            REQUIRE(about);
            CHECK(about->lacking.empty());
            CHECK(about->outcome.find("sup-2 restarts") == 0);
        }
        CHECK(split.trace_size(node, Space::redundancy_trace_backup) > 3);
        CHECK(split.trace_size(node, Space::redundancy_trace_of_remote) > 3);
    }
}

TEST_CASE("What was kept outlives the restart and the synchronization, until it is cleared",
          "[SB-4]") {
    Split split;
    split.world.heal("b");
    REQUIRE(split.world.run_until([&] { return split.world.is_ha("a", "b"); }, 30s));
    // The loser's own log is gone with its restart: this is what is left of it.
    CHECK(split.commands("b", Space::accounting) == kOfA);
    CHECK(split.commands("b", Space::accounting_backup) == kOfB);
    split.world.input("b", [](Instant now) { return ClearKeptLog{Space::accounting_backup, now}; });
    split.world.run(1s);
    CHECK_FALSE(split.about("b", Space::accounting_backup));
    CHECK(split.about("b", Space::accounting_of_remote));
    CHECK(split.about("a", Space::accounting_backup));
    SECTION("nothing else can be cleared that way") {
        split.world.input("b", [](Instant now) { return ClearKeptLog{Space::accounting, now}; });
        split.world.run(1s);
        CHECK(split.commands("b", Space::accounting) == kOfA);
    }
}

TEST_CASE("An exchange that is lost delays nobody beyond a fixed part of T", "[SB-4][SB-1]") {
    Split split;
    // Everything gets through but the logs.
    split.world.refuse = [](const wire::Bytes& payload) {
        return payload[5] == static_cast<std::uint8_t>(wire::FrameType::exchange_data);
    };
    split.world.heal("b");
    const Duration took = split.until_restart();
    CHECK(took >= 15s / 6);
    CHECK(took <= 1s + 15s / redundancy::kLogsShare);
    split.world.run(1s);
    for (const std::string node : {"a", "b"}) {
        const auto theirs = split.about(node, Space::accounting_of_remote);
        REQUIRE(theirs);
        CHECK(theirs->lacking.find("nothing came from the other supervisor") == 0);
        CHECK(split.about(node, Space::accounting_backup)->lacking.empty());
    }
    CHECK(split.commands("b", Space::accounting_backup) == kOfB);
}

TEST_CASE("Of a log that is too long the newest entries are kept, and it says so", "[SB-4]") {
    Split split;
    for (int count = 0; count < 1000; ++count)
        split.world.input("a", [&](Instant now) {
            return ChangeRequested{1,
                                   {"admin", "console0"},
                                   "command number " + std::to_string(count),
                                   ConfigurationLine{"", "hostname x" + std::to_string(count)},
                                   WallTime{},
                                   now};
        });
    split.world.run(5s);
    split.world.heal("b");
    split.until_restart();
    split.world.run(1s);
    const auto theirs = split.commands("b", Space::accounting_of_remote);
    REQUIRE(theirs.size() > 300);
    CHECK(theirs.size() < 1000);
    CHECK(theirs.back() == "command number 999");
    const auto about = split.about("b", Space::accounting_of_remote);
    CHECK(about->entries == 1002);
    CHECK(about->lacking.find("the newest only") == 0);
}
