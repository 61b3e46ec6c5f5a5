// Ethernet framing of our payloads: header, optional 802.1Q tag in user space, padding. Pure; the
// bytes of every received frame are somebody else's and nothing about them is taken for granted.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include <tl/expected.hpp>

#include "libha/base/mac_address.hpp"

namespace ha::runtime {

inline constexpr std::size_t kHeaderSize = 14;    ///< addresses and EtherType, without a tag
inline constexpr std::size_t kMinimumFrame = 60;  ///< without the check sequence
inline constexpr std::size_t kMaximumFramePayload = 1500;
/// The longest frame built here: header, tag, payload.
inline constexpr std::size_t kMaximumFrame = kHeaderSize + 4 + kMaximumFramePayload;

/// How a port's frames look on its wire.
struct Framing {
    std::uint16_t ether_type = 0;
    std::optional<std::uint16_t> vlan;  ///< 1…4094; absent: untagged
};

/// Frames leave with this 802.1Q priority: heartbeats go before the traffic they share a link with.
inline constexpr std::uint8_t kTagPriority = 6;

using FrameBuffer = std::array<std::uint8_t, kMaximumFrame>;

/// Writes a frame, padded to kMinimumFrame, and returns the part of `buffer` it fills; empty when
/// the payload is longer than kMaximumFramePayload.
std::span<const std::uint8_t> build_frame(FrameBuffer& buffer, const Framing& framing,
                                          const MacAddress& destination, const MacAddress& source,
                                          std::span<const std::uint8_t> payload);

/// A received frame, as views into its bytes.
struct ParsedFrame {
    MacAddress destination;
    MacAddress source;
    std::span<const std::uint8_t> payload;  ///< all after the EtherType, padding included
};
enum class FrameRefusal : std::uint8_t {
    truncated,      ///< ends before its EtherType
    not_ours,       ///< another EtherType
    vlan_mismatch,  ///< tagged for another VLAN, or not tagged where a tag is required
};

/// A tag with VLAN 0 carries a priority only: such a frame counts as untagged. Of two tags the
/// outer one is the VLAN, and the frame is not ours.
tl::expected<ParsedFrame, FrameRefusal> parse_frame(std::span<const std::uint8_t> bytes,
                                                    const Framing& framing);

}  // namespace ha::runtime
