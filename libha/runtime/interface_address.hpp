// An IP address with its prefix length, as written in the configuration: "10.0.0.10/24".
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace ha::runtime {

struct InterfaceAddress {
    enum class Family : std::uint8_t { ipv4, ipv6 };

    Family family = Family::ipv4;
    std::array<std::uint8_t, 16> octets{};  ///< IPv4 in the first four
    std::uint8_t prefix_length = 32;

    friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;

    [[nodiscard]] std::span<const std::uint8_t> bytes() const {
        return std::span{octets}.first(family == Family::ipv4 ? 4 : 16);
    }
    /// "10.0.0.10/24", "fd00::10/64".
    [[nodiscard]] std::string to_string() const;
    /// Without the prefix length.
    [[nodiscard]] std::string address_text() const;

    /// Takes addresses that one node can have on an interface; the error says what is wrong.
    static tl::expected<InterfaceAddress, std::string> parse(std::string_view text);
};

}  // namespace ha::runtime
