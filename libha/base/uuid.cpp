#include "libha/base/uuid.hpp"

#include <charconv>

namespace ha {
namespace {

constexpr std::size_t kTextLength = 36;

bool is_dash_position(std::size_t position) {
    return position == 8 || position == 13 || position == 18 || position == 23;
}

}  // namespace

std::string Uuid::to_string() const {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(kTextLength);
    for (const std::uint8_t octet : octets) {
        if (is_dash_position(text.size()))
            text += '-';
        text += kDigits[octet >> 4U];
        text += kDigits[octet & 0x0fU];
    }
    return text;
}

tl::expected<Uuid, std::string> Uuid::parse(std::string_view text) {
    const auto refuse = [&] {
        return tl::unexpected("'" + std::string(text.substr(0, 2 * kTextLength)) +
                              "' is not a UUID (8-4-4-4-12 hexadecimal digits)");
    };
    if (text.size() != kTextLength)
        return refuse();
    Uuid uuid;
    std::size_t position = 0;
    for (std::uint8_t& octet : uuid.octets) {
        if (is_dash_position(position) && text[position++] != '-')
            return refuse();
        const char* first = text.data() + position;
        const auto [end, error] = std::from_chars(first, first + 2, octet, 16);
        if (error != std::errc{} || end != first + 2)
            return refuse();
        position += 2;
    }
    return uuid;
}

}  // namespace ha
