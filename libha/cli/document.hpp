// What a show command answers, once: fields and tables in order, each with its place in the text
// and its key in the data. The writers make the text layout, JSON or XML of the same document, so
// that the three can never disagree. Never asks for anything; knows no command.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ha::cli {

/// Nothing (null), text, a number or a truth value.
using Value = std::variant<std::monostate, std::string, std::int64_t, std::uint64_t, bool>;

/// "12", "true", the text itself; nothing is "-".
std::string to_text(const Value& value);
/// Valid UTF-8 without control characters: what a remote named itself may be shown (ANY-1).
std::string printable(std::string_view text);

struct Column {
    std::string key;        ///< in JSON and XML; empty: text only
    std::size_t width = 0;  ///< characters with the gap to the next column; 0: as long as it is
    bool right = false;     ///< right-aligned in its width
    bool in_text = true;    ///< false: in JSON and XML only
};

struct Table {
    std::string name;                  ///< TABLE_<name>, ROW_<name>
    std::vector<std::string> headers;  ///< text lines above the rows, to the character
    std::vector<Column> columns;
    std::vector<std::vector<Value>> rows;  ///< as many values as there are columns
    /// Rows that the text leaves out (counters that are zero); JSON and XML have them after `rows`.
    std::vector<std::vector<Value>> data_rows = {};
};

class Document {
public:
    /// A line of the text that carries no data.
    Document& line(const std::string& text = {});
    /// Data that the text layout does not show.
    Document& data(std::string key, Value value);
    /// A line of the text with a value: before + value + after.
    Document& field(std::string before, std::string key, Value value, std::string after = {});
    Document& table(Table table);

    struct Line {
        std::string text;
    };
    struct Field {
        std::string before;
        std::string key;
        Value value;
        std::string after;
        bool in_text = true;
    };
    using Element = std::variant<Line, Field, Table>;
    [[nodiscard]] const std::vector<Element>& elements() const { return elements_; }

private:
    std::vector<Element> elements_;
};

std::string write_text(const Document& document);
/// One object: fields by key, tables as {"TABLE_x": {"ROW_x": [rows]}}; always an array of rows.
std::string write_json(const Document& document, bool pretty);
/// NX-OS's reply wrapper around the command's words, TABLE_/ROW_ elements inside.
std::string write_xml(const Document& document, const std::vector<std::string>& command_words);

}  // namespace ha::cli
