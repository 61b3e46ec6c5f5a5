// A scenario: what happens to a lab, and what must then be observed. The same file is played on
// real wires (scripts/lab run) and in virtual time (vsm-sim run). Plain data; reader.hpp makes it
// of a file, writer.hpp a file of it, docs/scenarios.md is the reference.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libha/base/identity.hpp"
#include "libsim/scenario/durations.hpp"
#include "libsim/scenario/nodes.hpp"
#include "libsim/scenario/setting.hpp"
#include "libsim/scenario/step.hpp"

namespace sim::scenario {

enum class Timers : std::uint8_t { fast, nx_os };

/// In which worlds it can be played.
struct Worlds {
    bool sim = true;
    bool lab = true;
    friend bool operator==(const Worlds&, const Worlds&) = default;
};

struct Lab {
    unsigned vems = 3;
    Timers timers = Timers::fast;
    unsigned heartbeat_ms = 0;  ///< 0: the profile's, 50 or 1000
    unsigned multiplier = 0;    ///< T in heartbeats; 0: the profile's, 3 or 15
    bool traffic = false;       ///< two VMs and an uplink at each module
    bool key = false;           ///< all nodes share a key
    unsigned domain = 100;
    std::map<std::string, Setting> nodes{};  ///< merged over the node's configuration
    /// Without: everything is started and the pair HA before the first step. Else the nodes that
    /// are started, and nothing is waited for.
    std::optional<std::vector<std::string>> ready{};
    unsigned slack_ms = 500;       ///< real wires: added to `within` for the observation itself
    std::uint64_t seed = 1;        ///< of the chances of simulated wires
    unsigned store_jitter_us = 0;  ///< simulated disks: a write takes up to this much longer
    unsigned wake_jitter_us = 0;   ///< simulated hosts: timers fire up to this late
    Worlds worlds{};
    friend bool operator==(const Lab&, const Lab&) = default;
};

Units units_of(const Lab& lab);
/// The same lab with other timers, whatever its heartbeat and multiplier were.
Lab with_timers(Lab lab, Timers timers);

struct Scenario {
    std::string name{};  ///< of the file, without folder and ending
    std::string description{};
    std::vector<std::string> tags{};
    Lab lab{};
    std::vector<std::string> expect_errors{};  ///< mnemonics of severity 0 to 3 that may be logged
    std::vector<Step> steps{};
    friend bool operator==(const Scenario&, const Scenario&) = default;
};

/// Mnemonics of severity 0 to 3 that report normal events and fail no scenario.
const std::vector<std::string>& harmless_errors();

}  // namespace sim::scenario
