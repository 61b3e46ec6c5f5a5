// See dates.hpp.
#include "libha/base/dates.hpp"

#include <array>

#include "libha/base/print.hpp"

namespace ha {
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

}  // namespace

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

}  // namespace ha
