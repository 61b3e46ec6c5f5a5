#include "libha/cli/grammar.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "libha/cli/words.hpp"

namespace ha::cli {
namespace {

enum class Kind : std::uint8_t { keyword, number, word };

constexpr std::string_view kInvalid = "% Invalid command at '^' marker.";
constexpr std::string_view kIncomplete = "% Incomplete command at '^' marker.";
constexpr std::string_view kAmbiguous = "% Ambiguous command at '^' marker.";

struct Range {
    std::uint64_t minimum = 0;
    std::uint64_t maximum = 0;
};

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// "<1-9999>"; anything else is no range.
std::optional<Range> parse_range(std::string_view text) {
    if (text.size() < 5 || text.front() != '<' || text.back() != '>')
        return std::nullopt;
    const auto dash = text.find('-');
    if (dash == std::string_view::npos)
        return std::nullopt;
    const auto minimum = parse_number(text.substr(1, dash - 1));
    const auto maximum = parse_number(text.substr(dash + 1, text.size() - dash - 2));
    if (!minimum || !maximum)
        return std::nullopt;
    return Range{*minimum, *maximum};
}

}  // namespace

struct Grammar::Node {
    Kind kind = Kind::keyword;
    std::string text;
    std::string help;
    Range range;
    std::optional<int> command;
    std::vector<std::unique_ptr<Node>> next;
};

/// Where the words of a line lead.
struct Grammar::Walk {
    const Node* node = nullptr;
    Invocation invocation;
    Word open;  ///< the unfinished last word, when it was asked to be left open
};

Grammar::Grammar() : root_(std::make_unique<Node>()) {}
Grammar::~Grammar() = default;
Grammar::Grammar(Grammar&&) noexcept = default;
Grammar& Grammar::operator=(Grammar&&) noexcept = default;

void Grammar::add(int command, const std::vector<Token>& tokens) {
    Node* node = root_.get();
    for (const auto& token : tokens) {
        const auto known = std::find_if(
            node->next.begin(), node->next.end(),
            [&](const std::unique_ptr<Node>& next) { return next->text == token.text; });
        if (known != node->next.end()) {
            node = known->get();
            continue;
        }
        auto made = std::make_unique<Node>();
        made->text = token.text;
        made->help = token.help;
        if (const auto range = parse_range(token.text)) {
            made->kind = Kind::number;
            made->range = *range;
        } else if (token.text == "WORD") {
            made->kind = Kind::word;
        }
        node->next.push_back(std::move(made));
        node = node->next.back().get();
    }
    node->command = command;
}

namespace {

/// The one continuation of `next` that a whole word means.
template <typename NodePointer>
tl::expected<NodePointer, ParseError> match(const std::vector<NodePointer>& keywords,
                                            NodePointer number, NodePointer any, const Word& word) {
    NodePointer found = nullptr;
    for (const auto& keyword : keywords) {
        if (keyword->text == word.text)
            return keyword;
        if (!keyword->text.starts_with(word.text))
            continue;
        if (found != nullptr) {
            return tl::unexpected(ParseError{word.column, std::string(kAmbiguous)});
        }
        found = keyword;
    }
    if (found != nullptr)
        return found;
    if (number != nullptr && !word.text.empty() && word.text.front() >= '0' &&
        word.text.front() <= '9') {
        const auto value = parse_number(word.text);
        if (value && *value >= number->range.minimum && *value <= number->range.maximum)
            return number;
        if (word.text.find_first_not_of("0123456789") == std::string_view::npos) {
            return tl::unexpected(ParseError{
                word.column, "% Invalid number, range is (" +
                                 std::to_string(number->range.minimum) + ":" +
                                 std::to_string(number->range.maximum) + ") at '^' marker."});
        }
    }
    if (any != nullptr)
        return any;
    return tl::unexpected(ParseError{word.column, std::string(kInvalid)});
}

}  // namespace

tl::expected<Grammar::Walk, ParseError> Grammar::walk(std::string_view text,
                                                      bool last_is_open) const {
    auto words = split_words(text);
    Walk walk{root_.get(), {}, Word{{}, text.size()}};
    if (last_is_open && !words.empty() && !is_space(text.back())) {
        walk.open = words.back();
        words.pop_back();
    }
    for (const auto& word : words) {
        std::vector<const Node*> keywords;
        const Node* number = nullptr;
        const Node* any = nullptr;
        for (const auto& next : walk.node->next) {
            switch (next->kind) {
                case Kind::keyword:
                    keywords.push_back(next.get());
                    break;
                case Kind::number:
                    number = next.get();
                    break;
                case Kind::word:
                    any = next.get();
                    break;
            }
        }
        const auto found = match(keywords, number, any, word);
        if (!found)
            return tl::unexpected(found.error());
        walk.node = *found;
        if (walk.node->kind == Kind::keyword) {
            walk.invocation.keywords.push_back(walk.node->text);
        } else {
            walk.invocation.arguments.emplace_back(word.text);
        }
    }
    return walk;
}

tl::expected<Invocation, ParseError> Grammar::parse(std::string_view text) const {
    auto reached = walk(text, false);
    if (!reached)
        return tl::unexpected(reached.error());
    if (!reached->node->command) {
        return tl::unexpected(ParseError{text.size(), std::string(kIncomplete)});
    }
    reached->invocation.command = *reached->node->command;
    return std::move(reached->invocation);
}

tl::expected<std::vector<Candidate>, ParseError> Grammar::candidates(std::string_view text) const {
    const auto reached = walk(text, true);
    if (!reached)
        return tl::unexpected(reached.error());
    std::vector<Candidate> found;
    const auto& open = reached->open;
    for (const auto& next : reached->node->next) {
        const bool fits = next->kind == Kind::keyword ? next->text.starts_with(open.text)
                          : next->kind == Kind::number
                              ? open.text.find_first_not_of("0123456789") == std::string_view::npos
                              : true;
        if (fits)
            found.push_back({next->text, next->help});
    }
    std::sort(found.begin(), found.end(),
              [](const Candidate& left, const Candidate& right) { return left.text < right.text; });
    if (open.text.empty() && reached->node->command) {
        found.insert(found.begin(), Candidate{"<CR>", ""});
    }
    if (found.empty()) {
        return tl::unexpected(ParseError{open.column, std::string(kInvalid)});
    }
    return found;
}

std::vector<std::string> Grammar::list() const {
    std::vector<std::string> lines;
    const auto visit = [&lines](const auto& self, const Node& node,
                                const std::string& before) -> void {
        if (node.command)
            lines.push_back(before);
        for (const auto& next : node.next) {
            self(self, *next, before.empty() ? next->text : before + " " + next->text);
        }
    };
    visit(visit, *root_, {});
    std::sort(lines.begin(), lines.end());
    return lines;
}

}  // namespace ha::cli
