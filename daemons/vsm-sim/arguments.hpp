// The words after a verb: its options, and what is left between them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace vsm_sim {

struct Option {
    std::string name;  ///< "--print"
    bool takes_value = false;
};

struct Arguments {
    std::map<std::string, std::string> options;  ///< those given; the value empty without one
    std::vector<std::string> words;
    [[nodiscard]] bool has(const std::string& option) const { return options.contains(option); }
    /// Empty when the option was not given.
    [[nodiscard]] std::string value(const std::string& option) const {
        const auto found = options.find(option);
        return found == options.end() ? std::string() : found->second;
    }
};

/// Takes `--name VALUE` and `--name=VALUE`; after `--` only words. The error is one sentence: an
/// option that is not in `known`, given twice, without its value or with one it does not take.
tl::expected<Arguments, std::string> parse_arguments(const std::vector<std::string>& words,
                                                     const std::vector<Option>& known);

/// A decimal number from `minimum` to `maximum`. The error names `what`, the text and the range.
tl::expected<std::uint64_t, std::string> parse_number(const std::string& what,
                                                      const std::string& text,
                                                      std::uint64_t minimum, std::uint64_t maximum);

}  // namespace vsm_sim
