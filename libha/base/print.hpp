// Short texts with numbers in columns. Pure: no locale, no stream.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

namespace ha {

/// What printf would print with this format, of which the first 95 bytes. Signed numbers of 64 bits
/// go through wide(), their format is %lld.
template <typename... Arguments>
std::string print(const char* format, Arguments... arguments) {
    std::array<char, 96> buffer{};
    const int length = std::snprintf(buffer.data(), buffer.size(), format, arguments...);
    return {buffer.data(), static_cast<std::size_t>(std::clamp(length, 0, 95))};
}

inline long long wide(std::int64_t number) {
    return number;
}

}  // namespace ha
