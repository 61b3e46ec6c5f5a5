#include "libha/runtime/announcement.hpp"

#include <initializer_list>
#include <span>

#include "libha/runtime/ethernet.hpp"

namespace ha::runtime {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr MacAddress kAllNodesMac{{0x33, 0x33, 0, 0, 0, 1}};
constexpr std::array<std::uint8_t, 16> kAllNodes{0xff, 0x02, 0, 0, 0, 0, 0, 0,
                                                 0,    0,    0, 0, 0, 0, 0, 1};
constexpr std::uint16_t kArpRequest = 1;
constexpr std::uint16_t kArpReply = 2;
constexpr std::uint16_t kTypeArp = 0x0806;
constexpr std::uint16_t kTypeIpv6 = 0x86dd;
constexpr std::uint8_t kIcmpv6 = 58;
constexpr std::uint8_t kNeighbourAdvertisement = 136;
constexpr std::uint8_t kOverride = 0x20;
constexpr std::uint8_t kTargetLinkLayerAddress = 2;

void append(Bytes& bytes, std::span<const std::uint8_t> more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}
void append(Bytes& bytes, std::initializer_list<int> more) {
    for (const int octet : more)
        bytes.push_back(static_cast<std::uint8_t>(octet));
}

Bytes in_frame(const MacAddress& destination, const MacAddress& source, std::uint16_t type,
               const Bytes& payload) {
    FrameBuffer buffer;
    const auto frame = build_frame(buffer, {.ether_type = type, .vlan = std::nullopt}, destination,
                                   source, payload);
    return {frame.begin(), frame.end()};
}

Bytes gratuitous_arp(const InterfaceAddress& address, const MacAddress& mac,
                     std::uint16_t operation) {
    Bytes arp;
    append(arp, {0, 1, 0x08, 0x00, 6, 4, 0, operation});
    append(arp, mac.octets);
    append(arp, address.bytes());
    append(arp, operation == kArpReply ? mac.octets : MacAddress{}.octets);
    append(arp, address.bytes());
    return in_frame(kBroadcastMac, mac, kTypeArp, arp);
}

/// The Internet checksum over the pseudo header and the message.
std::uint16_t icmpv6_checksum(std::span<const std::uint8_t> source,
                              std::span<const std::uint8_t> destination, const Bytes& message) {
    Bytes covered;
    append(covered, source);
    append(covered, destination);
    append(covered, {0, 0, static_cast<int>(message.size() >> 8U),
                     static_cast<int>(message.size() & 0xffU), 0, 0, 0, kIcmpv6});
    append(covered, message);
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at + 1 < covered.size(); at += 2)
        sum += static_cast<std::uint32_t>((covered[at] << 8U) | covered[at + 1]);
    while (sum > 0xffffU)
        sum = (sum & 0xffffU) + (sum >> 16U);
    return static_cast<std::uint16_t>(~sum);
}

Bytes neighbour_advertisement(const InterfaceAddress& address, const MacAddress& mac) {
    Bytes message;
    append(message, {kNeighbourAdvertisement, 0, 0, 0, kOverride, 0, 0, 0});
    append(message, address.bytes());
    append(message, {kTargetLinkLayerAddress, 1});
    append(message, mac.octets);
    const std::uint16_t checksum = icmpv6_checksum(address.bytes(), kAllNodes, message);
    message[2] = static_cast<std::uint8_t>(checksum >> 8U);
    message[3] = static_cast<std::uint8_t>(checksum);

    Bytes packet;
    append(packet, {0x60, 0, 0, 0, 0, static_cast<int>(message.size()), kIcmpv6, 255});
    append(packet, address.bytes());
    append(packet, kAllNodes);
    append(packet, message);
    return in_frame(kAllNodesMac, mac, kTypeIpv6, packet);
}

}  // namespace

std::vector<std::vector<std::uint8_t>> announcements(const InterfaceAddress& address,
                                                     const MacAddress& mac) {
    if (address.family == InterfaceAddress::Family::ipv6)
        return {neighbour_advertisement(address, mac)};
    return {gratuitous_arp(address, mac, kArpRequest), gratuitous_arp(address, mac, kArpReply)};
}

}  // namespace ha::runtime
