#include "libha/base/utf8.hpp"

#include <cstdint>

namespace ha {

std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const unsigned first = byte(at);
    std::size_t length = 0;
    std::uint32_t code = 0;
    std::uint32_t smallest = 0;
    if (first < 0x80U)
        return 1;
    if ((first & 0xe0U) == 0xc0U) {
        length = 2;
        code = first & 0x1fU;
        smallest = 0x80;
    } else if ((first & 0xf0U) == 0xe0U) {
        length = 3;
        code = first & 0x0fU;
        smallest = 0x800;
    } else if ((first & 0xf8U) == 0xf0U) {
        length = 4;
        code = first & 0x07U;
        smallest = 0x10000;
    } else {
        return 0;
    }
    if (at + length > text.size())
        return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xc0U) != 0x80U)
            return 0;
        code = (code << 6U) | (byte(at + i) & 0x3fU);
    }
    const bool surrogate = code >= 0xd800U && code <= 0xdfffU;
    const bool second_control = code >= 0x80U && code < 0xa0U;
    return code < smallest || code > 0x10ffffU || surrogate || second_control ? 0 : length;
}

}  // namespace ha
