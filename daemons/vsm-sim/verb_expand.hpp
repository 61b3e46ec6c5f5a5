// vsm-sim expand FILE…: what scenario files say, with everything resolved, as JSON.
#pragma once

#include "daemons/vsm-sim/verb.hpp"

namespace vsm_sim {

extern const Verb kExpand;

}  // namespace vsm_sim
