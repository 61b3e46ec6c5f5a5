#include "libha/runtime/interface_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace ha::runtime {

namespace {

/// Why no node can have this address, empty when one can.
std::string refusal(const InterfaceAddress& address) {
    const auto& octets = address.octets;
    const auto bytes = address.bytes();
    if (std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t octet) { return octet == 0; }))
        return "is not the address of a node";
    if (address.family == InterfaceAddress::Family::ipv6)
        return octets[0] == 0xff ? "is a multicast address" : "";
    if (octets[0] >= 224)
        return octets[0] < 240 ? "is a multicast address" : "is not the address of a node";
    if (octets[0] == 127)
        return "is a loopback address";
    return "";
}

}  // namespace

std::string InterfaceAddress::address_text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(family == Family::ipv4 ? AF_INET : AF_INET6, octets.data(), text.data(), text.size());
    return text.data();
}

std::string InterfaceAddress::to_string() const {
    return address_text() + "/" + std::to_string(prefix_length);
}

tl::expected<InterfaceAddress, std::string> InterfaceAddress::parse(std::string_view text) {
    const auto fail = [text](const std::string& why) {
        return tl::unexpected("'" + std::string{text} + "' " + why);
    };
    const auto slash = text.find('/');
    const std::string address_part{text.substr(0, slash)};
    InterfaceAddress address;
    if (inet_pton(AF_INET, address_part.c_str(), address.octets.data()) == 1)
        address.family = Family::ipv4;
    else if (inet_pton(AF_INET6, address_part.c_str(), address.octets.data()) == 1)
        address.family = Family::ipv6;
    else
        return fail("is not an IPv4 or IPv6 address with a prefix length (10.0.0.10/24)");

    const unsigned longest = address.family == Family::ipv4 ? 32 : 128;
    const std::string_view length = slash == std::string_view::npos ? "" : text.substr(slash + 1);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), value);
    if (error != std::errc{} || end != length.data() + length.size() || value < 1 ||
        value > longest)
        return fail("needs a prefix length of 1…" + std::to_string(longest) + " after a slash");
    address.prefix_length = static_cast<std::uint8_t>(value);
    if (const std::string why = refusal(address); !why.empty())
        return fail(why);
    return address;
}

}  // namespace ha::runtime
