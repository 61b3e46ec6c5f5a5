// Modules and two registries on one virtual wire: the sequences of VEM-1…VEM-5 as users see them.
#include "test/unit/module/virtual_wire.hpp"

using namespace vem::test;
using vem::module::State;

namespace {
constexpr std::size_t kA = 0;
constexpr std::size_t kB = 1;
}  // namespace

TEST_CASE("modules attach in two intervals and stay, whatever the order", "[VEM-1][VEM-2]") {
    const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{20}));
    VirtualWire wire{6, seed, 0};
    wire.run_for(3s);
    CHECK(wire.module(0).state == State::searching);
    wire.activate(kA, false);
    wire.run_for(100ms);
    CHECK(wire.all_with(kA));
    wire.run_for(1h);
    CHECK(wire.all_with(kA));
    for (const auto& module : wire.registry(kA).snapshot().modules) {
        CHECK(module.insertions == 1);
        CHECK(module.removals == 0);
        CHECK(module.heartbeats_received + 1 >= module.heartbeats_sent);
    }
}

TEST_CASE("the request of a new active moves every module that hears it", "[VEM-4]") {
    VirtualWire wire{3, 1, 0};
    wire.activate(kA, false);
    wire.run_for(5s);
    // Split brain: both active, every module hears both.
    wire.activate(kB, true);
    wire.run_for(50ms);
    CHECK(wire.all_with(kB));
    CHECK(wire.registry(kA).online_count() == 0);
    CHECK(wire.module(0).module == ha::Slot{3});
    // A wins the arbitration, B reboots, A asks its modules back.
    wire.restart_supervisor(kB);
    wire.announce(kA);
    wire.run_for(3s);
    CHECK(wire.all_with(kA));
}

TEST_CASE("each module follows what it can hear: overlapping subsets after a split",
          "[VEM-4][VEM-5]") {
    VirtualWire wire{4, 2, 0};
    wire.activate(kA, false);
    wire.run_for(5s);
    const auto module = [&](std::size_t index) { return wire.node_of_module(index); };
    // 0 hears both; 1 only A; 2 only B; 3 hears both, but misses B's request.
    wire.cut_both(module(1), kB);
    wire.cut_both(module(2), kA);
    wire.cut_both(module(3), kB);
    wire.activate(kB, true);
    wire.run_for(3s);
    wire.heal();
    wire.cut_both(module(1), kB);
    wire.cut_both(module(2), kA);
    wire.run_for(2s);
    CHECK(wire.module(0).supervisor == ha::Slot{2});
    CHECK(wire.module(1).supervisor == ha::Slot{1});
    CHECK(wire.module(2).supervisor == ha::Slot{2});
    CHECK(wire.module(3).supervisor == ha::Slot{1});  // heartbeats alone move nobody
    wire.run_for(1h);
    CHECK(wire.module(3).supervisor == ha::Slot{1});
    CHECK(wire.registry(kA).online_count() == 2);
    CHECK(wire.registry(kB).online_count() == 2);
}

TEST_CASE("a module whose own is silent ignores the other until headless", "[VEM-3][VEM-5]") {
    VirtualWire wire{1, 3, 0};
    wire.activate(kA, false);
    wire.run_for(10s);
    wire.cut_both(wire.node_of_module(0), kA);
    wire.cut_both(wire.node_of_module(0), kB);
    wire.activate(kB, true);
    wire.run_for(3s);  // the requests are over
    wire.heal();
    wire.cut_both(wire.node_of_module(0), kA);
    wire.run_for(10s);
    CHECK(wire.module(0).supervisor == ha::Slot{1});
    CHECK(wire.module(0).state == State::attached);
    CHECK(wire.registry(kA).online_count() == 0);  // removed there after six
    wire.run_for(3s);
    CHECK(wire.module(0).supervisor == ha::Slot{2});
    CHECK(wire.module(0).headless_times == 1);
    CHECK(wire.all_with(kB));
}

TEST_CASE("one-way loss never makes a module count as attached", "[VEM-2]") {
    VirtualWire wire{1, 4, 0};
    wire.activate(kA, false);
    wire.run_for(10s);
    const auto module = wire.node_of_module(0);
    SECTION("supervisor to module") {
        wire.cut(kA, module);
        wire.run_for(20s);
        CHECK(wire.module(0).state == State::headless);
    }
    SECTION("module to supervisor") {
        wire.cut(module, kA);
    }
    wire.run_for(60s);
    CHECK(wire.registry(kA).online_count() == 0);
    CHECK(wire.registry(kA).snapshot().modules.at(0).removals == 1);
    wire.heal();
    wire.run_for(2s);
    CHECK(wire.all_with(kA));
}

TEST_CASE("a restarted agent comes back under its number", "[VEM-1][VEM-7]") {
    VirtualWire wire{2, 5, 0};
    wire.activate(kA, false);
    wire.run_for(3s);
    const auto number = wire.module(1).module;
    wire.restart_module(1);
    wire.run_for(100ms);
    CHECK(wire.all_with(kA));
    CHECK(wire.module(1).module == number);
    CHECK(wire.registry(kA).snapshot().modules.at(ha::number(number) - 3U).insertions == 2);
}

TEST_CASE("numbers never change hands, and all find the one active, on a bad wire",
          "[VEM-1][VEM-2][VEM-4]") {
    const auto seed = GENERATE(range(std::uint64_t{100}, std::uint64_t{160}));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    constexpr std::size_t kModules = 5;
    VirtualWire wire{kModules, seed, 0.2};
    std::size_t active = kA;
    wire.activate(active, false);
    for (int round = 0; round < 30; ++round) {
        wire.run_for(std::chrono::milliseconds{random() % 9000});
        switch (random() % 4) {
            case 0:
                wire.restart_module(random() % kModules);
                break;
            case 1:
                wire.cut(random() % (kModules + 2), random() % (kModules + 2));
                break;
            case 2:
                wire.heal();
                break;
            default:  // the active crashes and the other takes over
                wire.restart_supervisor(active);
                active = 1 - active;
                wire.activate(active, true);
                break;
        }
    }
    wire.heal();
    wire.set_loss(0);
    wire.run_for(25s);
    CHECK(wire.all_with(active));
    CHECK(wire.registry(active).records().size() == kModules);
}
