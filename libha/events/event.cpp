// See event.hpp.
#include "libha/events/event.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

namespace ha::events {
namespace {

using nlohmann::ordered_json;
using std::chrono::days;
using std::chrono::milliseconds;

std::string cut(std::string_view text) {
    return std::string(text.substr(0, kMaximumText));
}

/// The first word of a list, which loses it.
std::string_view take_word(std::string_view& list) {
    const std::size_t end = std::min(list.find(' '), list.size());
    const std::string_view word = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    return word;
}

std::string padded(std::int64_t number, std::size_t width) {
    std::string digits = std::to_string(number);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
}

/// "2026-11-21T10:31:00.123Z".
std::string to_text(WallTime date) {
    const auto day = std::chrono::floor<days>(date);
    const std::chrono::year_month_day calendar(day);
    const std::chrono::hh_mm_ss clock(date - day);
    return padded(static_cast<int>(calendar.year()), 4) + "-" +
           padded(static_cast<unsigned>(calendar.month()), 2) + "-" +
           padded(static_cast<unsigned>(calendar.day()), 2) + "T" +
           padded(clock.hours().count(), 2) + ":" + padded(clock.minutes().count(), 2) + ":" +
           padded(clock.seconds().count(), 2) + "." + padded(clock.subseconds().count(), 3) + "Z";
}

/// The digits of `text` from `at` on as a number; `good` becomes false when they are none.
int digits_at(std::string_view text, std::size_t at, std::size_t count, bool& good) {
    int number = 0;
    const char* const end = text.data() + at + count;
    const auto [stopped, error] = std::from_chars(text.data() + at, end, number);
    good = good && error == std::errc() && stopped == end && number >= 0;
    return number;
}

std::optional<WallTime> parse_date(std::string_view text) {
    static constexpr std::string_view kForm = "....-..-..T..:..:......Z";
    bool good = text.size() == kForm.size() && text[4] == '-' && text[7] == '-' &&
                text[10] == 'T' && text[13] == ':' && text[16] == ':' && text[19] == '.' &&
                text.back() == 'Z';
    if (!good)
        return std::nullopt;
    const std::chrono::year_month_day calendar(
        std::chrono::year(digits_at(text, 0, 4, good)),
        std::chrono::month(static_cast<unsigned>(digits_at(text, 5, 2, good))),
        std::chrono::day(static_cast<unsigned>(digits_at(text, 8, 2, good))));
    const int hours = digits_at(text, 11, 2, good);
    const int minutes = digits_at(text, 14, 2, good);
    const int seconds = digits_at(text, 17, 2, good);
    const int thousandths = digits_at(text, 20, 3, good);
    if (!good || !calendar.ok() || hours > 23 || minutes > 59 || seconds > 59)
        return std::nullopt;
    return WallTime(std::chrono::sys_days(calendar) + std::chrono::hours(hours) +
                    std::chrono::minutes(minutes) + std::chrono::seconds(seconds) +
                    milliseconds(thousandths));
}

std::string text_of(const ordered_json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<std::uint64_t> number_of(const ordered_json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_unsigned())
        return std::nullopt;
    return found->get<std::uint64_t>();
}

}  // namespace

Event make_event(const catalog::Report& report, std::uint64_t sequence, WallTime happened_at,
                 std::string node) {
    const catalog::EventEntry& entry = catalog::event_entry(report.id);
    Event event;
    event.sequence = sequence;
    event.happened_at = happened_at;
    event.node = std::move(node);
    event.name = entry.name;
    event.severity = catalog::entry(report.id).severity;
    event.message = cut(catalog::render(report));
    std::string_view names = entry.fields;
    for (const std::string& argument : report.arguments) {
        if (names.empty())
            break;
        event.fields.push_back({std::string(take_word(names)), cut(argument)});
    }
    return event;
}

std::string to_json(const Event& event) {
    ordered_json object;
    object["sequence"] = event.sequence;
    object["time"] = to_text(event.happened_at);
    object["node"] = event.node;
    object["event"] = event.name;
    object["severity"] = event.severity;
    object["message"] = event.message;
    object["fields"] = ordered_json::object();
    for (const Field& field : event.fields)
        object["fields"][field.name] = field.value;
    return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

tl::expected<Event, std::string> from_json(std::string_view text) {
    // Deeper than any event; reading, printing and destroying a value recurse.
    constexpr int kMaximumDepth = 4;
    bool too_deep = false;
    const ordered_json object = ordered_json::parse(
        text,
        [&](int depth, ordered_json::parse_event_t, ordered_json&) {
            too_deep = too_deep || depth > kMaximumDepth;
            return !too_deep;
        },
        false);
    if (too_deep || !object.is_object())
        return tl::unexpected(std::string("the event is not one JSON object"));
    const auto sequence = number_of(object, "sequence");
    const auto severity = number_of(object, "severity");
    const auto date = parse_date(text_of(object, "time"));
    if (!sequence || *sequence == 0 || !severity || *severity > 7 || !date)
        return tl::unexpected(
            std::string("the event has no sequence, severity (0..7) or time that can be read"));
    Event event;
    event.sequence = *sequence;
    event.happened_at = *date;
    event.node = text_of(object, "node");
    event.name = text_of(object, "event");
    event.severity = static_cast<unsigned>(*severity);
    event.message = text_of(object, "message");
    if (const auto fields = object.find("fields"); fields != object.end() && fields->is_object())
        for (const auto& [name, value] : fields->items())
            if (value.is_string())
                event.fields.push_back({name, value.get<std::string>()});
    if (event.name.empty())
        return tl::unexpected(std::string("the event has no name"));
    return event;
}

bool matches(std::string_view pattern, std::string_view name) {
    if (pattern == "*" || pattern == name)
        return true;
    return pattern.ends_with(".*") && name.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool matches_any(std::string_view pattern) {
    return std::ranges::any_of(catalog::event_entries(), [pattern](const auto& entry) {
        return matches(pattern, entry.name);
    });
}

}  // namespace ha::events
