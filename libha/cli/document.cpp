#include "libha/cli/document.hpp"

#include <utility>

namespace ha::cli {
namespace {

/// How many bytes the well-formed UTF-8 character at `at` takes; 0 when it is not one.
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

Value cleaned(Value value) {
    if (auto* text = std::get_if<std::string>(&value))
        *text = printable(*text);
    return value;
}

}  // namespace

std::string to_text(const Value& value) {
    struct Writer {
        std::string operator()(std::monostate) const { return "-"; }
        std::string operator()(const std::string& text) const { return text; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(std::uint64_t number) const { return std::to_string(number); }
        std::string operator()(bool truth) const { return truth ? "true" : "false"; }
    };
    return std::visit(Writer{}, value);
}

std::string printable(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        const auto length = utf8_length(text, at);
        const auto byte = static_cast<unsigned char>(text[at]);
        if (length == 0 || byte < 0x20U || byte == 0x7fU) {
            clean += '?';
            ++at;
            continue;
        }
        clean.append(text, at, length);
        at += length;
    }
    return clean;
}

Document& Document::line(const std::string& text) {
    elements_.emplace_back(Line{printable(text)});
    return *this;
}

Document& Document::data(std::string key, Value value) {
    elements_.emplace_back(Field{{}, std::move(key), cleaned(std::move(value)), {}, false});
    return *this;
}

Document& Document::field(std::string before, std::string key, Value value, std::string after) {
    elements_.emplace_back(Field{std::move(before), std::move(key), cleaned(std::move(value)),
                                 std::move(after), true});
    return *this;
}

Document& Document::table(Table table) {
    for (auto* rows : {&table.rows, &table.data_rows}) {
        for (auto& row : *rows) {
            row.resize(table.columns.size());
            for (auto& value : row)
                value = cleaned(std::move(value));
        }
    }
    elements_.emplace_back(std::move(table));
    return *this;
}

}  // namespace ha::cli
