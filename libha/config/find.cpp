// A line looked up in the table. See commands.hpp.
#include <algorithm>
#include <optional>

#include "libha/config/commands.hpp"
#include "libha/config/forms.hpp"

namespace ha::config {
namespace {

constexpr std::string_view kEthernet = "ethernet";

/// Spaces separate; "Ethernet3/1" is two words, as it is printed as one.
std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        const auto start = line.find_first_not_of(" \t");
        if (start == std::string_view::npos)
            return words;
        line.remove_prefix(start);
        auto word = line.substr(0, line.find_first_of(" \t"));
        line.remove_prefix(word.size());
        const bool is_interface = !words.empty() && words.back() == "interface" &&
                                  words.size() == (words.front() == "no" ? 2U : 1U);
        const bool is_port = is_interface && word.size() > kEthernet.size() &&
                             word.substr(0, kEthernet.size()) == "Ethernet";
        if (is_port) {
            words.push_back(kEthernet);
            word.remove_prefix(kEthernet.size());
        }
        words.push_back(word);
    }
}

/// One word behind the others; the number of a port follows its kind without a space.
void append(std::string& line, std::string_view word, bool is_port) {
    if (is_port && line.ends_with(kEthernet))
        line[line.size() - kEthernet.size()] = 'E';
    else if (!line.empty())
        line += ' ';
    line += word;
}

void to_lower_case(std::string& word) {
    for (char& c : word)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The words of a line that stand for one word of the table: the rest for LINE.
std::string word_at(const std::vector<std::string_view>& words, std::size_t at, Form form) {
    std::string word(words[at]);
    for (++at; form == Form::text && at < words.size(); ++at)
        word.append(" ").append(words[at]);
    return word;
}

/// The first command with the place of that one: they have one order, so that a line that replaces
/// another does not move.
std::size_t first_of_place(std::size_t index) {
    const Command& command = commands()[index];
    const auto same_place = [&command](const Command& other) {
        return other.place_words == command.place_words && other.modes == command.modes &&
               std::equal(other.words.begin(),
                          other.words.begin() + static_cast<std::ptrdiff_t>(other.place_words),
                          command.words.begin(),
                          [](const Word& a, const Word& b) { return a.text == b.text; });
    };
    return static_cast<std::size_t>(std::ranges::find_if(commands(), same_place) -
                                    commands().begin());
}

/// How the lines of a command begin their order; made once, for every line of a configuration is
/// looked up whenever it is read.
const std::string& order_of(std::size_t index) {
    static const std::vector<std::string> kOrders = [] {
        std::vector<std::string> orders;
        for (std::size_t each = 0; each < commands().size(); ++each)
            orders.push_back(sort_key("<0-999>", std::to_string(first_of_place(each))));
        return orders;
    }();
    return kOrders[index];
}

/// Whether `word` can begin a line of the command. What cannot is worth no closer look: it would be
/// an invalid command at its first word, as is what no command begins with.
bool may_begin(const Command& command, std::string_view word) {
    const std::string_view first = command.words.front().text;
    return form_of(first) != Form::keyword || first == word;
}

class Finder {
public:
    Finder(const std::vector<std::string_view>& words, bool negated)
        : words_(words), negated_(negated) {}

    tl::expected<Match, Mismatch> find(std::size_t index) const {
        const Command& command = commands()[index];
        Match match;
        match.index = index;
        match.negated = negated_;
        std::size_t at = 0;
        for (std::size_t word = 0; word < command.words.size(); ++word) {
            const std::string_view text = command.words[word].text;
            const Form form = form_of(text);
            if (at == words_.size()) {
                if (negated_ && word >= command.place_words)
                    break;
                return tl::unexpected(Mismatch{at, "Incomplete command"});
            }
            auto canonical_word = canonical(text, word_at(words_, at, form));
            if (!canonical_word)
                return tl::unexpected(Mismatch{at, canonical_word.error()});
            if (command.ignores_case && form == Form::word)
                to_lower_case(*canonical_word);
            at = form == Form::text ? words_.size() : at + 1;
            take(match, command, word, *canonical_word);
        }
        if (at < words_.size())
            return tl::unexpected(Mismatch{at, "Invalid command"});
        if (command.fault != nullptr && !match.arguments.empty()) {
            if (const std::string fault = command.fault(match.arguments); !fault.empty())
                return tl::unexpected(Mismatch{at, fault});
        }
        if (negated_)
            match.line = "no " + match.line;
        match.order.insert(0, order_of(index));
        return match;
    }

private:
    static void take(Match& match, const Command& command, std::size_t word,
                     const std::string& canonical_word) {
        const Form form = form_of(command.words[word].text);
        std::string_view written = canonical_word;
        if (word == 0 && !command.written.empty())
            written = command.written;
        append(match.line, written, form == Form::number_pair);
        if (word < command.place_words)
            match.place = match.line;
        if (form == Form::keyword)
            return;
        match.arguments.push_back(canonical_word);
        if (word < command.place_words)
            match.order += ' ' + sort_key(command.words[word].text, canonical_word);
    }

    const std::vector<std::string_view>& words_;
    bool negated_;
};

}  // namespace

tl::expected<Match, Mismatch> find(Mode mode, std::string_view line) {
    std::vector<std::string_view> words = split(line);
    const bool negated = !words.empty() && words.front() == "no";
    if (negated)
        words.erase(words.begin());
    if (words.empty())
        return tl::unexpected(Mismatch{0, negated ? "Incomplete command" : "Invalid command"});
    const Finder finder(words, negated);
    std::optional<Mismatch> best;
    for (std::size_t index = 0; index < commands().size(); ++index) {
        const Command& command = commands()[index];
        if (!may_begin(command, words.front()) ||
            std::ranges::find(command.modes, mode) == command.modes.end())
            continue;
        auto match = finder.find(index);
        if (match)
            return match;
        // Of several, the one that understood most; a range says more than "invalid".
        const bool better =
            !best || match.error().words > best->words ||
            (match.error().words == best->words && best->error == "Invalid command");
        if (better)
            best = std::move(match.error());
    }
    if (!best)
        return tl::unexpected(Mismatch{0, "Invalid command"});
    return tl::unexpected(std::move(*best));
}

Mode mode_of(std::string_view section) {
    if (section.empty())
        return Mode::global;
    const auto match = find(Mode::global, section);
    return match && !match->negated ? commands()[match->index].opens : Mode::global;
}

}  // namespace ha::config
