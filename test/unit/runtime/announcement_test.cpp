// The announcements of an address, octet by octet.
#include "libha/runtime/announcement.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace {

using ha::MacAddress;
using ha::runtime::announcements;
using ha::runtime::InterfaceAddress;
using Bytes = std::vector<std::uint8_t>;

constexpr MacAddress kMac{{0x02, 0, 0, 0, 0x01, 0x0a}};

Bytes part(const Bytes& bytes, std::ptrdiff_t from, std::ptrdiff_t length) {
    return {bytes.begin() + from, bytes.begin() + from + length};
}

}  // namespace

TEST_CASE("an IPv4 address is announced by an ARP request and an ARP reply", "[SW-5]") {
    const auto frames = announcements(*InterfaceAddress::parse("10.0.0.10/24"), kMac);
    REQUIRE(frames.size() == 2);
    const Bytes ethernet{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0, 0, 1, 0x0a, 0x08, 0x06};
    const Bytes request{0,  1, 8, 0,  6, 4, 0, 1, 0x02, 0, 0,  0, 1, 0x0a,
                        10, 0, 0, 10, 0, 0, 0, 0, 0,    0, 10, 0, 0, 10};
    const Bytes reply{0,  1, 8, 0,  6,    4, 0, 2, 0x02, 0,    0,  0, 1, 0x0a,
                      10, 0, 0, 10, 0x02, 0, 0, 0, 1,    0x0a, 10, 0, 0, 10};
    for (const Bytes& frame : frames) {
        REQUIRE(frame.size() == 60);
        CHECK(part(frame, 0, 14) == ethernet);
    }
    CHECK(part(frames[0], 14, 28) == request);
    CHECK(part(frames[1], 14, 28) == reply);
}

TEST_CASE("an IPv6 address is announced to all nodes, overriding what they knew", "[SW-5]") {
    const auto frames = announcements(*InterfaceAddress::parse("fd00::10/64"), kMac);
    REQUIRE(frames.size() == 1);
    const Bytes& frame = frames[0];
    REQUIRE(frame.size() == 86);
    CHECK(part(frame, 0, 14) == Bytes{0x33, 0x33, 0, 0, 0, 1, 0x02, 0, 0, 0, 1, 0x0a, 0x86, 0xdd});
    CHECK(part(frame, 14, 8) == Bytes{0x60, 0, 0, 0, 0, 32, 58, 255});
    const Bytes own{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10};
    CHECK(part(frame, 22, 16) == own);
    CHECK(part(frame, 38, 16) == Bytes{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    CHECK(part(frame, 54, 2) == Bytes{136, 0});
    CHECK(part(frame, 58, 4) == Bytes{0x20, 0, 0, 0});
    CHECK(part(frame, 62, 16) == own);
    CHECK(part(frame, 78, 8) == Bytes{2, 1, 0x02, 0, 0, 0, 1, 0x0a});

    // A receiver adds up pseudo header and message, checksum included, and gets all ones.
    std::uint32_t sum = 32 + 58;
    for (std::size_t at = 22; at < frame.size(); at += 2)
        sum += static_cast<std::uint32_t>((frame[at] << 8U) | frame[at + 1]);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16U);
    CHECK(sum == 0xffff);
}
