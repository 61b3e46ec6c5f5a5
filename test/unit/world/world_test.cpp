// The virtual world itself: cables, hosts, disks and clocks do what they say, and equal worlds run
// alike to the last byte.
#include "libsim/world/world.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

using namespace ha;
using namespace std::chrono_literals;
using redundancy::PairState;
using sim::Direction;
using sim::NodeIndex;
using sim::ProcessState;
using sim::World;

namespace {

constexpr NodeIndex kA = 0;
constexpr NodeIndex kB = 1;

MacAddress mac(NodeIndex node, PortKind port) {
    return {{2, 0, 0, 0, static_cast<std::uint8_t>(index_of(port) + 1),
             static_cast<std::uint8_t>(node + 1)}};
}

sim::SupervisorSettings supervisor_settings(Role role, NodeIndex node) {
    sim::SupervisorSettings settings;
    settings.options.pair.role = role;
    settings.options.pair.domain = DomainId{100};
    settings.options.pair.heartbeat_interval = 50ms;
    settings.options.pair.loss_interval = 150ms;
    settings.address_lease = 3s;
    settings.address_renewal = 1s;
    for (const PortKind port : kPortKinds)
        settings.interfaces[index_of(port)].mac = mac(node, port);
    return settings;
}

sim::ModuleSettings module_settings(NodeIndex node) {
    sim::ModuleSettings settings;
    settings.options.domain = DomainId{100};
    settings.options.host.octets[0] = static_cast<std::uint8_t>(node);
    settings.options.host_name = "host-" + std::to_string(node);
    settings.options.heartbeat_interval = 50ms;
    settings.options.headless_after = 750ms;
    settings.control.mac = mac(node, PortKind::control);
    return settings;
}

/// vsm-a, vsm-b and `modules` modules, all started.
struct Domain {
    World world;

    explicit Domain(std::size_t modules, sim::WorldOptions options = {}) : world(options) {
        world.add_supervisor("vsm-a", supervisor_settings(Role::primary, kA));
        world.add_supervisor("vsm-b", supervisor_settings(Role::secondary, kB));
        for (NodeIndex node = 2; node < 2 + modules; ++node)
            world.add_module("vem-" + std::to_string(node + 1), module_settings(node));
        for (NodeIndex node = 0; node < world.nodes(); ++node)
            world.start(node);
    }
    PairState state(NodeIndex node) {
        const auto* machine = world.supervisor(node);
        return machine == nullptr ? PairState::leaving : machine->brief().state;
    }
    bool is_whole(NodeIndex active = kA) {
        if (state(active) != PairState::active_ha || state(1 - active) != PairState::standby_ha)
            return false;
        for (NodeIndex node = 2; node < world.nodes(); ++node) {
            const auto* module = world.module(node);
            if (module == nullptr || module->state() != vem::module::State::attached ||
                module->supervisor_incarnation() != world.supervisor(active)->brief().incarnation)
                return false;
        }
        return world.supervisor(active)->brief().modules_online == world.nodes() - 2;
    }
    bool become_whole(NodeIndex active = kA) {
        return world.run_until([&] { return is_whole(active); }, 10s);
    }
};

/// Everything that was sent, as one text.
struct Recorder : sim::Observer {
    std::string text;
    std::size_t lost = 0;
    void on_sent(const sim::Frame& frame) override {
        text += std::to_string(frame.at.time_since_epoch().count()) + " " +
                std::to_string(frame.from) + " ";
        text.append(frame.payload->begin(), frame.payload->end());
        text += "\n";
    }
    void on_lost(const sim::Frame& /*frame*/, sim::Loss /*why*/) override { ++lost; }
};

}  // namespace

TEST_CASE("A domain comes up and its standby takes over when the active is killed",
          "[BOOT-4][LOSS-2][VEM-4][SW-5]") {
    Domain domain{3};
    REQUIRE(domain.become_whole());
    CHECK(domain.world.has_address(kA));
    CHECK_FALSE(domain.world.has_address(kB));
    domain.world.kill(kA);
    CHECK(domain.world.process(kA) == ProcessState::killed);
    REQUIRE(
        domain.world.run_until([&] { return domain.state(kB) == PairState::active_alone; }, 250ms));
    CHECK(domain.world.has_address(kB));
    CHECK(domain.world.has_address(kA));  // until its lease is over
    domain.world.run_for(3s);
    CHECK_FALSE(domain.world.has_address(kA));
    domain.world.start(kA);
    CHECK(domain.become_whole(kB));
}

