// vsm-sim search: random faults by seed, until an invariant is violated.
#pragma once

#include "daemons/vsm-sim/verb.hpp"

namespace vsm_sim {

extern const Verb kSearch;

}  // namespace vsm_sim
