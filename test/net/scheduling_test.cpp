// Real-time priority and locked memory: had where they may be, done without and told where not.
#include "libha/runtime/scheduling.hpp"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "test/net/wires.hpp"

namespace {

constexpr bool kSanitized = VSM_HA_SANITIZED;  // the build says it: 0 or 1

using ha::runtime::apply_scheduling;
using net_test::WithoutCapability;

long locked_kilobytes() {
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.rfind("VmLck:", 0) == 0)
            return std::stol(line.substr(6));
    return 0;
}

/// Policies that the loop's thread had, one after the other; empty: none may be asked for here.
using Policies = std::vector<int>;

/// Asks for a priority and then for none, `between` in the middle. The policies after each step.
Policies asked_and_dropped(const std::function<void(const std::function<void()>&)>& between) {
    const auto policy = [] { return sched_getscheduler(0) & ~SCHED_RESET_ON_FORK; };
    std::vector<std::string> refused;
    Policies seen;
    std::thread loop{[&] {
        refused = apply_scheduling({.realtime_priority = 10, .lock_memory = false});
        seen.push_back(policy());
        between([&] {
            apply_scheduling({});
            seen.push_back(policy());
        });
    }};
    loop.join();
    if (refused.empty())
        return seen;
    WARN("skipped: " << refused.front());
    return {};
}

}  // namespace

TEST_CASE("real-time priority is for the thread that asked and for no later one", "[HB-7]") {
    int later = -1;
    const Policies seen = asked_and_dropped([&](const auto& drop) {
        std::thread{[&] { later = sched_getscheduler(0); }}.join();
        drop();
    });
    if (!seen.empty()) {
        CHECK(seen == Policies{SCHED_RR, SCHED_OTHER});
        CHECK(later == SCHED_OTHER);
    }
}

// Under the units a limit allows the priority, and no capability: found as a priority that a daemon
// which started anew could not drop.
TEST_CASE("real-time priority can be dropped without the capability", "[HB-7]") {
    const Policies seen = asked_and_dropped([](const auto& drop) {
        const WithoutCapability no_priority{CAP_SYS_NICE};
        drop();
    });
    if (!seen.empty())
        CHECK(seen == Policies{SCHED_RR, SCHED_OTHER});
}

TEST_CASE("a refused priority or lock is one sentence naming the capability", "[ANY-1]") {
    if (kSanitized) {
        WARN("skipped: the sanitizer's runtime ignores requests to lock memory");
        return;
    }
    std::vector<std::string> refused;
    std::thread loop{[&] {
        const WithoutCapability no_priority{CAP_SYS_NICE};
        const WithoutCapability no_lock{CAP_IPC_LOCK};
        rlimit before{};
        getrlimit(RLIMIT_RTPRIO, &before);
        const rlimit without{0, before.rlim_max};
        setrlimit(RLIMIT_RTPRIO, &without);
        refused = apply_scheduling({.realtime_priority = 10, .lock_memory = true});
        setrlimit(RLIMIT_RTPRIO, &before);
    }};
    loop.join();
    REQUIRE(refused.size() == 2);
    CHECK_THAT(refused[0], Catch::Matchers::StartsWith("scheduling.realtime_priority: 10 needs the "
                                                       "capability CAP_SYS_NICE"));
    CHECK_THAT(refused[1], Catch::Matchers::StartsWith(
                               "scheduling.lock_memory needs the capability CAP_IPC_LOCK"));
    CHECK(locked_kilobytes() == 0);
}

TEST_CASE("an ordinary thread asks for short turns, which needs no privilege", "[HB-7]") {
    std::uint64_t turn = 0;
    std::thread loop{[&] {
        const WithoutCapability no_priority{CAP_SYS_NICE};
        CHECK(apply_scheduling({}).empty());
        // struct sched_attr as eight-octet words: the turn's length is the fourth.
        std::array<std::uint64_t, 6> attributes{};
        syscall(SYS_sched_getattr, 0, attributes.data(), sizeof attributes, 0);
        turn = attributes[3];
    }};
    loop.join();
    if (turn == 0) {
        WARN("skipped: this kernel has no turns of chosen length");
        return;
    }
    CHECK(turn == 100'000);
}

TEST_CASE("locked memory is what is in use, not what could be", "[HB-7]") {
    if (kSanitized) {
        WARN("skipped: the sanitizer's runtime ignores requests to lock memory");
        return;
    }
    const auto refused = apply_scheduling({.realtime_priority = 0, .lock_memory = true});
    if (!refused.empty()) {
        WARN("skipped: " << refused.front());
        return;
    }
    CHECK(locked_kilobytes() > 0);
    munlockall();
}
