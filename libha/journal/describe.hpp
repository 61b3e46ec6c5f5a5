// What a journal holds, in words, one line each. The secrets of keys are never printed.
#pragma once

#include <string>

#include "libha/journal/journal.hpp"

namespace ha::journal {

/// "control 02:00:5e:00:00:02 hello secondary #1 … " for a frame, "tick", "control is up", …
std::string describe(const supervisor::Input& input);
/// "send control ff:ff:ff:ff:ff:ff hello primary #1 …", "%MODULE-5-…", "hold address", …
std::string describe(const supervisor::Effect& effect);
/// Who the machine is: role, domain, incarnation, timers, what it has stored.
std::string describe(const LifeBegun& life);
/// "82bf00".
std::string hex(wire::ByteView bytes);

}  // namespace ha::journal
