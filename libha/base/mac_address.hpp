// An Ethernet address as a value.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace ha {

struct MacAddress {
    std::array<std::uint8_t, 6> octets{};

    friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;

    /// True for 00:00:00:00:00:00, which stands for "not known".
    [[nodiscard]] constexpr bool is_zero() const { return *this == MacAddress{}; }
    /// True for broadcast and multicast addresses.
    [[nodiscard]] constexpr bool is_group() const { return (octets[0] & 1U) != 0; }

    /// "00:50:56:97:02:3b".
    [[nodiscard]] std::string to_string() const;
    /// "00-19-07-6c-5a-a8", as `show module` prints it.
    [[nodiscard]] std::string to_dashed_string() const;
    /// "0050-56b3-252b", as `show svs neighbors` prints it.
    [[nodiscard]] std::string to_dotted_string() const;

    /// Reads "aa:bb:cc:dd:ee:ff" (either case). The error says what is wrong with the text.
    static tl::expected<MacAddress, std::string> parse(std::string_view text);
};

inline constexpr MacAddress kBroadcastMac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

}  // namespace ha
