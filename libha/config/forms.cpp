// See forms.hpp.
#include "libha/config/forms.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace ha::config {
namespace {

/// Digits only: "+1", "0x1", " 1" and "" are no numbers.
std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "<3-66>/<1-248>" without its slash.
std::optional<std::pair<std::string_view, std::string_view>> pair_of(std::string_view token) {
    const auto slash = token.find(">/<");
    if (slash == std::string_view::npos)
        return std::nullopt;
    return std::pair{token.substr(0, slash + 1), token.substr(slash + 2)};
}

std::string range_error(std::string_view token) {
    std::string text;
    for (const auto& [minimum, maximum] : ranges_of(token)) {
        text += (text.empty() ? "" : ",") + std::to_string(minimum) + ":" + std::to_string(maximum);
    }
    return "Invalid number, range is (" + text + ")";
}

tl::expected<std::string, std::string> number(std::string_view token, std::string_view word) {
    if (!is_digits(word))
        return tl::unexpected(std::string("Invalid command"));
    const auto value = parse_number(word);
    for (const auto& [minimum, maximum] : ranges_of(token)) {
        if (value && *value >= minimum && *value <= maximum)
            return std::to_string(*value);
    }
    return tl::unexpected(range_error(token));
}

tl::expected<std::string, std::string> number_pair(std::string_view token, std::string_view word) {
    const auto tokens = pair_of(token);
    const auto slash = word.find('/');
    if (!tokens || slash == std::string_view::npos)
        return tl::unexpected(std::string("Invalid command"));
    auto first = number(tokens->first, word.substr(0, slash));
    if (!first)
        return first;
    const auto second = number(tokens->second, word.substr(slash + 1));
    return second ? *first + "/" + *second : second;
}

std::string to_address(std::uint32_t address) {
    return std::to_string(address >> 24U) + "." + std::to_string((address >> 16U) & 0xffU) + "." +
           std::to_string((address >> 8U) & 0xffU) + "." + std::to_string(address & 0xffU);
}

tl::expected<std::string, std::string> address(std::string_view word) {
    return parse_address(word).map(to_address);
}

tl::expected<std::string, std::string> prefix(std::string_view word) {
    const auto slash = word.find('/');
    if (slash == std::string_view::npos)
        return tl::unexpected(
            std::string("Invalid ip address, the length of its network is missing"));
    auto host = address(word.substr(0, slash));
    if (!host)
        return host;
    const auto digits = word.substr(slash + 1);
    const auto length = parse_number(digits);
    if (!is_digits(digits) || !length || *length < 1 || *length > 32)
        return tl::unexpected(std::string("Invalid network length, range is (1:32)"));
    return *host + "/" + std::to_string(*length);
}

tl::expected<std::string, std::string> limited(std::string_view word, std::size_t maximum) {
    if (word.size() > maximum)
        return tl::unexpected("String exceeded max length of (" + std::to_string(maximum) + ")");
    return std::string(word);
}

std::string padded(std::string_view digits) {
    return std::string(20 - std::min<std::size_t>(digits.size(), 20), '0') + std::string(digits);
}

}  // namespace

Form form_of(std::string_view token) {
    if (token == "WORD")
        return Form::word;
    if (token == "LINE")
        return Form::text;
    if (token == "A.B.C.D")
        return Form::address;
    if (token == "A.B.C.D/LEN")
        return Form::prefix;
    if (!token.starts_with('<'))
        return Form::keyword;
    if (const auto pair = pair_of(token);
        pair && !ranges_of(pair->first).empty() && !ranges_of(pair->second).empty())
        return Form::number_pair;
    return ranges_of(token).empty() ? Form::keyword : Form::number;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_of(std::string_view token) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    if (token.size() < 5 || token.front() != '<' || token.back() != '>')
        return {};
    token = token.substr(1, token.size() - 2);
    while (!token.empty()) {
        const auto one = token.substr(0, token.find(','));
        token.remove_prefix(std::min(one.size() + 1, token.size()));
        const auto dash = one.find('-');
        if (dash == std::string_view::npos)
            return {};
        const auto minimum = parse_number(one.substr(0, dash));
        const auto maximum = parse_number(one.substr(dash + 1));
        if (!minimum || !maximum)
            return {};
        ranges.emplace_back(*minimum, *maximum);
    }
    return ranges;
}

tl::expected<std::string, std::string> canonical(std::string_view token, std::string_view word) {
    switch (form_of(token)) {
        case Form::keyword:
            break;
        case Form::number:
            return number(token, word);
        case Form::word:
            return limited(word, kMaximumWord);
        case Form::address:
            return address(word);
        case Form::prefix:
            return prefix(word);
        case Form::number_pair:
            return number_pair(token, word);
        case Form::text:
            return limited(word, kMaximumText);
    }
    if (word == token)
        return std::string(word);
    return tl::unexpected(std::string("Invalid command"));
}

std::string sort_key(std::string_view token, std::string_view canonical_word) {
    const Form form = form_of(token);
    if (form == Form::keyword || form == Form::word || form == Form::text)
        return std::string(canonical_word);
    std::string key;
    while (!canonical_word.empty()) {
        const auto digits = canonical_word.substr(0, canonical_word.find_first_of("./"));
        canonical_word.remove_prefix(std::min(digits.size() + 1, canonical_word.size()));
        key += padded(digits);
    }
    return key;
}

tl::expected<std::uint32_t, std::string> parse_address(std::string_view text) {
    const std::string fault = "Invalid ip address";
    std::uint32_t value = 0;
    for (int octet = 0; octet < 4; ++octet) {
        const auto digits = text.substr(0, text.find('.'));
        const auto number = parse_number(digits);
        if (!is_digits(digits) || digits.size() > 3 || !number || *number > 255)
            return tl::unexpected(fault);
        value = (value << 8U) | static_cast<std::uint32_t>(*number);
        text.remove_prefix(digits.size());
        if (octet < 3 && (text.empty() || text.front() != '.'))
            return tl::unexpected(fault);
        if (octet < 3)
            text.remove_prefix(1);
    }
    if (!text.empty())
        return tl::unexpected(fault);
    const std::uint32_t first = value >> 24U;
    if (first == 0 || first == 127 || first >= 224)
        return tl::unexpected(fault + ", it is not one that a host can have");
    return value;
}

}  // namespace ha::config
