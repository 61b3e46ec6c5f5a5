// Splitting a command line into words that know where they stood. Private to libha/cli.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ha::cli {

struct Word {
    std::string_view text;
    std::size_t column = 0;  ///< in bytes of the text it was split from
};

constexpr bool is_space(char c) {
    return c == ' ' || c == '\t';
}
std::vector<Word> split_words(std::string_view text);
std::string_view trim(std::string_view text);
/// Characters shown by the first `bytes` bytes of a UTF-8 text.
std::size_t display_columns(std::string_view text, std::size_t bytes);

}  // namespace ha::cli
