#include "libha/cli/document.hpp"

#include <utility>

#include "libha/base/utf8.hpp"

namespace ha::cli {
namespace {

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
