#include "libha/runtime/scheduling.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

namespace ha::runtime {

namespace {

/// The next best thing where real-time priority is refused; often refused as well.
constexpr int kFallbackNice = -15;

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
               " needs the capability CAP_SYS_NICE, which this process does not have" + instead;
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
        return "scheduling.lock_memory needs the capability CAP_IPC_LOCK, which this process does "
               "not have; its memory can be swapped out";
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
    if (settings.lock_memory)
        note(apply_lock());
    return refused;
}

}  // namespace ha::runtime
