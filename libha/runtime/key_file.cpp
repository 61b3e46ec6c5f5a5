// Reads a key file. See key_file.hpp.
#include "libha/runtime/key_file.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <string_view>

#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

constexpr std::size_t kMaximumKeyFile = 4096;
/// Where systemd looks for credentials that a unit names without a path.
constexpr const char* kCredentialStore = "/etc/credstore";

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/// The file of a credential; the path itself when it is none.
tl::expected<std::string, std::string> resolve(const std::string& path) {
    if (!path.starts_with(kCredentialPrefix)) {
        return path;
    }
    const std::string name = path.substr(kCredentialPrefix.size());
    if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos) {
        return tl::unexpected(path +
                              ": a credential has the name of a file, without '/' and with "
                              "no '.' before it");
    }
    const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
    return std::string(directory == nullptr ? kCredentialStore : directory) + "/" + name;
}

}  // namespace

tl::expected<std::array<std::uint8_t, wire::kKeySize>, std::string> read_key_file(
    const std::string& named) {
    const auto resolved = resolve(named);
    if (!resolved) {
        return tl::unexpected(resolved.error());
    }
    const std::string& path = *resolved;
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
