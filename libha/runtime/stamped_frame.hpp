// A received frame with the kernel's stamp, as the readers of a port give it.
#pragma once

#include <cstdint>
#include <span>

#include "libha/base/time.hpp"

namespace ha::runtime {

/// Of what is longer only these bytes are read: more than any frame of ours, so that one that is
/// too long is seen to be.
inline constexpr int kSnapLength = 1600;

struct StampedFrame {
    std::span<const std::uint8_t> bytes;  ///< the outermost VLAN tag included
    Duration stamp;                       ///< when it came: wall-clock time since the epoch
};

}  // namespace ha::runtime
