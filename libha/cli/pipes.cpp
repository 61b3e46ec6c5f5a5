#include "libha/cli/pipes.hpp"

#include <array>
#include <optional>

#include <re2/re2.h>

#include "libha/cli/words.hpp"

namespace ha::cli {
namespace {

enum class Pipe : std::uint8_t {
    begin,
    count,
    egrep,
    exclude,
    grep,
    include,
    json,
    json_pretty,
    no_more,
    xml
};

struct Name {
    std::string_view text;
    Pipe pipe;
    std::string_view help;
};
constexpr std::array kNames{
    Name{"begin", Pipe::begin, "Begin with the line that matches"},
    Name{"count", Pipe::count, "Count number of lines"},
    Name{"egrep", Pipe::egrep, "Print lines matching a pattern"},
    Name{"exclude", Pipe::exclude, "Exclude lines that match"},
    Name{"grep", Pipe::grep,
         "Print lines matching a pattern (-i ignore case, -v invert, -c count)"},
    Name{"include", Pipe::include, "Include lines that match"},
    Name{"json", Pipe::json, "Output in JSON format"},
    Name{"json-pretty", Pipe::json_pretty, "Output in JSON format, indented"},
    Name{"no-more", Pipe::no_more, "Turn-off pagination for command output"},
    Name{"xml", Pipe::xml, "Output in XML format"},
};

struct Segment {
    std::string_view text;
    std::size_t column = 0;  ///< of text in the line
};

/// Behind a filter's name a `|` ends the filter only after a space: `include a|b` is one pattern.
std::vector<Segment> split(std::string_view line, std::size_t from) {
    std::vector<Segment> segments;
    std::size_t start = from + 1;
    bool quoted = false;
    std::size_t words = 0;
    bool in_word = false;
    for (std::size_t at = start; at < line.size(); ++at) {
        const char c = line[at];
        const bool ends = c == '|' && !quoted && (words <= 1 || is_space(line[at - 1]));
        if (ends) {
            segments.push_back({line.substr(start, at - start), start});
            start = at + 1;
            words = 0;
            in_word = false;
            continue;
        }
        if (c == '"')
            quoted = !quoted;
        if (!is_space(c) && !in_word)
            ++words;
        in_word = !is_space(c);
    }
    segments.push_back({line.substr(start), start});
    return segments;
}

tl::expected<Pipe, ParseError> find_name(std::string_view word, std::size_t column) {
    const Name* found = nullptr;
    for (const auto& name : kNames) {
        if (name.text == word)
            return name.pipe;
        if (!name.text.starts_with(word))
            continue;
        if (found != nullptr)
            return tl::unexpected(ParseError{column, "% Ambiguous command at '^' marker."});
        found = &name;
    }
    if (found == nullptr)
        return tl::unexpected(ParseError{column, "% Invalid command at '^' marker."});
    return found->pipe;
}

bool takes_pattern(Pipe pipe) {
    return pipe == Pipe::begin || pipe == Pipe::egrep || pipe == Pipe::exclude ||
           pipe == Pipe::grep || pipe == Pipe::include;
}

RE2::Options regex_options(bool ignore_case) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!ignore_case);
    options.set_max_mem(1 << 20);
    return options;
}

/// The options and the pattern behind a filter's name.
tl::expected<void, ParseError> parse_pattern(std::string_view text, std::size_t column, bool grep,
                                             Filter& filter, bool& count) {
    auto words = split_words(text);
    std::size_t skip = 0;
    while (grep && skip < words.size() && words[skip].text.size() == 2 &&
           words[skip].text.front() == '-') {
        const char option = words[skip].text[1];
        if (option == 'i') {
            filter.ignore_case = true;
        } else if (option == 'v') {
            filter.kind = FilterKind::exclude;
        } else if (option == 'c') {
            count = true;
        } else {
            return tl::unexpected(
                ParseError{column + words[skip].column, "% Invalid command at '^' marker."});
        }
        ++skip;
    }
    if (skip == words.size()) {
        return tl::unexpected(
            ParseError{column + text.size(), "% Incomplete command at '^' marker."});
    }
    const auto at = column + words[skip].column;
    auto pattern = trim(text.substr(words[skip].column));
    if (pattern.size() >= 2 && pattern.front() == '"' && pattern.back() == '"') {
        pattern = pattern.substr(1, pattern.size() - 2);
    }
    if (pattern.size() > kMaximumPattern) {
        return tl::unexpected(ParseError{
            at, "% Regular expression too long (" + std::to_string(pattern.size()) +
                    " bytes, at most " + std::to_string(kMaximumPattern) + ") at '^' marker."});
    }
    const RE2 expression(pattern, regex_options(filter.ignore_case));
    if (!expression.ok()) {
        return tl::unexpected(
            ParseError{at, "% Invalid regular expression at '^' marker: " + expression.error()});
    }
    filter.pattern = pattern;
    return {};
}

