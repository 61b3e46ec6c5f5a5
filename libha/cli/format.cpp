#include "libha/cli/format.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace ha::cli {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

struct Date {
    int year = 0;
    unsigned month = 0;  ///< from 0
    unsigned day = 0;
    unsigned weekday = 0;  ///< Sunday is 0
    std::int64_t hour = 0;
    std::int64_t minute = 0;
    std::int64_t second = 0;
    std::int64_t millisecond = 0;
};

constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array kWeekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

Date to_date(WallTime time) {
    const auto day = std::chrono::floor<days>(time);
    const std::chrono::year_month_day calendar{day};
    auto rest = time - day;
    Date date;
    date.year = static_cast<int>(calendar.year());
    date.month = static_cast<unsigned>(calendar.month()) - 1;
    date.day = static_cast<unsigned>(calendar.day());
    date.weekday = std::chrono::weekday{day}.c_encoding();
    date.hour = std::chrono::duration_cast<hours>(rest).count();
    date.minute = std::chrono::duration_cast<minutes>(rest).count() % 60;
    date.second = std::chrono::duration_cast<seconds>(rest).count() % 60;
    date.millisecond = std::chrono::duration_cast<milliseconds>(rest).count() % 1000;
    return date;
}

template <typename... Arguments>
std::string print(const char* format, Arguments... arguments) {
    std::array<char, 96> buffer{};
    const int length = std::snprintf(buffer.data(), buffer.size(), format, arguments...);
    return {buffer.data(), static_cast<std::size_t>(std::clamp(length, 0, 95))};
}

long long wide(std::int64_t number) {
    return number;
}

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

std::string format_collision_date(WallTime time) {
    const auto date = to_date(time);
    return print("%04d-%s-%02u %02lld:%02lld:%02lld", date.year, kMonths.at(date.month), date.day,
                 wide(date.hour), wide(date.minute), wide(date.second));
}

std::string format_ctime(WallTime time) {
    const auto date = to_date(time);
    return print("%s %s %2u %02lld:%02lld:%02lld %d", kWeekdays.at(date.weekday),
                 kMonths.at(date.month), date.day, wide(date.hour), wide(date.minute),
                 wide(date.second), date.year);
}

std::string format_trace_date(WallTime time) {
    const auto date = to_date(time);
    return print("%04d-%02u-%02u %02lld:%02lld:%02lld.%03lld", date.year, date.month + 1, date.day,
                 wide(date.hour), wide(date.minute), wide(date.second), wide(date.millisecond));
}

std::string format_clock(WallTime time) {
    const auto date = to_date(time);
    return print("%02lld:%02lld:%02lld.%03lld UTC %s %s %02u %d", wide(date.hour),
                 wide(date.minute), wide(date.second), wide(date.millisecond),
                 kWeekdays.at(date.weekday), kMonths.at(date.month), date.day, date.year);
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width)
        text.append(width - text.size(), ' ');
    return text;
}

}  // namespace ha::cli
