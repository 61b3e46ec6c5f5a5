// Frames in words: the type, and the fields that decide something. Counters are left out, so that
// heartbeats of the same meaning read the same.
#pragma once

#include <string>

#include "libha/wire/codec.hpp"

namespace sim::timeline {

struct FrameWords {
    std::string type;    ///< "heartbeat-request"; "unreadable"
    std::string detail;  ///< "active, degraded"
};
FrameWords words_of(ha::wire::ByteView payload);

}  // namespace sim::timeline
