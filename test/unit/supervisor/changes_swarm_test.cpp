// Whatever happens to the wires and to either supervisor: a standby that takes over has every
// change that its active has told an operator to be made, and in the end both hold the same
// (BEHAVIOUR SYNC-2).
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "libha/config/settings.hpp"
#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace ha::supervisor;
using namespace std::chrono_literals;
using redundancy::PairState;
using test::VirtualPair;

namespace {

const std::string kNames[] = {"a", "b"};

class Story {
public:
    explicit Story(unsigned seed) : random_(seed) {
        const auto fast = [](Options& options) {
            options.pair.heartbeat_interval = 50ms;
            options.pair.loss_interval = 200ms;
        };
        world_.add("a", Role::primary, fast);
        world_.add("b", Role::secondary, fast);
        for (const std::string& name : kNames)
            world_.start(name);
    }

    void play() {
        for (unsigned step = 0; step < 80; ++step) {
            act();
            pass(std::chrono::milliseconds{random_() % 60});
        }
        world_.loss_percent = 0;
        for (const std::string& name : kNames) {
            world_.heal(name);
            if (world_.node(name).frozen)
                world_.thaw(name);
            if (!world_.node(name).machine)
                world_.start(name);
        }
        pass(5s);
    }
    [[nodiscard]] bool is_whole() { return world_.is_ha("a", "b") || world_.is_ha("b", "a"); }
    [[nodiscard]] bool holds_the_same() { return records("a").replicate(records("b")).empty(); }
    std::vector<std::string> lost;  ///< what must not happen
    unsigned acknowledged = 0;
    unsigned takeovers = 0;

private:
    const records::Database& records(const std::string& name) {
        return world_.node(name).machine->records();
    }
    /// Counts the changes that this side has: each sets the name to the next number.
    unsigned newest(const std::string& name) {
        const auto running =
            config::Configuration::of(records(name), records::Space::running_configuration);
        const std::string hostname = config::settings_of(running).hostname;
        return hostname == "switch" ? 0 : static_cast<unsigned>(std::stoul(hostname.substr(1)));
    }
    static const std::string& other(const std::string& name) {
        return kNames[name == kNames[0] ? 1 : 0];
    }

    void act() {
        const std::string& name = kNames[random_() % 2];
        VirtualPair::Node& node = world_.node(name);
        switch (random_() % 12) {
            case 0:
                if (node.machine && !node.frozen && random_() % 2 == 0)
                    world_.kill(name);
                return;
            case 1:
            case 2:
                if (!node.machine)
                    world_.start(name);
                return;
            case 3:
                return world_.cut(name, PortKind::control, random_() % 2 == 0, random_() % 2 == 0);
            case 4:
                if (random_() % 3 == 0)
                    world_.cut(name, PortKind::mgmt);
                return;
            case 5:
                return world_.heal(name);
            case 6:
                world_.loss_percent =
                    random_() % 3 == 0 ? static_cast<unsigned>(random_() % 40) : 0U;
                return;
            case 7:
                if (node.machine && node.frozen)
                    world_.thaw(name);
                else if (node.machine && random_() % 2 == 0)
                    world_.freeze(name);
                return;
            default:
                return configure();
        }
    }

    void configure() {
        for (const std::string& name : kNames) {
            if (!world_.node(name).machine || world_.node(name).frozen ||
                !redundancy::is_active(world_.state(name)))
                continue;
            const std::string line = "hostname h" + std::to_string(++number_);
            world_.input(name, [&](Instant now) {
                return ChangeRequested{number_,    {"admin", "console0"},
                                       line,       ConfigurationLine{"", line},
                                       WallTime{}, now};
            });
            return;
        }
    }

    void pass(Duration duration) {
        look();
        world_.run_until(
            [this] {
                look();
                return false;
            },
            duration);
    }

    void look() {
        for (const std::string& name : kNames) {
            VirtualPair::Node& node = world_.node(name);
            const PairState before = states_[name];
            const PairState now = world_.state(name);
            states_[name] = now;
            if (node.machine && before == PairState::standby_ha && redundancy::is_active(now)) {
                ++takeovers;
                if (newest(name) < promised_[other(name)])
                    lost.push_back(name + " took over with change " + std::to_string(newest(name)) +
                                   ", promised was " + std::to_string(promised_[other(name)]));
            }
            if (now != PairState::active_ha)
                promised_[name] = 0;
            for (const auto& [ticket, error] : node.completed) {
                if (!error.empty() || now != PairState::active_ha)
                    continue;
                promised_[name] = std::max(promised_[name], static_cast<unsigned>(ticket));
                ++acknowledged;
            }
            node.completed.clear();
        }
    }

    VirtualPair world_;
    std::mt19937 random_;
    unsigned number_ = 0;
    std::map<std::string, PairState> states_;
    /// The newest change that was acknowledged while the pair was HA on that side.
    std::map<std::string, unsigned> promised_;
};

}  // namespace

TEST_CASE("No acknowledged change is lost by a takeover, and both end equal", "[SYNC-2][LOSS-2]") {
    unsigned acknowledged = 0;
    unsigned takeovers = 0;
    for (unsigned seed = 1; seed <= 400; ++seed) {
        INFO("seed " << seed);
        Story story(seed);
        story.play();
        for (const std::string& what : story.lost)
            FAIL_CHECK(what);
        REQUIRE(story.is_whole());
        CHECK(story.holds_the_same());
        acknowledged += story.acknowledged;
        takeovers += story.takeovers;
    }
    // Enough happened for this to mean something.
    CHECK(acknowledged > 2000);
    CHECK(takeovers > 200);
}
