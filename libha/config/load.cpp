// See load.hpp.
#include "libha/config/load.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "libha/config/edit.hpp"

namespace ha::config {
namespace {

constexpr std::string_view kVersion = "version";

/// "4.2(1)SV1(5.1)" is 4, 2, 1, 1, 5, 1.
std::vector<std::uint64_t> numbers_of(std::string_view version) {
    std::vector<std::uint64_t> numbers;
    const char* at = version.data();
    const char* const end = at + version.size();
    while (at != end) {
        std::uint64_t number = 0;
        const auto [next, error] = std::from_chars(at, end, number);
        if (error == std::errc{})
            numbers.push_back(number);
        at = next == at ? at + 1 : next;
    }
    return numbers;
}

std::string version_fault(std::string_view given, std::string_view version) {
    const auto numbers = numbers_of(given);
    if (numbers.empty())
        return "'version' names no version";
    if (numbers > numbers_of(version)) {
        return "this is a configuration of version " + std::string(given) +
               ", newer than this program's " + std::string(version);
    }
    return {};
}

std::string_view trim(std::string_view line) {
    constexpr std::string_view kSpaces = " \t\r";
    const auto first = line.find_first_not_of(kSpaces);
    if (first == std::string_view::npos)
        return {};
    return line.substr(first, line.find_last_not_of(kSpaces) - first + 1);
}

class Loader {
public:
    Loader(std::string_view version, Configuration base)
        : version_(version), configuration_(std::move(base)) {}

    void line(std::string_view text) {
        ++number_;
        text = trim(text);
        if (text.empty() || text.front() == '!')
            return;
        if (const std::string fault = text_fault(text); !fault.empty()) {
            complain(fault);
            return;
        }
        if (text == kVersion || (text.starts_with(kVersion) && text[kVersion.size()] == ' ')) {
            const auto given = trim(text.substr(kVersion.size()));
            complain(version_fault(given.substr(0, given.find_first_of(" \t")), version_));
            return;
        }
        const auto edited = edit(configuration_, section_, text);
        if (!edited) {
            complain(edited.error());
            return;
        }
        configuration_.apply(edited->changes);
        if (edited->section)
            section_ = *edited->section;
    }

    tl::expected<Configuration, std::vector<std::string>> end() {
        if (!errors_.empty())
            return tl::unexpected(std::move(errors_));
        return std::move(configuration_);
    }

private:
    void complain(const std::string& fault) {
        if (!fault.empty() && errors_.size() < kMaximumErrors)
            errors_.push_back("line " + std::to_string(number_) + ": " + fault);
    }

    std::string_view version_;
    std::size_t number_ = 0;
    std::string section_;
    Configuration configuration_;
    std::vector<std::string> errors_;
};

}  // namespace

tl::expected<Configuration, std::vector<std::string>> load(std::string_view text,
                                                           std::string_view version,
                                                           Configuration base) {
    if (text.size() > kMaximumConfiguration) {
        return tl::unexpected(
            std::vector<std::string>{"the configuration has " + std::to_string(text.size()) +
                                     " bytes, at most " + std::to_string(kMaximumConfiguration)});
    }
    Loader loader(version, std::move(base));
    while (!text.empty()) {
        const auto one = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        loader.line(one);
    }
    return loader.end();
}

}  // namespace ha::config
