// Reading the TLVs of one frame into its message. Internal to the wire room.
#pragma once

#include <tl/expected.hpp>

#include "libha/wire/codec.hpp"
#include "libha/wire/drop.hpp"
#include "libha/wire/frame.hpp"

namespace ha::wire {

/// `body` is what follows the header. Errors: truncated, malformed_tlv, missing_tlv, reserved_bits.
tl::expected<Message, DropReason> decode_message(FrameType type, ByteView body);

/// The payload without its padding, once magic, version, type, length and padding have been
/// checked. Everything that looks into a payload looks into this part of it only.
tl::expected<ByteView, DropReason> announced_part(ByteView payload);

}  // namespace ha::wire
