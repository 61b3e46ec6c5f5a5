// The notation of one word of a command, shared by the configuration's table and the command line's
// grammar: what a token's text says may stand there.
//
//   module          a keyword: exactly this word
//   <6-30>          a whole number of this range; <1-3967,4048-4093> of one of these
//   WORD            any word of at most kMaximumWord characters
//   A.B.C.D         an IPv4 address of one host
//   A.B.C.D/LEN     the same with the length of its network, 1…32
//   <3-66>/<1-248>  two numbers, as in `ethernet 3/1`
//   LINE            the rest of the line, at most kMaximumText characters
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace ha::config {

enum class Form : std::uint8_t { keyword, number, word, address, prefix, number_pair, text };

Form form_of(std::string_view token);

inline constexpr std::size_t kMaximumWord = 64;
inline constexpr std::size_t kMaximumText = 255;

/// Inclusive, in ascending order; empty when `token` is no number's.
std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_of(std::string_view token);

/// What `word` is as that token, written the one way it is stored (no leading zeros). The error is
/// NX-OS's, without "% ": "Invalid number, range is (6:30)". A keyword is compared as it stands.
tl::expected<std::string, std::string> canonical(std::string_view token, std::string_view word);

/// A text that sorts like the value: numbers in their order, addresses by their octets.
std::string sort_key(std::string_view token, std::string_view canonical_word);

/// The octets of an address, nothing behind it.
tl::expected<std::uint32_t, std::string> parse_address(std::string_view text);

}  // namespace ha::config
