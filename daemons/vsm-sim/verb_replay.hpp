// vsm-sim replay FILE: runs a journal of vsmd again and compares.
#pragma once

#include "daemons/vsm-sim/verb.hpp"

namespace vsm_sim {

extern const Verb kReplay;

}  // namespace vsm_sim
