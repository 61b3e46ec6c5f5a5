// Ways into the data of a command: "TABLE_modinfo.ROW_modinfo[modinf=3].status". Dots go into a
// key, [2] takes a row by its place, [port=control] by a value, and .length counts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

namespace sim::scenario {

struct PathPart {
    std::string key{};     ///< empty: a place
    std::string wanted{};  ///< with `is_row`: the value of `key` in the row
    bool is_row = false;
    std::size_t place = 0;
    friend bool operator==(const PathPart&, const PathPart&) = default;
};

/// The error says where the path makes no sense.
tl::expected<std::vector<PathPart>, std::string> parse_path(std::string_view path);

/// A value as it is compared and shown: text as it is, everything else as JSON.
std::string plain(const nlohmann::json& value);

/// The value that `path` leads to, plain. The error says where it ends.
tl::expected<std::string, std::string> follow(const nlohmann::json& document,
                                              std::string_view path);

}  // namespace sim::scenario
