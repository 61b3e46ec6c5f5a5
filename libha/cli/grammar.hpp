// The commands of a program as a tree of tokens: parsing with abbreviations, the errors with a
// caret, the `?` listing and Tab completion. Pure data; runs nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace ha::cli {

/// Longer lines are refused before anything else looks at them.
inline constexpr std::size_t kMaximumLine = 4096;

/// One word of a command. `text` is a keyword ("module"), a number with its range ("<1-9999>"),
/// "WORD", any single word, or another form of config/forms.hpp.
struct Token {
    std::string text;
    std::string help;
};

/// A parsed command.
struct Invocation {
    int command = 0;                     ///< the number it was added under
    std::vector<std::string> keywords;   ///< written out in full
    std::vector<std::string> arguments;  ///< what was given for numbers and words, in order
    std::string line;                    ///< both, as they stood, one space between
};

/// What is wrong with a line, and where.
struct ParseError {
    std::size_t column = 0;  ///< in bytes of the line
    std::string message;     ///< "% Invalid command at '^' marker."
};

/// One line of a `?` listing.
struct Candidate {
    std::string text;
    std::string help;
};

class Grammar {
public:
    Grammar();
    ~Grammar();
    Grammar(Grammar&&) noexcept;
    Grammar& operator=(Grammar&&) noexcept;

    /// Commands may share their first words; the help of a word is that of its first adding.
    void add(int command, const std::vector<Token>& tokens);

    /// `text` is a command without pipes. Columns count from its start.
    [[nodiscard]] tl::expected<Invocation, ParseError> parse(std::string_view text) const;
    /// What may stand at the end of `text`: words that continue its last, unfinished word, or all
    /// when it ends in a space. "<CR>" says that the command is complete as it is.
    [[nodiscard]] tl::expected<std::vector<Candidate>, ParseError> candidates(
        std::string_view text) const;
    /// "show module", sorted: every command.
    [[nodiscard]] std::vector<std::string> list() const;

private:
    struct Node;
    struct Walk;
    [[nodiscard]] tl::expected<Walk, ParseError> walk(std::string_view text,
                                                      bool last_is_open) const;
    std::unique_ptr<Node> root_;
};

}  // namespace ha::cli
