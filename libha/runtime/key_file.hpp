// A pre-shared key in a file: 64 hexadecimal digits, readable by its owner only.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "libha/wire/seal.hpp"

namespace ha::runtime {

/// "credential:NAME" in place of a path is what systemd passes to the service under that name
/// (LoadCredential=): the file NAME below $CREDENTIALS_DIRECTORY, or below /etc/credstore for
/// somebody who runs the program by hand.
inline constexpr std::string_view kCredentialPrefix = "credential:";

/// `path` is a file or a credential. The error says what is wrong with it, never what is in it.
tl::expected<std::array<std::uint8_t, wire::kKeySize>, std::string> read_key_file(
    const std::string& path);

}  // namespace ha::runtime
