#include "libha/base/mac_address.hpp"

#include <charconv>
#include <cstdio>

namespace ha {
namespace {

std::string print(const char* format, const std::array<std::uint8_t, 6>& octets) {
    std::array<char, 18> text{};
    const int length = std::snprintf(text.data(), text.size(), format, octets[0], octets[1],
                                     octets[2], octets[3], octets[4], octets[5]);
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace

std::string MacAddress::to_string() const {
    return print("%02x:%02x:%02x:%02x:%02x:%02x", octets);
}

std::string MacAddress::to_dashed_string() const {
    return print("%02x-%02x-%02x-%02x-%02x-%02x", octets);
}

std::string MacAddress::to_dotted_string() const {
    return print("%02x%02x-%02x%02x-%02x%02x", octets);
}

tl::expected<MacAddress, std::string> MacAddress::parse(std::string_view text) {
    constexpr std::size_t kLength = 17;
    MacAddress mac;
    const auto refuse = [&] {
        return tl::unexpected("'" + std::string(text) +
                              "' is not a MAC address (aa:bb:cc:dd:ee:ff)");
    };
    if (text.size() != kLength)
        return refuse();
    for (std::size_t index = 0; index < mac.octets.size(); ++index) {
        const char* first = text.data() + index * 3;
        const auto [end, error] = std::from_chars(first, first + 2, mac.octets[index], 16);
        if (error != std::errc{} || end != first + 2)
            return refuse();
        if (index < 5 && first[2] != ':')
            return refuse();
    }
    return mac;
}

}  // namespace ha
