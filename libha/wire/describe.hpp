// Frames in words, one line each, for people who read a run: everything the frame says.
#pragma once

#include <string>

#include "libha/wire/frame.hpp"

namespace ha::wire {

/// "heartbeat-request primary #12 00000007.9f3a12c4 state=active flags=peer-present names=… h=1s …"
std::string describe(const Frame& frame);
/// "50ms", "1s", "1.5s", "33.3us".
std::string describe(Duration duration);

}  // namespace ha::wire
