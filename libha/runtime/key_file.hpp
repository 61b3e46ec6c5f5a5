// A pre-shared key in a file: 64 hexadecimal digits, readable by its owner only.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "libha/wire/seal.hpp"

namespace ha::runtime {

/// The error says what is wrong with the file, never what is in it.
tl::expected<std::array<std::uint8_t, wire::kKeySize>, std::string> read_key_file(
    const std::string& path);

}  // namespace ha::runtime
