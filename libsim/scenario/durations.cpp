// Reading, printing and summing up times. See durations.hpp.
#include "libsim/scenario/durations.hpp"

#include <array>
#include <cstdlib>
#include <optional>

namespace sim::scenario {
namespace {

constexpr std::string_view kWanted = "like 3T, 0.5T + h, T - 2h, 500 ms, 1.5 s, 10 min";
constexpr std::int64_t kThousand = 1000;
constexpr std::size_t kMaximumTerms = 16;

struct UnitWord {
    std::string_view word;
    Unit unit;
};
/// Longer words before those they begin with.
constexpr std::array kUnits{
    UnitWord{"ms", Unit::milliseconds}, UnitWord{"min", Unit::minutes},
    UnitWord{"s", Unit::seconds},       UnitWord{"h", Unit::heartbeat},
    UnitWord{"T", Unit::loss_interval}, UnitWord{"H", Unit::headless},
};

bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

bool is_absolute(Unit unit) {
    return unit == Unit::milliseconds || unit == Unit::seconds || unit == Unit::minutes;
}

std::string_view word_of(Unit unit) {
    for (const UnitWord& one : kUnits) {
        if (one.unit == unit)
            return one.word;
    }
    return "";
}

/// Goes through the text from left to right; each part is empty when it is not there.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() {
        skip_blanks();
        return rest_.empty();
    }
    std::optional<char> sign() {
        skip_blanks();
        if (rest_.empty() || (rest_.front() != '+' && rest_.front() != '-'))
            return std::nullopt;
        const char sign = rest_.front();
        rest_.remove_prefix(1);
        skip_blanks();
        return sign;
    }
    /// "0.5" as "0" and "5".
    bool number(std::string& whole, std::string& fraction) {
        whole = digits();
        if (whole.empty())
            return false;
        if (rest_.size() > 1 && rest_.front() == '.' && is_digit(rest_[1])) {
            rest_.remove_prefix(1);
            fraction = digits();
        }
        skip_blanks();
        return true;
    }
    std::optional<Unit> unit() {
        for (const UnitWord& one : kUnits) {
            if (rest_.starts_with(one.word) && !goes_on(one.word.size())) {
                rest_.remove_prefix(one.word.size());
                return one.unit;
            }
        }
        return std::nullopt;
    }

private:
    void skip_blanks() {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t'))
            rest_.remove_prefix(1);
    }
    std::string digits() {
        std::string found;
        while (!rest_.empty() && is_digit(rest_.front())) {
            found += rest_.front();
            rest_.remove_prefix(1);
        }
        return found;
    }
    [[nodiscard]] bool goes_on(std::size_t at) const {
        return at < rest_.size() && rest_[at] != ' ' && rest_[at] != '\t' && rest_[at] != '+' &&
               rest_[at] != '-';
    }

    std::string_view rest_;
};

tl::expected<std::int64_t, std::string> count_of(const std::string& whole,
                                                 const std::string& fraction) {
    if (fraction.size() > 3)
        return tl::unexpected(whole + "." + fraction + " has more than 3 decimals");
    const std::int64_t count =
        whole.size() > 6 ? kMaximumCount + 1 : std::strtoll(whole.c_str(), nullptr, 10);
    if (count > kMaximumCount || (count == kMaximumCount && !fraction.empty()))
        return tl::unexpected(whole + " is out of range (0 to " + std::to_string(kMaximumCount) +
                              ")");
    std::string padded = fraction;
    padded.resize(3, '0');
    return count * kThousand + std::strtoll(padded.c_str(), nullptr, 10);
}

Duration length_of(Unit unit, const Units& units) {
    switch (unit) {
        case Unit::heartbeat:
            return units.heartbeat;
        case Unit::loss_interval:
            return units.loss_interval;
        case Unit::headless:
            return units.headless;
        case Unit::milliseconds:
            return std::chrono::milliseconds{1};
        case Unit::seconds:
            return std::chrono::seconds{1};
        case Unit::minutes:
            return std::chrono::minutes{1};
    }
    return {};
}

}  // namespace

TimeExpression times(std::int64_t count, Unit unit) {
    return {{{count * kThousand, unit}}};
}

TimeExpression exactly(Duration duration) {
    const auto microseconds = std::chrono::round<std::chrono::microseconds>(duration);
    return {{{microseconds.count(), Unit::milliseconds}}};
}

tl::expected<TimeExpression, std::string> parse_time(std::string_view text) {
    const auto wrong = [&](std::string_view why = "") {
        return tl::unexpected("'" + std::string(text.substr(0, 60)) + "' is no time" +
                              (why.empty() ? "" : ": " + std::string(why)) + " (" +
                              std::string(kWanted) + ")");
    };
    Scanner scanner(text);
    if (scanner.at_end())
        return tl::unexpected("a time is missing (" + std::string(kWanted) + ")");
    TimeExpression time;
    while (!scanner.at_end()) {
        if (time.terms.size() == kMaximumTerms)
            return wrong("more than " + std::to_string(kMaximumTerms) + " terms");
        const std::optional<char> sign = scanner.sign();
        if (!sign && !time.terms.empty())
            return wrong();
        std::string whole = "1";
        std::string fraction;
        const bool counted = scanner.number(whole, fraction);
        const std::optional<Unit> unit = scanner.unit();
        if (!unit || (!counted && is_absolute(*unit)))
            return wrong();
        const auto count = count_of(counted ? whole : "1", fraction);
        if (!count)
            return wrong(count.error());
        time.terms.push_back({sign == '-' ? -*count : *count, *unit});
    }
    return time;
}

std::string to_string(const TimeExpression& time) {
    std::string text;
    for (const Term& term : time.terms) {
        const std::int64_t count = std::abs(term.thousandths);
        if (!text.empty())
            text += term.thousandths < 0 ? " - " : " + ";
        else if (term.thousandths < 0)
            text += "-";
        if (count != kThousand || is_absolute(term.unit)) {
            text += std::to_string(count / kThousand);
            if (count % kThousand != 0) {
                std::string fraction = std::to_string(kThousand + count % kThousand).substr(1);
                while (fraction.back() == '0')
                    fraction.pop_back();
                text += "." + fraction;
            }
        }
        text += (is_absolute(term.unit) ? " " : "") + std::string(word_of(term.unit));
    }
    return text.empty() ? "0 ms" : text;
}

Duration evaluate(const TimeExpression& time, const Units& units) {
    std::int64_t sum = 0;
    for (const Term& term : time.terms) {
        const auto length =
            std::chrono::duration_cast<std::chrono::microseconds>(length_of(term.unit, units));
        sum += term.thousandths * length.count();
    }
    return Duration{sum};
}

}  // namespace sim::scenario
