// Frames to bytes and back. Pure: no state, no allocation limits left to the sender of a frame.
#pragma once

#include <cstddef>

#include <tl/expected.hpp>

#include "libha/wire/drop.hpp"
#include "libha/wire/frame.hpp"

namespace ha::wire {

/// What seal() adds to a payload.
inline constexpr std::size_t kSealSize = 37;

/// The payload of `frame` (all after the EtherType), without authentication.
/// Never longer than kMaximumPayload less kSealSize for any frame within the limits of frame.hpp.
Bytes encode(const Frame& frame);

/// Reads a payload, with or without its authentication TLV, which is skipped here.
/// Trailing zero bytes after the announced length (Ethernet padding) are ignored.
tl::expected<Frame, DropReason> decode(ByteView payload);

}  // namespace ha::wire
