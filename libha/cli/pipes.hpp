// The part of a line behind its first `|`: formats (json, xml) and filters over lines of text.
// Bounded: patterns are matched in linear time with limited memory, whatever they are (ANY-1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "libha/cli/grammar.hpp"

namespace ha::cli {

enum class Format : std::uint8_t { text, json, json_pretty, xml };
enum class FilterKind : std::uint8_t { include, exclude, begin, count, no_more };

struct Filter {
    FilterKind kind = FilterKind::no_more;
    std::string pattern;
    bool ignore_case = false;
};

struct Pipeline {
    std::string_view command;  ///< what stands before the first pipe
    std::size_t first_pipe = std::string_view::npos;
    Format format = Format::text;
    std::vector<Filter> filters;
};

inline constexpr std::size_t kMaximumPipes = 16;
inline constexpr std::size_t kMaximumPattern = 512;

/// Where the first `|` of a line stands, npos when there is none.
std::size_t find_pipe(std::string_view line);
tl::expected<Pipeline, ParseError> parse_pipeline(std::string_view line);
/// What may follow at the end of `line`, which holds at least one pipe.
tl::expected<std::vector<Candidate>, ParseError> pipe_candidates(std::string_view line);
std::string apply_filter(const Filter& filter, std::string_view text);

}  // namespace ha::cli
