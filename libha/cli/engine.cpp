#include "libha/cli/engine.hpp"

#include <algorithm>

#include "libha/cli/pipes.hpp"
#include "libha/cli/words.hpp"
#include "libha/config/forms.hpp"

namespace ha::cli {
namespace {

/// The echoed line, the caret under the place, the message.
Result failed(std::string_view line, const ParseError& error) {
    Result result;
    result.exit_status = 1;
    const auto before = printable(line.substr(0, std::min(error.column, line.size())));
    const auto column = display_columns(before, before.size());
    result.error =
        printable(line) + "\n" + std::string(column, ' ') + "^\n" + printable(error.message) + "\n";
    return result;
}

/// A mode's grammar, and the one above it.
struct Grammars {
    const Grammar& own;
    const Grammar* above;
};

/// What `look` finds in the one or else in the other; the error of the one that got further.
template <typename Look>
auto in_either(const Grammars& grammars, const Look& look) {
    auto found = look(grammars.own);
    if (found || grammars.above == nullptr)
        return found;
    auto other = look(*grammars.above);
    return other || other.error().column > found.error().column ? other : found;
}

tl::expected<std::vector<Candidate>, ParseError> candidates(const Grammars& grammars,
                                                            std::string_view line) {
    if (find_pipe(line) != std::string_view::npos)
        return pipe_candidates(line);
    auto found = in_either(grammars, [line](const Grammar& one) { return one.candidates(line); });
    const auto words = split_words(line);
    // Only show commands can be piped, and only complete ones.
    if (found && !found->empty() && found->front().text == "<CR>" && !words.empty() &&
        std::string_view("show").starts_with(words[0].text)) {
        found->push_back({"|", "Pipe command output to filter"});
    }
    return found;
}

/// What `?` shows: the candidates with their help in one column.
Result help(const Grammars& grammars, std::string_view line) {
    const auto found = candidates(grammars, line);
    if (!found)
        return failed(line, found.error());
    std::size_t width = 0;
    for (const auto& candidate : *found)
        width = std::max(width, candidate.text.size());
    Result result;
    for (const auto& candidate : *found) {
        auto shown = "  " + candidate.text;
        if (!candidate.help.empty()) {
            shown.append(width - candidate.text.size() + 2, ' ').append(candidate.help);
        }
        result.output += shown + "\n";
    }
    return result;
}

/// Tab: the words that may be typed here. What is not typed as it stands (<1-9999>, WORD) is left
/// out.
Result completion(const Grammars& grammars, std::string_view line) {
    Result result;
    const auto found = candidates(grammars, line);
    if (!found)
        return result;
    for (const auto& candidate : *found) {
        const bool literal = candidate.text != "|" && candidate.text != "<CR>" &&
                             config::form_of(candidate.text) == config::Form::keyword;
        if (literal)
            result.output += candidate.text + "\n";
    }
    return result;
}

std::string formatted(const Document& document, const Pipeline& pipeline,
                      const std::vector<std::string>& keywords) {
    std::string text;
    switch (pipeline.format) {
        case Format::text:
            text = write_text(document);
            break;
        case Format::json:
            text = write_json(document, false);
            break;
        case Format::json_pretty:
            text = write_json(document, true);
            break;
        case Format::xml:
            text = write_xml(document, keywords);
            break;
    }
    for (const auto& filter : pipeline.filters)
        text = apply_filter(filter, text);
    return text;
}

Document list_document(const Grammar& grammar) {
    Document document;
    Table table{"commands", {}, {Column{"command"}}, {}};
    for (const auto& command : grammar.list())
        table.rows.push_back({Value{command}});
    return document.table(std::move(table));
}

}  // namespace

void add_session_commands(Grammar& grammar) {
    const Token terminal{"terminal", "Configure terminal settings"};
    grammar.add(kTerminalLength, {terminal,
                                  {"length", "Set number of lines on the screen"},
                                  {"<0-511>", "Number of lines on the screen (0 for no pausing)"}});
    grammar.add(kTerminalWidth, {terminal,
                                 {"width", "Set width of the display terminal"},
                                 {"<24-511>", "Number of characters on a screen line"}});
    grammar.add(kExit, {{"exit", "Exit from command interpreter"}});
    grammar.add(kExit, {{"quit", "Exit from command interpreter"}});
    grammar.add(kShowCliList, {{"show", "Show running system information"},
                               {"cli", "Display the cli tree"},
                               {"list", "Display the list of commands"}});
}

bool asks_for_help(std::string_view line) {
    if (!line.ends_with('?'))
        return false;
    const auto before = line.substr(0, line.size() - 1);
    if (find_pipe(before) == std::string_view::npos)
        return true;
    const auto found = pipe_candidates(before);
    return !(found && found->front().text == "<CR>" && !before.empty() && !is_space(before.back()));
}

bool asks_for_no_more(std::string_view line) {
    const auto pipeline = parse_pipeline(line);
    return pipeline &&
           std::any_of(pipeline->filters.begin(), pipeline->filters.end(),
                       [](const Filter& filter) { return filter.kind == FilterKind::no_more; });
}

Result run(const Grammar& grammar, std::string_view line, const Handler& handler,
           const Grammar* above) {
    const Grammars grammars{grammar, above};
    Result result;
    if (line.size() > kMaximumLine) {
        result.exit_status = 1;
        result.error = "% Command line too long (" + std::to_string(line.size()) +
                       " bytes, at most " + std::to_string(kMaximumLine) + ")\n";
        return result;
    }
    while (line.ends_with('\n') || line.ends_with('\r'))
        line.remove_suffix(1);
    if (line.ends_with('\t'))
        return completion(grammars, line.substr(0, line.size() - 1));
    if (asks_for_help(line))
        return help(grammars, line.substr(0, line.size() - 1));
    if (trim(line).empty() || trim(line).front() == '!')
        return result;

    const auto pipeline = parse_pipeline(line);
    const auto command = line.substr(0, find_pipe(line));
    const auto invocation =
        in_either(grammars, [command](const Grammar& one) { return one.parse(command); });
    if (!invocation)
        return failed(line, invocation.error());
    if (!pipeline)
        return failed(line, pipeline.error());
    if (pipeline->first_pipe != std::string_view::npos && invocation->keywords.front() != "show" &&
        invocation->keywords.front() != "dir") {
        return failed(line, {pipeline->first_pipe, "% Invalid command at '^' marker."});
    }
    Answer answer;
    if (invocation->command == kShowCliList) {
        answer.document = list_document(grammar);
    } else if (invocation->command >= kFirstFreeCommand) {
        answer = handler(*invocation);
    }
    if (!answer.refusal.empty()) {
        result.exit_status = 1;
        result.error = printable(answer.refusal) + "\n";
        result.refused = std::move(answer.action);
        return result;
    }
    if (!answer.error.empty()) {
        result.exit_status = 1;
        result.error = "% " + printable(answer.error) + "\n";
        return result;
    }
    result.action = std::move(answer.action);
    result.mode = std::move(answer.mode);
    result.output = formatted(answer.document, *pipeline, invocation->keywords);
    return result;
}

std::optional<Invocation> plain_command(const Grammar& grammar, std::string_view line,
                                        const Grammar* above) {
    if (line.size() > kMaximumLine || line.ends_with('\t') || asks_for_help(line) ||
        find_pipe(line) != std::string_view::npos)
        return std::nullopt;
    while (line.ends_with('\n') || line.ends_with('\r'))
        line.remove_suffix(1);
    auto invocation =
        in_either(Grammars{grammar, above}, [line](const Grammar& one) { return one.parse(line); });
    if (!invocation || invocation->command < kFirstFreeCommand)
        return std::nullopt;
    return std::move(*invocation);
}

std::string prompt(std::string_view hostname, bool is_standby, std::string_view mode_word) {
    std::string text = printable(hostname);
    if (is_standby)
        text += "(standby)";
    if (!mode_word.empty())
        text.append("(").append(mode_word).append(")");
    return text + "# ";
}

}  // namespace ha::cli
