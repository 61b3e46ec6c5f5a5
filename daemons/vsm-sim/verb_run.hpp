// vsm-sim run FILE…: plays scenarios in virtual time.
#pragma once

#include "daemons/vsm-sim/verb.hpp"

namespace vsm_sim {

extern const Verb kRun;

}  // namespace vsm_sim
