// Draws a scenario from a seed: a lab, faults at chosen moments, then everything mended and a wait
// until the domain is whole. Swarm testing: each seed has a random subset of the kinds of faults,
// so that what one kind would hide is found by seeds without it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "libsim/scenario/scenario.hpp"

namespace sim::search {

using ha::Duration;

enum class FaultKind : std::uint8_t {
    cut,
    one_way_cut,
    pair_cut,
    partition,
    carrier,
    link,
    unplug,
    replace_mac,
    loss,
    delay,
    reorder,
    duplicate,
    corrupt,
    heal,
    kill,
    crash,
    power_off,
    power_off_lost,
    power_off_torn,
    freeze,
    freeze_briefly,
    stop,
    start,
    reload,
    switchover,
    configure,
    clear_peer_mac,
    disk_full,
    drift,
    wall_step,
    inject,
    mend,
};
inline constexpr std::size_t kFaultKindCount = 32;
/// "one-way-cut".
std::string_view to_string(FaultKind kind);

using FaultCounts = std::array<std::uint64_t, kFaultKindCount>;

struct Drawn {
    scenario::Scenario scenario;
    FaultCounts faults{};  ///< how many of each kind
    bool has_stranger = false;
    bool has_other_domain = false;
};

/// Equal seeds draw equal scenarios.
Drawn draw(std::uint64_t seed);

}  // namespace sim::search
