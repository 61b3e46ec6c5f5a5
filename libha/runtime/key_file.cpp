// Reads a key file. See key_file.hpp.
#include "libha/runtime/key_file.hpp"

#include <sys/stat.h>

#include <string_view>

#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

constexpr std::size_t kMaximumKeyFile = 4096;

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

}  // namespace

tl::expected<std::array<std::uint8_t, wire::kKeySize>, std::string> read_key_file(
    const std::string& path) {
    // Links are followed: key files are often mounted that way by a secret manager.
    const auto content = read_file(path, kMaximumKeyFile, Links::follow);
    if (!content) {
        return tl::unexpected("key file " + path + ": " + content.error().text);
    }
    if ((content->mode & (S_IROTH | S_IWOTH)) != 0) {
        return tl::unexpected("key file " + path +
                              ": others may read or write it; correct with: chmod 0600 " + path);
    }
    std::string_view digits = content->bytes;
    const std::size_t last = digits.find_last_not_of(" \t\r\n");
    digits = digits.substr(0, last == std::string_view::npos ? 0 : last + 1);
    std::array<std::uint8_t, wire::kKeySize> secret{};
    const bool right_length = digits.size() == 2 * secret.size();
    for (std::size_t i = 0; right_length && i < secret.size(); ++i) {
        const int high = hex_value(digits[2 * i]);
        const int low = hex_value(digits[2 * i + 1]);
        if (high < 0 || low < 0) {
            return tl::unexpected("key file " + path + ": a character at position " +
                                  std::to_string(2 * i + (high < 0 ? 1 : 2)) +
                                  " is no hexadecimal digit");
        }
        secret[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    if (!right_length) {
        return tl::unexpected("key file " + path + ": holds " + std::to_string(digits.size()) +
                              " characters, 64 hexadecimal digits are expected (for example from "
                              "openssl rand -hex 32)");
    }
    return secret;
}

}  // namespace ha::runtime
