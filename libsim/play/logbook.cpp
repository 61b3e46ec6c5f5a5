// See logbook.hpp; libha/runtime/log.hpp writes the real ones.
#include "libsim/play/logbook.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "libha/runtime/log.hpp"

namespace sim::play {
namespace {

/// As the daemons write it where the clock is set to UTC.
std::string date_of(ha::WallTime at) {
    static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(at - day)};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%d %s %2u %02d:%02d:%02d",
                  static_cast<int>(date.year()), kMonths[static_cast<unsigned>(date.month()) - 1],
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return text.data();
}

}  // namespace

void Logbook::begin(std::string hostname, int threshold) {
    hostnames_.push_back(std::move(hostname));
    threshold_ = threshold;
    life_began_ = lines_.size();
}

void Logbook::append(Line line) {
    if (line.severity <= threshold_)
        lines_.push_back(std::move(line));
}

void Logbook::add(ha::WallTime at, const ha::catalog::Report& report) {
    append({Line::Kind::report,
            ha::catalog::entry(report.id).severity,
            at,
            hostnames_.size() - 1,
            report,
            {}});
}

void Logbook::add_line(ha::WallTime at, int severity, const std::string& text) {
    append({Line::Kind::program, severity, at, hostnames_.size() - 1, {}, text});
}

void Logbook::add_plain(const std::string& text) {
    lines_.push_back({Line::Kind::plain, 6, {}, 0, {}, text});
}

std::string Logbook::message(std::size_t index) const {
    const Line& line = lines_[index];
    switch (line.kind) {
        case Line::Kind::report:
            return ha::catalog::render(line.report);
        case Line::Kind::program:
            return "%DAEMON-" + std::to_string(line.severity) + "-SYSTEM_MSG: " + line.text +
                   " - " + program_;
        case Line::Kind::plain:
            return program_ + ": " + line.text;
    }
    return {};
}

std::string Logbook::line(std::size_t index) const {
    const Line& line = lines_[index];
    if (line.kind == Line::Kind::plain)
        return message(index);
    return date_of(line.at) + " " + hostnames_[line.hostname] + " " + message(index);
}

std::string_view Logbook::mnemonic(std::size_t index) const {
    const Line& line = lines_[index];
    switch (line.kind) {
        case Line::Kind::report:
            return ha::catalog::entry(line.report.id).mnemonic;
        case Line::Kind::program:
            return "SYSTEM_MSG";
        case Line::Kind::plain:
            return {};
    }
    return {};
}

std::vector<std::string> Logbook::kept() const {
    const std::size_t most = ha::runtime::kLogRing;
    std::vector<std::string> texts;
    const std::size_t first = std::max(life_began_, lines_.size() - std::min(lines_.size(), most));
    for (std::size_t index = first; index < lines_.size(); ++index)
        texts.push_back(line(index));
    return texts;
}

std::vector<std::string> Logbook::all() const {
    std::vector<std::string> texts;
    for (std::size_t index = 0; index < lines_.size(); ++index)
        texts.push_back(line(index));
    return texts;
}

}  // namespace sim::play
