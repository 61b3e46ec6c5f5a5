// Texts of others: what of them is UTF-8 that may be shown.
#pragma once

#include <cstddef>
#include <string_view>

namespace ha {

/// How many bytes the well-formed UTF-8 character at `at` takes; 0 when it is not one, or is a
/// control character beyond ASCII (0x80…0x9f, which terminals obey as well).
std::size_t utf8_length(std::string_view text, std::size_t at);

}  // namespace ha
