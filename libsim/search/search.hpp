// Plays the scenarios of seeds and adds up what happened. One seed is one world and one thread;
// seeds have nothing to do with each other.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "libsim/invariants/watch.hpp"
#include "libsim/search/draw.hpp"
#include "libsim/search/stage.hpp"

namespace sim::search {

/// What a number of seeds came to.
struct Summary {
    std::uint64_t seeds = 0;
    std::uint64_t failures = 0;
    Duration virtual_time{};
    FaultCounts faults{};
    std::uint64_t with_stranger = 0;
    std::uint64_t with_other_domain = 0;
    invariants::Coverage coverage;
    std::map<std::string, invariants::Facts::Worst> worst;  ///< by invariant

    void add(const Summary& other);
};

struct SeedResult {
    Drawn drawn;
    Outcome outcome;
    Summary summary;  ///< of this seed
};

SeedResult play_seed(std::uint64_t seed);

/// The summary as text, with everything that was counted.
std::string describe(const Summary& summary);

}  // namespace sim::search
