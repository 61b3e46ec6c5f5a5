#include "libha/cli/grammar.hpp"

#include <algorithm>
#include <optional>

#include "libha/cli/words.hpp"
#include "libha/config/forms.hpp"

namespace ha::cli {
namespace {

using config::Form;
using config::form_of;

constexpr std::string_view kInvalid = "% Invalid command at '^' marker.";
constexpr std::string_view kIncomplete = "% Incomplete command at '^' marker.";
constexpr std::string_view kAmbiguous = "% Ambiguous command at '^' marker.";

}  // namespace

struct Grammar::Node {
    Form form = Form::keyword;
    std::string text;
    std::string help;
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
        made->form = form_of(token.text);
        node->next.push_back(std::move(made));
        node = node->next.back().get();
    }
    node->command = command;
}

namespace {

/// A number or an address begins with a digit; other words are no attempt at one.
bool is_tried(Form form, std::string_view word) {
    const bool any = form == Form::word || form == Form::text;
    return any || (!word.empty() && word.front() >= '0' && word.front() <= '9');
}

/// The one continuation among `next` that a whole word means: a keyword, or its beginning, before
/// everything else.
template <typename NodePointer>
tl::expected<NodePointer, ParseError> match(const std::vector<NodePointer>& next,
                                            const Word& word) {
    NodePointer found = nullptr;
    for (const auto& one : next) {
        if (one->form != Form::keyword || !one->text.starts_with(word.text))
            continue;
        if (one->text == word.text)
            return one;
        if (found != nullptr)
            return tl::unexpected(ParseError{word.column, std::string(kAmbiguous)});
        found = one;
    }
    if (found != nullptr)
        return found;
    std::string error(kInvalid);
    for (const auto& one : next) {
        if (one->form == Form::keyword || !is_tried(one->form, word.text))
            continue;
        const auto taken = config::canonical(one->text, word.text);
        if (taken)
            return one;
        if (taken.error() != "Invalid command")
            error = "% " + taken.error() + " at '^' marker.";
    }
    return tl::unexpected(ParseError{word.column, std::move(error)});
}

/// "eth3/1" is "eth 3/1" where a keyword with two numbers behind it may stand.
template <typename NodePointer>
std::optional<std::size_t> length_of_kind(const std::vector<NodePointer>& next,
                                          std::string_view word) {
    const auto digit = word.find_first_of("0123456789");
    if (digit == 0 || digit == std::string_view::npos || word.find('/') == std::string_view::npos)
        return std::nullopt;
    for (const auto& one : next) {
        const bool has_numbers = one->form == Form::keyword && !one->next.empty() &&
                                 one->next.front()->form == Form::number_pair;
        std::string kind(word.substr(0, digit));
        if (kind.front() >= 'A' && kind.front() <= 'Z')
            kind.front() = static_cast<char>(kind.front() - 'A' + 'a');
        if (has_numbers && one->text.starts_with(kind))
            return digit;
    }
    return std::nullopt;
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
    for (std::size_t at = 0; at < words.size(); ++at) {
        Word word = words[at];
        std::vector<const Node*> next;
        for (const auto& node : walk.node->next)
            next.push_back(node.get());
        std::string kind;
        if (const auto length = length_of_kind(next, word.text)) {
            words.insert(words.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                         {word.text.substr(*length), word.column + *length});
            kind = std::string(word.text.substr(0, *length));
            kind.front() = static_cast<char>(kind.front() | ' ');
            word.text = kind;
        }
        if (next.size() == 1 && next.front()->form == Form::text) {
            word.text = trim(text.substr(word.column));
            words.resize(at + 1);
        }
        const auto found = match(next, word);
        if (!found)
            return tl::unexpected(found.error());
        walk.node = *found;
        const bool keyword = walk.node->form == Form::keyword;
        auto& taken = keyword ? walk.invocation.keywords : walk.invocation.arguments;
        taken.push_back(keyword ? walk.node->text : std::string(word.text));
        walk.invocation.line += (at == 0 ? "" : " ") + taken.back();
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
        const bool fits = next->form == Form::keyword
                              ? next->text.starts_with(open.text)
                              : open.text.empty() || is_tried(next->form, open.text);
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
