// vsm-sim help VERB: how a verb is used.
#pragma once

#include "daemons/vsm-sim/verb.hpp"

namespace vsm_sim {

extern const Verb kHelp;

}  // namespace vsm_sim
