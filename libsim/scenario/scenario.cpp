// What follows from a lab's parameters. See scenario.hpp.
#include "libsim/scenario/scenario.hpp"

namespace sim::scenario {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kHeadlessHeartbeats = 15;

}  // namespace

Units units_of(const Lab& lab) {
    const bool documented = lab.timers == Timers::nx_os;
    const unsigned heartbeat_ms = documented ? 1000 : lab.heartbeat_ms != 0 ? lab.heartbeat_ms : 50;
    const unsigned multiplier = lab.multiplier != 0 ? lab.multiplier : documented ? 15 : 3;
    const Duration heartbeat = milliseconds{heartbeat_ms};
    return {heartbeat, heartbeat * multiplier, heartbeat * kHeadlessHeartbeats};
}

Lab with_timers(Lab lab, Timers timers) {
    if (lab.timers != timers) {
        lab.timers = timers;
        lab.heartbeat_ms = 0;
        lab.multiplier = 0;
    }
    return lab;
}

const std::vector<std::string>& harmless_errors() {
    static const std::vector<std::string> kHarmless{
        "HASWITCHOVER_PRE_START", "HASWITCHOVER_START", "SWITCHOVER_OVER", "MOD_REMOVE",
        "VEM_MGR_DETECTED",       "MOD_ONLINE",         "MOD_OFFLINE",
    };
    return kHarmless;
}

}  // namespace sim::scenario
