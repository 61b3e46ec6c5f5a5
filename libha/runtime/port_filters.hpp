// What the kernel is to let through to a port, in tcpdump's language: our EtherType, with any tag
// or none, to our MAC or broadcast. Pure.
//
// The kernel takes a frame's tag out before it filters, so offsets are those of an untagged frame.
// Tags are judged when they are back, by parse_frame(): a frame of another VLAN has to be counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "libha/base/mac_address.hpp"

namespace ha::runtime {

/// The payloads with this octet at this offset.
struct BulkMark {
    std::size_t offset = 0;
    std::uint8_t octet = 0;
};

/// The frames that have the mark.
std::string bulk_filter(std::uint16_t ether_type, const MacAddress& own, const BulkMark& mark);

/// All frames, or all but those that bulk_filter() lets through.
std::string capture_filter(std::uint16_t ether_type, const MacAddress& own,
                           const std::optional<BulkMark>& without);

}  // namespace ha::runtime
