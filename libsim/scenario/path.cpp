// See path.hpp.
#include "libsim/scenario/path.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <nlohmann/json.hpp>

namespace sim::scenario {
namespace {

/// What stands between two brackets: "2" or "port=control".
tl::expected<PathPart, std::string> parse_row(std::string_view text) {
    PathPart part;
    part.is_row = true;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
        part.key = text.substr(0, equals);
        part.wanted = text.substr(equals + 1);
        if (part.key.empty())
            return tl::unexpected("[" + std::string(text) + "] names no key");
        return part;
    }
    const char* const end = text.data() + text.size();
    const auto [stopped, fault] = std::from_chars(text.data(), end, part.place);
    if (text.empty() || stopped != end || fault != std::errc{})
        return tl::unexpected("[" + std::string(text) + "] is no place like [2] or [port=control]");
    return part;
}

const nlohmann::json* find(const nlohmann::json& value, const PathPart& part) {
    if (!part.is_row) {
        const auto found = value.is_object() ? value.find(part.key) : value.end();
        return found == value.end() ? nullptr : &*found;
    }
    if (!value.is_array())
        return nullptr;
    if (part.key.empty())
        return part.place < value.size() ? &value[part.place] : nullptr;
    for (const nlohmann::json& row : value) {
        if (row.is_object() && row.contains(part.key) && plain(row[part.key]) == part.wanted)
            return &row;
    }
    return nullptr;
}

std::string shown(const PathPart& part) {
    if (!part.is_row)
        return part.key;
    return part.key.empty() ? std::to_string(part.place) : part.key + "=" + part.wanted;
}

}  // namespace

tl::expected<std::vector<PathPart>, std::string> parse_path(std::string_view path) {
    std::vector<PathPart> parts;
    std::size_t at = 0;
    while (at < path.size()) {
        if (path[at] == '[') {
            const std::size_t end = path.find(']', at);
            if (end == std::string_view::npos)
                return tl::unexpected(std::string("a ']' is missing"));
            auto row = parse_row(path.substr(at + 1, end - at - 1));
            if (!row)
                return tl::unexpected(row.error());
            parts.push_back(std::move(*row));
            at = end + 1;
            continue;
        }
        if (path[at] == '.' && !parts.empty())
            ++at;
        else if (!parts.empty())
            return tl::unexpected("a '.' is missing before '" + std::string(path.substr(at)) + "'");
        const std::size_t end = std::min(path.find_first_of(".[]", at), path.size());
        if (end == at || (end < path.size() && path[end] == ']'))
            return tl::unexpected("a key is missing after '" + std::string(path.substr(0, at)) +
                                  "'");
        PathPart part;
        part.key = path.substr(at, end - at);
        parts.push_back(std::move(part));
        at = end;
    }
    if (parts.empty())
        return tl::unexpected(std::string("it is empty"));
    return parts;
}

std::string plain(const nlohmann::json& value) {
    return value.is_string() ? value.get<std::string>()
                             : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

tl::expected<std::string, std::string> follow(const nlohmann::json& document,
                                              std::string_view path) {
    const auto parts = parse_path(path);
    if (!parts)
        return tl::unexpected(parts.error());
    const nlohmann::json* value = &document;
    nlohmann::json length;
    for (const PathPart& part : *parts) {
        if (!part.is_row && part.key == "length" && (value->is_array() || value->is_object())) {
            length = value->size();
            value = &length;
        } else {
            value = find(*value, part);
        }
        if (value == nullptr)
            return tl::unexpected("nothing at " + shown(part) + " of " + std::string(path));
    }
    return plain(*value);
}

}  // namespace sim::scenario