TEST_CASE("Equal worlds send the same frames at the same times, another seed sends others") {
    const auto run = [](std::uint64_t seed) {
        sim::WorldOptions options;
        options.seed = seed;
        options.store_jitter = 5ms;
        Domain domain{3, options};
        Recorder recorder;
        domain.world.add_observer(recorder);
        domain.world.set_quality(
            kA, PortKind::control, Direction::both,
            {.loss_ppm = 100'000, .duplicate_ppm = 50'000, .corrupt_ppm = 50'000, .jitter = 3ms});
        domain.world.run_for(5s);
        domain.world.power_off(kA, sim::DiskFault::lost);
        domain.world.run_for(5s);
        CHECK(recorder.lost > 0);
        return recorder.text;
    };
    const std::string first = run(1);
    CHECK(run(1) == first);
    CHECK(run(2) != first);
}

TEST_CASE("A frozen active wakes up, notices it, and only one remains", "[HB-7][SB-1]") {
    Domain domain{2};
    REQUIRE(domain.become_whole());
    domain.world.freeze(kA);
    REQUIRE(
        domain.world.run_until([&] { return domain.state(kB) == PairState::active_alone; }, 1s));
    domain.world.thaw(kA);
    CHECK(domain.world.run_until([&] { return domain.is_whole(kA) || domain.is_whole(kB); }, 10s));
}

TEST_CASE("A stall that is shorter than T costs nothing", "[HB-7]") {
    Domain domain{1};
    REQUIRE(domain.become_whole());
    domain.world.freeze(kB);
    domain.world.run_for(140ms);
    domain.world.thaw(kB);
    domain.world.run_for(2s);
    CHECK(domain.is_whole());
}

TEST_CASE("A cut cable is dead in the directions that were cut, until it is healed",
          "[HB-3][HB-4]") {
    Domain domain{0};
    REQUIRE(domain.become_whole());
    domain.world.cut(kA, PortKind::control, Direction::in);
    CHECK_FALSE(domain.world.is_connected(kB, kA, PortKind::control));
    CHECK(domain.world.is_connected(kA, kB, PortKind::control));
    REQUIRE(domain.world.run_until([&] { return domain.world.supervisor(kA)->brief().degraded; },
                                   300ms));
    domain.world.heal(kA, PortKind::control);
    CHECK(domain.world.run_until([&] { return !domain.world.supervisor(kA)->brief().degraded; },
                                 300ms));
}

TEST_CASE("A partition separates the nodes it names and no others") {
    Domain domain{2};
    REQUIRE(domain.become_whole());
    for (const NodeIndex other : {kB, NodeIndex{3}})
        for (const PortKind port : kPortKinds) {
            domain.world.separate(kA, other, port);
            domain.world.separate(other, kA, port);
        }
    CHECK(domain.world.is_connected(kA, 2, PortKind::control));
    CHECK_FALSE(domain.world.is_connected(kA, 3, PortKind::control));
    const auto both_alone = [&] {
        return domain.state(kA) == PairState::active_alone &&
               domain.state(kB) == PairState::active_alone;
    };
    REQUIRE(domain.world.run_until(both_alone, 1s));
    for (const PortKind port : kPortKinds)
        domain.world.heal(kA, port);
    CHECK(domain.world.run_until([&] { return domain.is_whole(kA) || domain.is_whole(kB); }, 10s));
}

TEST_CASE("A host that loses or tears its last write comes back all the same", "[BOOT-5]") {
    const auto disk = GENERATE(sim::DiskFault::kept, sim::DiskFault::lost, sim::DiskFault::torn);
    Domain domain{2};
    REQUIRE(domain.become_whole());
    const auto before = domain.world.stored(kA).state();
    domain.world.power_off(kA, disk);
    CHECK_FALSE(domain.world.has_address(kA));
    domain.world.run_for(1s);
    domain.world.start(kA);
    CHECK(domain.world.stored(kA).state().boots > before.boots);
    REQUIRE(domain.become_whole(kB));
    CHECK(domain.world.stored(kA).state().modules == before.modules);
}

TEST_CASE("Clocks that drift or jump change nothing", "[HB-7][SB-5]") {
    Domain domain{2};
    domain.world.set_drift(kA, 10'000);
    domain.world.set_drift(kB, -10'000);
    REQUIRE(domain.become_whole());
    domain.world.step_wall_clock(kA, -std::chrono::hours{24 * 365});
    domain.world.step_wall_clock(kB, std::chrono::hours{24 * 365});
    domain.world.run_for(60s);
    CHECK(domain.is_whole());
    const Duration apart = domain.world.local_time(kA) - domain.world.local_time(kB);
    domain.world.run_for(100s);
    CHECK(domain.world.local_time(kA) - domain.world.local_time(kB) - apart == 2s);
    const Instant later = domain.world.local_time(kB) + 1s;
    CHECK(domain.world.world_time(kB, later) - domain.world.now() >= 1s);
}

TEST_CASE("Nodes hear their own VLAN only") {
    World world{{}};
    auto other = supervisor_settings(Role::secondary, kB);
    other.interfaces[0].vlan = 7;
    other.interfaces[1].vlan = 7;
    world.add_supervisor("vsm-a", supervisor_settings(Role::primary, kA));
    world.add_supervisor("vsm-b", other);
    world.start(kA);
    world.start(kB);
    world.run_for(2s);
    CHECK(world.supervisor(kA)->brief().state == PairState::active_alone);
    CHECK(world.supervisor(kB)->brief().state == PairState::active_alone);
}

TEST_CASE("Thousands of modules live in one world", "[ANY-2]") {
    constexpr std::size_t kDomains = 32;
    constexpr std::size_t kModules = 64;
    World world{{}};
    for (std::size_t domain = 0; domain < kDomains; ++domain)
        for (NodeIndex node = 0; node < 2 + kModules; ++node) {
            const std::string name = "node-" + std::to_string(domain) + "-" + std::to_string(node);
            const auto octet = static_cast<std::uint8_t>(domain);
            if (node < 2) {
                auto settings =
                    supervisor_settings(node == 0 ? Role::primary : Role::secondary, node);
                settings.options.pair.domain = DomainId{static_cast<std::uint16_t>(domain + 1)};
                settings.options.pair.heartbeat_interval = 1s;
                settings.options.pair.loss_interval = 15s;
                for (auto& interface : settings.interfaces)
                    interface.mac.octets[3] = octet;
                world.start(world.add_supervisor(name, settings));
            } else {
                auto settings = module_settings(node);
                settings.options.domain = DomainId{static_cast<std::uint16_t>(domain + 1)};
                settings.options.heartbeat_interval = 1s;
                settings.options.headless_after = 15s;
                settings.options.host.octets[1] = octet;
                settings.control.mac.octets[3] = octet;
                world.start(world.add_module(name, settings));
            }
        }
    const auto attached = [&] {
        std::size_t count = 0;
        for (NodeIndex node = 0; node < world.nodes(); ++node)
            if (world.is_supervisor(node))
                count += world.supervisor(node)->brief().modules_online;
        return count;
    };
    CHECK(world.run_until([&] { return attached() == kDomains * kModules; }, 60s));
}

TEST_CASE("A store that ends while its process is frozen is answered when it wakes", "[HB-7]") {
    sim::WorldOptions options;
    options.store_delay = 300ms;
    Domain domain{1, options};
    domain.world.run_for(200ms);
    domain.world.freeze(kA);
    domain.world.run_for(1s);
    domain.world.thaw(kA);
    CHECK(domain.world.run_until([&] { return domain.is_whole(kA) || domain.is_whole(kB); }, 10s));
}

TEST_CASE("The queue of a frozen process is as long as it is said to be", "[HB-7]") {
    struct Lost : sim::Observer {
        std::map<sim::Loss, unsigned> counts;
        void on_lost(const sim::Frame& /*frame*/, sim::Loss why) override { ++counts[why]; }
    };
    sim::WorldOptions options;
    options.queue_limit = 5;
    Domain domain{0, options};
    REQUIRE(domain.become_whole());
    Lost lost;
    domain.world.add_observer(lost);
    domain.world.freeze(kB);
    domain.world.run_for(60ms);
    CHECK(lost.counts[sim::Loss::queue_full] == 0);
    domain.world.run_for(1s);
    CHECK(lost.counts[sim::Loss::queue_full] > 5);
    CHECK(lost.counts.size() == 1);
}

TEST_CASE("An injected frame comes to everybody who listens, from nobody", "[ANY-1]") {
    struct Arrivals : sim::Observer {
        std::vector<NodeIndex> to;
        void on_arrived(const sim::Frame& frame) override {
            if (frame.from == sim::kNoNode)
                to.push_back(frame.to);
        }
    };
    Domain domain{1};
    REQUIRE(domain.become_whole());
    Arrivals arrivals;
    domain.world.add_observer(arrivals);
    domain.world.inject(PortKind::control, MacAddress{{2, 9, 9, 9, 9, 9}}, kBroadcastMac, {1, 2, 3},
                        0);
    domain.world.run_for(10ms);
    std::sort(arrivals.to.begin(), arrivals.to.end());
    CHECK(arrivals.to == std::vector<NodeIndex>{kA, kB, 2});
    CHECK(domain.is_whole());
}

TEST_CASE("What the world tells has words of its own") {
    std::set<std::string_view> words;
    for (const ProcessState state :
         {ProcessState::not_started, ProcessState::running, ProcessState::frozen,
          ProcessState::stopped, ProcessState::killed})
        CHECK(words.insert(to_string(state)).second);
    using enum sim::Loss;
    for (const sim::Loss loss :
         {cut, chance, no_carrier, interface_down, no_process, queue_full, other_vlan})
        CHECK(words.insert(to_string(loss)).second);
}
