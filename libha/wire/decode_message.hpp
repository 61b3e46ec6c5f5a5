// Reading the TLVs of one frame into its message. Internal to the wire room.
#pragma once

#include <cstdint>
#include <optional>

#include <tl/expected.hpp>

#include "libha/wire/codec.hpp"
#include "libha/wire/drop.hpp"
#include "libha/wire/frame.hpp"

namespace ha::wire {

/// `body` is what follows the header. Errors: truncated, malformed_tlv, missing_tlv, reserved_bits.
tl::expected<Message, DropReason> decode_message(FrameType type, ByteView body);

/// The payload without its padding, once magic, type, length and padding have been checked.
/// Everything that looks into a payload looks into this part of it only.
tl::expected<ByteView, DropReason> announced_part(ByteView payload);

/// The header's fields after magic, version, type and length, each checked with its own reason; the
/// message is left as it is made. `part` is an announced part.
tl::expected<Frame, DropReason> decode_header(ByteView part);

/// The version of a payload that begins with our magic, whichever it is.
std::optional<std::uint8_t> version_of(ByteView payload);

}  // namespace ha::wire
