// How this process stands against the others of its node: real-time priority and locked
// memory, so that a saturated or swapping node does not delay heartbeats into a false loss.
// Whatever the system refuses is told and done without.
#pragma once

#include <string>
#include <vector>

#include "libha/base/time.hpp"

namespace ha::runtime {

/// Section `scheduling` of the configuration.
struct SchedulingSettings {
    int realtime_priority = 0;  ///< 1…99: SCHED_RR; 0: the ordinary scheduler
    bool lock_memory = false;   ///< what is in memory stays there
    friend bool operator==(const SchedulingSettings&, const SchedulingSettings&) = default;
};

/// The priority where the configuration is silent. With heartbeats below a second the heartbeat
/// thread must run within milliseconds, which no saturated node grants an ordinary one: real-time
/// then, as it needs next to no time. With the documented timers it can wait like everybody.
inline constexpr int kDefaultRealtimePriority = 20;
constexpr int default_realtime_priority(Duration heartbeat_interval) {
    return heartbeat_interval < std::chrono::seconds{1} ? kDefaultRealtimePriority : 0;
}

/// For the calling thread; threads and processes it makes later are ordinary again. One sentence
/// for each thing that was asked for and could not be had.
std::vector<std::string> apply_scheduling(const SchedulingSettings& settings);

}  // namespace ha::runtime
