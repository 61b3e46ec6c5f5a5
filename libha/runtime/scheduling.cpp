#include "libha/runtime/scheduling.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace ha::runtime {

namespace {

/// The next best thing where real-time priority is refused; often refused as well.
constexpr int kFallbackNice = -15;

/// The kernel's struct sched_attr, whose header clashes with <sched.h>.
struct SchedulerAttributes {
    std::uint32_t size = sizeof(SchedulerAttributes);
    std::uint32_t policy = SCHED_OTHER;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0;
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

/// Without real-time priority, at least short turns: the kernel lets a thread that asks for little
/// at a time (0.1 ms, its minimum) run sooner. Needs no privilege; kernels before 6.12 ignore it.
void ask_for_short_turns() {
    SchedulerAttributes attributes;
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0 ||
        attributes.policy != SCHED_OTHER)
        return;
    attributes.size = sizeof attributes;
    attributes.runtime = 100'000;
    static_cast<void>(syscall(SYS_sched_setattr, 0, &attributes, 0));
}

/// A process that starts anew in place keeps what an earlier configuration asked for.
void drop_own_priority() {
    const sched_param ordinary{};
    // Without the capability the second flag can only stay.
    if (sched_getscheduler(0) == (SCHED_RR | SCHED_RESET_ON_FORK))
        sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &ordinary);
}

std::string apply_priority(int priority) {
    sched_param parameters{};
    parameters.sched_priority = priority;
    if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &parameters) == 0)
        return "";
    const int error = errno;
    const bool nicer = setpriority(PRIO_PROCESS, 0, kFallbackNice) == 0;
    const std::string instead = nicer ? "; it runs at nice " + std::to_string(kFallbackNice)
                                      : "; it runs at ordinary priority";
    if (error == EPERM)
        return "scheduling.realtime_priority: " + std::to_string(priority) +
               " needs the capability CAP_SYS_NICE or LimitRTPRIO= in the unit, which this process "
               "does not have" +
               instead;
    return "scheduling.realtime_priority: " + std::to_string(priority) +
           " is refused: " + std::strerror(error) + instead;
}

std::string apply_lock() {
    // Without the privilege, locking works up to a limit, and later allocations fail at it. So the
    // limit is none at all while asking: only the privilege, or no limit, lets that pass.
    rlimit limit{};
    getrlimit(RLIMIT_MEMLOCK, &limit);
    if (limit.rlim_cur != RLIM_INFINITY) {
        const rlimit nothing{0, limit.rlim_max};
        setrlimit(RLIMIT_MEMLOCK, &nothing);
    }
    // Pages are locked as they come into use: the untouched parts of stacks and heaps would cost
    // tens of megabytes.
    const int locked = mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    const int error = errno;
    setrlimit(RLIMIT_MEMLOCK, &limit);
    if (locked == 0)
        return "";
    if (error == EPERM || error == ENOMEM)
        return "scheduling.lock_memory needs the capability CAP_IPC_LOCK or LimitMEMLOCK=infinity "
               "in "
               "the unit, which this process does not have; its memory can be swapped out";
    return std::string{"scheduling.lock_memory is refused: "} + std::strerror(error);
}

}  // namespace

std::vector<std::string> apply_scheduling(const SchedulingSettings& settings) {
    std::vector<std::string> refused;
    const auto note = [&refused](std::string sentence) {
        if (!sentence.empty())
            refused.push_back(std::move(sentence));
    };
    if (settings.realtime_priority != 0)
        note(apply_priority(settings.realtime_priority));
    else
        drop_own_priority();
    ask_for_short_turns();
    if (settings.lock_memory)
        note(apply_lock());
    return refused;
}

}  // namespace ha::runtime
