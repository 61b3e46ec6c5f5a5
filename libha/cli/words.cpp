#include "libha/cli/words.hpp"

namespace ha::cli {

std::vector<Word> split_words(std::string_view text) {
    std::vector<Word> words;
    std::size_t at = 0;
    while (at < text.size()) {
        if (is_space(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && !is_space(text[end]))
            ++end;
        words.push_back({text.substr(at, end - at), at});
        at = end;
    }
    return words;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

std::size_t display_columns(std::string_view text, std::size_t bytes) {
    std::size_t columns = 0;
    for (const char c : text.substr(0, bytes)) {
        if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U)
            ++columns;
    }
    return columns;
}

}  // namespace ha::cli
