// The frames that tell a network where an address lives now (BEHAVIOUR SW-5): gratuitous ARP for
// IPv4, unsolicited neighbour advertisement for IPv6. Pure: bytes and nothing else.
#pragma once

#include <cstdint>
#include <vector>

#include "libha/base/mac_address.hpp"
#include "libha/runtime/interface_address.hpp"

namespace ha::runtime {

/// The whole frames that announce `address` at `mac`. IPv4: one ARP request and one ARP reply,
/// since some stations learn from the one and some from the other (RFC 5227 section 3, RFC 5944
/// section 4.6). IPv6: one neighbour advertisement with the override flag to all nodes (RFC
/// 4861 7.2.6).
std::vector<std::vector<std::uint8_t>> announcements(const InterfaceAddress& address,
                                                     const MacAddress& mac);

}  // namespace ha::runtime
