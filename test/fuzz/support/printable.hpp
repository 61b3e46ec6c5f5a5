// What every target demands of a text for people: UTF-8 that no terminal obeys.
#pragma once

#include <string>

#include "libha/base/utf8.hpp"
#include "test/fuzz/support/require.hpp"

namespace test::fuzz {

inline void require_printable(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const std::size_t length = ha::utf8_length(text, at);
        require(length != 0 && (byte >= 0x20 || byte == '\n') && byte != 0x7f,
                "a text can be printed: " + text);
        at += length;
    }
}

}  // namespace test::fuzz
