// The three writers of a Document. nlohmann-json stays in this file.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "libha/cli/document.hpp"
#include "libha/cli/words.hpp"

namespace ha::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string without_trailing_spaces(std::string line) {
    while (!line.empty() && line.back() == ' ')
        line.pop_back();
    return line;
}

std::string text_row(const Table& table, const std::vector<Value>& row) {
    std::string line;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const auto& column = table.columns[i];
        if (!column.in_text)
            continue;
        const auto cell = to_text(row[i]);
        const auto shown = display_columns(cell, cell.size());
        const auto padding = column.width > shown ? column.width - shown : 0;
        if (column.right) {
            line.append(padding, ' ').append(cell);
        } else {
            // A value longer than its column pushes the rest aside; it never runs into it.
            line.append(cell).append(column.width > 0 && padding == 0 ? 1 : padding, ' ');
        }
    }
    return without_trailing_spaces(std::move(line));
}

Json to_json(const Value& value) {
    struct Writer {
        Json operator()(std::monostate) const { return nullptr; }
        Json operator()(const std::string& text) const { return text; }
        Json operator()(std::int64_t number) const { return number; }
        Json operator()(std::uint64_t number) const { return number; }
        Json operator()(bool truth) const { return truth; }
    };
    return std::visit(Writer{}, value);
}

/// Everything outside ASCII as a character reference: right under the encoding NX-OS declares.
std::string xml_text(std::string_view text) {
    std::string escaped;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte >= 0x80U) {
            std::uint32_t code = byte >= 0xf0U   ? byte & 0x07U
                                 : byte >= 0xe0U ? byte & 0x0fU
                                                 : byte & 0x1fU;
            while (at + 1 < text.size() &&
                   (static_cast<unsigned char>(text[at + 1]) & 0xc0U) == 0x80U) {
                ++at;
                code = (code << 6U) | (static_cast<unsigned char>(text[at]) & 0x3fU);
            }
            escaped += "&#" + std::to_string(code) + ";";
        } else if (byte == '&') {
            escaped += "&amp;";
        } else if (byte == '<') {
            escaped += "&lt;";
        } else if (byte == '>') {
            escaped += "&gt;";
        } else {
            escaped += text[at];
        }
    }
    return escaped;
}

std::string xml_element(const std::string& indent, const std::string& key, const Value& value) {
    const auto text =
        std::holds_alternative<std::monostate>(value) ? std::string() : xml_text(to_text(value));
    return indent + "<" + key + ">" + text + "</" + key + ">\n";
}

void write_xml_rows(std::string& out, const std::string& indent, const Table& table,
                    const std::vector<std::vector<Value>>& rows) {
    for (const auto& row : rows) {
        out += indent + " <ROW_" + table.name + ">\n";
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (table.columns[i].key.empty())
                continue;
            out += xml_element(indent + "  ", table.columns[i].key, row[i]);
        }
        out += indent + " </ROW_" + table.name + ">\n";
    }
}

void write_xml_table(std::string& out, const std::string& indent, const Table& table) {
    out += indent + "<TABLE_" + table.name + ">\n";
    write_xml_rows(out, indent, table, table.rows);
    write_xml_rows(out, indent, table, table.data_rows);
    out += indent + "</TABLE_" + table.name + ">\n";
}

void add_json_rows(Json& array, const Table& table, const std::vector<std::vector<Value>>& rows) {
    for (const auto& row : rows) {
        Json object = Json::object();
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (!table.columns[i].key.empty())
                object[table.columns[i].key] = to_json(row[i]);
        }
        array.push_back(std::move(object));
    }
}

}  // namespace

std::string write_text(const Document& document) {
    std::string out;
    for (const auto& element : document.elements()) {
        if (const auto* line = std::get_if<Document::Line>(&element)) {
            out += line->text + "\n";
        } else if (const auto* field = std::get_if<Document::Field>(&element)) {
            if (field->in_text) {
                out +=
                    without_trailing_spaces(field->before + to_text(field->value) + field->after) +
                    "\n";
            }
        } else if (const auto* table = std::get_if<Table>(&element)) {
            for (const auto& header : table->headers)
                out += header + "\n";
            const bool shown = std::any_of(table->columns.begin(), table->columns.end(),
                                           [](const Column& column) { return column.in_text; });
            if (!shown)
                continue;
            for (const auto& row : table->rows)
                out += text_row(*table, row) + "\n";
        }
    }
    return out;
}

std::string write_json(const Document& document, bool pretty) {
    Json root = Json::object();
    for (const auto& element : document.elements()) {
        if (const auto* field = std::get_if<Document::Field>(&element)) {
            if (!field->key.empty())
                root[field->key] = to_json(field->value);
        } else if (const auto* table = std::get_if<Table>(&element)) {
            Json rows = Json::array();
            add_json_rows(rows, *table, table->rows);
            add_json_rows(rows, *table, table->data_rows);
            root["TABLE_" + table->name]["ROW_" + table->name] = std::move(rows);
        }
    }
    return root.dump(pretty ? 4 : -1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string write_xml(const Document& document, const std::vector<std::string>& command_words) {
    std::string name;
    for (const auto& word : command_words)
        name += "_" + word;
    const auto last = command_words.empty() ? std::string("none") : command_words.back();
    std::string out =
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n"
        "<nf:rpc-reply xmlns:nf=\"urn:ietf:params:xml:ns:netconf:base:1.0\" "
        "xmlns=\"http://www.cisco.com/nxos:1.0:" +
        last + "\">\n <nf:data>\n";
    std::string indent = "  ";
    std::vector<std::string> tags = command_words;
    tags.push_back("__XML__OPT_Cmd" + name + "___readonly__");
    tags.emplace_back("__readonly__");
    for (const auto& tag : tags) {
        out += indent + "<" + tag + ">\n";
        indent += ' ';
    }
    for (const auto& element : document.elements()) {
        if (const auto* field = std::get_if<Document::Field>(&element)) {
            if (!field->key.empty())
                out += xml_element(indent, field->key, field->value);
        } else if (const auto* table = std::get_if<Table>(&element)) {
            write_xml_table(out, indent, *table);
        }
    }
    for (auto tag = tags.rbegin(); tag != tags.rend(); ++tag) {
        indent.pop_back();
        out += indent + "</" + *tag + ">\n";
    }
    return out + " </nf:data>\n</nf:rpc-reply>\n";
}

}  // namespace ha::cli
