// See printer.hpp.
#include "libsim/play/printer.hpp"

#include <array>
#include <cstdio>

namespace sim::play {

namespace {

constexpr std::size_t kLongText = 58;

double seconds_of(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width)
        text.append(width - text.size(), ' ');
    return text;
}

std::string right(const std::string& text, std::size_t width) {
    return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

/// "      1.050 s".
std::string time_of(Instant at) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "  %9.3f s", seconds_of(at - kBeginning));
    return text.data();
}

}  // namespace

std::string show(Duration duration) {
    std::array<char, 48> text{};
    const double seconds = seconds_of(duration);
    std::snprintf(text.data(), text.size(), seconds < 10 ? "%.3f s" : "%.1f s", seconds);
    return text.data();
}

void Printer::title(const scenario::Scenario& scenario, const scenario::Units& units) {
    std::string tags;
    for (const std::string& tag : scenario.tags)
        tags += (tags.empty() ? "" : " ") + tag;
    print_(scenario.name + "  [" + tags + "]");
    print_("  " + scenario.description);
    print_("  h = " + show(units.heartbeat) + ", T = " + show(units.loss_interval) +
           "; virtual time, to observe something may take " +
           show(std::chrono::milliseconds{scenario.lab.slack_ms}) + " more.");
}

void Printer::on_heading(Instant, const std::string& words) {
    print_("");
    print_(words);
}

void Printer::on_action(Instant at, const std::string& words) {
    print_(time_of(at) + "   do    " + words);
}

void Printer::on_output(Instant, const std::string& text) {
    detail(text);
}

void Printer::detail(const std::string& text) {
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        print_("                | " + text.substr(begin, end - begin));
        begin = end + 1;
    }
}

void Printer::on_observed(Instant at, const Observed& observed) {
    std::string start = time_of(at) + "   " + (observed.good ? "ok  " : "FAIL") + "  ";
    std::string text = observed.text;
    if (text.size() > kLongText) {
        print_(start + text);
        text.clear();
        start.assign(start.size(), ' ');
    }
    print_(start + padded(text, kLongText) + "  after " + right(show(observed.after), 8) +
           "   expected " + observed.bound + (observed.late ? ", late" : ""));
}

void Printer::verdict(const scenario::Scenario& scenario, const Verdict& verdict) {
    print_(std::string(verdict.held ? "PASS " : "FAIL ") + scenario.name + ": " +
           std::to_string(scenario.steps.size()) + " steps, " + show(verdict.took) +
           (verdict.held ? "" : ": " + verdict.failure));
}

}  // namespace sim::play
