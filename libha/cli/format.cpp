#include "libha/cli/format.hpp"

#include <algorithm>

#include "libha/base/print.hpp"

namespace ha::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

std::int64_t age_ms(const Context& context, Instant at) {
    if (at >= context.now)
        return 0;
    return std::chrono::duration_cast<milliseconds>(context.now - at).count();
}

Value optional_age_ms(const Context& context, const std::optional<Instant>& at) {
    return at ? Value{age_ms(context, *at)} : Value{};
}

Split split(Duration duration) {
    const auto total =
        std::max<std::int64_t>(std::chrono::duration_cast<seconds>(duration).count(), 0);
    return {total / 86400, total / 3600 % 24, total / 60 % 60, total % 60};
}

std::string format_age(Duration age) {
    const auto milli =
        std::max<std::int64_t>(std::chrono::duration_cast<milliseconds>(age).count(), 0);
    if (milli < 1000)
        return print("%lld ms", wide(milli));
    if (milli < 60'000)
        return print("%lld.%lld s", wide(milli / 1000), wide(milli % 1000 / 100));
    const auto parts = split(age);
    if (parts.days > 0)
        return print("%lldd %02lldh", wide(parts.days), wide(parts.hours));
    if (parts.hours > 0)
        return print("%lldh %02lldm", wide(parts.hours), wide(parts.minutes));
    return print("%lldm %02llds", wide(parts.minutes), wide(parts.seconds));
}

std::string format_age(const Context& context, Instant at) {
    return format_age(milliseconds{age_ms(context, at)});
}

std::string format_age(const Context& context, const std::optional<Instant>& at) {
    return at ? format_age(context, *at) : "never";
}

WallTime date_of(const Context& context, Instant at) {
    return context.wall_now - milliseconds{age_ms(context, at)};
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width)
        text.append(width - text.size(), ' ');
    return text;
}

}  // namespace ha::cli