tl::expected<void, ParseError> parse_segment(const Segment& segment, bool first,
                                             Pipeline& pipeline) {
    const auto words = split_words(segment.text);
    if (words.empty()) {
        return tl::unexpected(ParseError{segment.column + segment.text.size(),
                                         "% Incomplete command at '^' marker."});
    }
    const auto column = segment.column + words[0].column;
    const auto pipe = find_name(words[0].text, column);
    if (!pipe)
        return tl::unexpected(pipe.error());
    if (takes_pattern(*pipe)) {
        Filter filter;
        filter.kind = *pipe == Pipe::begin     ? FilterKind::begin
                      : *pipe == Pipe::exclude ? FilterKind::exclude
                                               : FilterKind::include;
        bool count = false;
        const auto behind = words[0].column + words[0].text.size();
        auto parsed = parse_pattern(segment.text.substr(behind), segment.column + behind,
                                    *pipe == Pipe::grep || *pipe == Pipe::egrep, filter, count);
        if (!parsed)
            return parsed;
        pipeline.filters.push_back(std::move(filter));
        if (count)
            pipeline.filters.push_back({FilterKind::count, {}, false});
        return {};
    }
    if (words.size() > 1) {
        return tl::unexpected(
            ParseError{segment.column + words[1].column, "% Invalid command at '^' marker."});
    }
    if (*pipe == Pipe::count || *pipe == Pipe::no_more) {
        pipeline.filters.push_back(
            {*pipe == Pipe::count ? FilterKind::count : FilterKind::no_more, {}, false});
        return {};
    }
    // A format decides what the document becomes: only directly behind the command.
    if (!first)
        return tl::unexpected(ParseError{column, "% Invalid command at '^' marker."});
    pipeline.format = *pipe == Pipe::json          ? Format::json
                      : *pipe == Pipe::json_pretty ? Format::json_pretty
                                                   : Format::xml;
    return {};
}

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            break;
        text.remove_prefix(end + 1);
    }
    return lines;
}

}  // namespace

std::size_t find_pipe(std::string_view line) {
    return line.find('|');
}

tl::expected<Pipeline, ParseError> parse_pipeline(std::string_view line) {
    Pipeline pipeline;
    pipeline.first_pipe = find_pipe(line);
    pipeline.command = line.substr(0, pipeline.first_pipe);
    if (pipeline.first_pipe == std::string_view::npos)
        return pipeline;
    const auto segments = split(line, pipeline.first_pipe);
    if (segments.size() > kMaximumPipes) {
        return tl::unexpected(ParseError{
            segments[kMaximumPipes].column - 1,
            "% Too many pipes (at most " + std::to_string(kMaximumPipes) + ") at '^' marker."});
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const auto parsed = parse_segment(segments[i], i == 0, pipeline);
        if (!parsed)
            return tl::unexpected(parsed.error());
    }
    return pipeline;
}

tl::expected<std::vector<Candidate>, ParseError> pipe_candidates(std::string_view line) {
    const auto segments = split(line, find_pipe(line));
    const auto& last = segments.back();
    const auto words = split_words(last.text);
    std::vector<Candidate> found;
    const bool open = !words.empty() && !is_space(last.text.back());
    if (words.empty() || (words.size() == 1 && open)) {
        const auto prefix = words.empty() ? std::string_view() : words[0].text;
        for (const auto& name : kNames) {
            const bool format =
                name.pipe == Pipe::json || name.pipe == Pipe::json_pretty || name.pipe == Pipe::xml;
            if (name.text.starts_with(prefix) && (!format || segments.size() == 1)) {
                found.push_back({std::string(name.text), std::string(name.help)});
            }
        }
        if (found.empty()) {
            return tl::unexpected(
                ParseError{last.column + words[0].column, "% Invalid command at '^' marker."});
        }
        return found;
    }
    const auto pipe = find_name(words[0].text, last.column + words[0].column);
    if (!pipe)
        return tl::unexpected(pipe.error());
    if (takes_pattern(*pipe) && words.size() == 1)
        return std::vector<Candidate>{{"WORD", "Search expression"}};
    found.push_back({"<CR>", ""});
    found.push_back({"|", "Pipe command output to filter"});
    return found;
}

std::string apply_filter(const Filter& filter, std::string_view text) {
    const auto lines = split_lines(text);
    if (filter.kind == FilterKind::no_more)
        return std::string(text);
    if (filter.kind == FilterKind::count)
        return std::to_string(lines.size()) + "\n";
    const RE2 expression(filter.pattern, regex_options(filter.ignore_case));
    std::string out;
    bool begun = false;
    for (const auto line : lines) {
        const bool matches = RE2::PartialMatch(line, expression);
        begun = begun || matches;
        const bool kept = filter.kind == FilterKind::include   ? matches
                          : filter.kind == FilterKind::exclude ? !matches
                                                               : begun;
        if (kept)
            out.append(line).append("\n");
    }
    return out;
}

}  // namespace ha::cli
