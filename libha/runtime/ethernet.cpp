#include "libha/runtime/ethernet.hpp"

#include <algorithm>

namespace ha::runtime {

namespace {

constexpr std::uint16_t kTagProtocol = 0x8100;
constexpr std::uint16_t kServiceTagProtocol = 0x88a8;
constexpr std::size_t kAddresses = 12;

void put_u16(std::uint8_t* at, std::uint16_t value) {
    at[0] = static_cast<std::uint8_t>(value >> 8U);
    at[1] = static_cast<std::uint8_t>(value);
}

std::uint16_t get_u16(std::span<const std::uint8_t> bytes, std::size_t at) {
    return static_cast<std::uint16_t>((bytes[at] << 8U) | bytes[at + 1]);
}

}  // namespace

std::span<const std::uint8_t> build_frame(FrameBuffer& buffer, const Framing& framing,
                                          const MacAddress& destination, const MacAddress& source,
                                          std::span<const std::uint8_t> payload) {
    if (payload.size() > kMaximumFramePayload)
        return {};
    auto* at = std::copy(destination.octets.begin(), destination.octets.end(), buffer.data());
    at = std::copy(source.octets.begin(), source.octets.end(), at);
    if (framing.vlan) {
        put_u16(at, kTagProtocol);
        put_u16(at + 2,
                static_cast<std::uint16_t>((kTagPriority << 13U) | (*framing.vlan & 0xfffU)));
        at += 4;
    }
    put_u16(at, framing.ether_type);
    at = std::copy(payload.begin(), payload.end(), at + 2);
    auto length = static_cast<std::size_t>(at - buffer.data());
    // A switch that removes the tag must still have a whole frame left: padded to 60 after the tag.
    const std::size_t minimum = kMinimumFrame + (framing.vlan ? 4 : 0);
    if (length < minimum) {
        std::fill(at, buffer.data() + minimum, std::uint8_t{0});
        length = minimum;
    }
    return {buffer.data(), length};
}

tl::expected<ParsedFrame, FrameRefusal> parse_frame(std::span<const std::uint8_t> bytes,
                                                    const Framing& framing) {
    if (bytes.size() < kAddresses + 2)
        return tl::unexpected(FrameRefusal::truncated);
    ParsedFrame frame;
    std::copy_n(bytes.begin(), 6, frame.destination.octets.begin());
    std::copy_n(bytes.begin() + 6, 6, frame.source.octets.begin());

    std::size_t at = kAddresses;
    std::uint16_t type = get_u16(bytes, at);
    bool other_service = false;
    std::uint16_t vlan = 0;
    if (type == kTagProtocol || type == kServiceTagProtocol) {
        if (bytes.size() < at + 6)
            return tl::unexpected(FrameRefusal::truncated);
        other_service = type == kServiceTagProtocol;
        vlan = get_u16(bytes, at + 2) & 0xfffU;
        at += 4;
        type = get_u16(bytes, at);
    }
    if (type != framing.ether_type)
        return tl::unexpected(FrameRefusal::not_ours);
    if (other_service || vlan != framing.vlan.value_or(0))
        return tl::unexpected(FrameRefusal::vlan_mismatch);
    frame.payload = bytes.subspan(at + 2);
    return frame;
}

}  // namespace ha::runtime
