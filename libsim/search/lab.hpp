// Draws the lab of a seed. Private to this folder.
#pragma once

#include "libsim/scenario/scenario.hpp"
#include "libsim/world/chance.hpp"

namespace sim::search {

struct DrawnLab {
    scenario::Lab lab;
    scenario::Units units;
    bool replaces_macs = false;  ///< policy replace-when-absent
    bool fixed_macs = false;
    bool has_stranger = false;
    bool has_other_domain = false;
};

DrawnLab draw_lab(sim::Chance& chance, std::uint64_t seed);

}  // namespace sim::search
