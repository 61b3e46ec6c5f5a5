// See arguments.hpp.
#include "daemons/vsm-sim/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace vsm_sim {

tl::expected<Arguments, std::string> parse_arguments(const std::vector<std::string>& words,
                                                     const std::vector<Option>& known) {
    Arguments arguments;
    bool only_words = false;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string& word = words[at];
        if (only_words || word.size() < 2 || word.front() != '-') {
            arguments.words.push_back(word);
            continue;
        }
        if (word == "--") {
            only_words = true;
            continue;
        }
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const auto option = std::find_if(known.begin(), known.end(),
                                         [&](const Option& one) { return one.name == name; });
        if (option == known.end())
            return tl::unexpected("unknown option '" + name + "'");
        std::string value;
        if (equals != std::string::npos) {
            if (!option->takes_value)
                return tl::unexpected("option '" + name + "' takes no value");
            value = word.substr(equals + 1);
        } else if (option->takes_value) {
            if (++at == words.size())
                return tl::unexpected("option '" + name + "' needs a value");
            value = words[at];
        }
        if (!arguments.options.emplace(name, value).second)
            return tl::unexpected("option '" + name + "' is given twice");
    }
    return arguments;
}

tl::expected<std::uint64_t, std::string> parse_number(const std::string& what,
                                                      const std::string& text,
                                                      std::uint64_t minimum,
                                                      std::uint64_t maximum) {
    std::uint64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || end != text.data() + text.size() || number < minimum ||
        number > maximum)
        return tl::unexpected(what + " is '" + text + "', but must be a number from " +
                              std::to_string(minimum) + " to " + std::to_string(maximum));
    return number;
}

}  // namespace vsm_sim
