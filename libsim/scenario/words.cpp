// See words.hpp.
#include "libsim/scenario/words.hpp"

#include <vector>

namespace sim::scenario {
namespace {

/// "12.5" for 12 500 thousandths.
std::string decimal(std::int64_t number, std::int64_t unit) {
    std::string text = (number < 0 ? "-" : "") + std::to_string(std::abs(number) / unit);
    const std::int64_t rest = std::abs(number) % unit;
    if (rest == 0)
        return text;
    std::string fraction = std::to_string(unit + rest).substr(1);
    while (fraction.back() == '0')
        fraction.pop_back();
    return text + "." + fraction;
}

}  // namespace

std::span<const std::string_view> frame_type_words() {
    return seen_frame_words().first(ha::wire::kFrameTypeCount);
}

std::span<const std::string_view> seen_frame_words() {
    static const std::vector<std::string_view> kWords = [] {
        std::vector<std::string_view> all;
        for (std::size_t number = 1; number <= ha::wire::kFrameTypeCount; ++number)
            all.push_back(to_string(static_cast<ha::wire::FrameType>(number)));
        all.emplace_back("gratuitous-arp");
        all.emplace_back("neighbor-advertisement");
        return all;
    }();
    return kWords;
}

std::string percent_of(Chance chance) {
    return decimal(chance, kCertain / 100);
}

std::string milliseconds_of(Duration duration) {
    return decimal(duration.count(), 1'000'000);
}

}  // namespace sim::scenario
