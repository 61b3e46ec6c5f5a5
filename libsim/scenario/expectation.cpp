// Comparing, the long forms, and expectations in words. See expectation.hpp.
#include "libsim/scenario/expectation.hpp"

#include <re2/re2.h>

#include <charconv>

#include "libsim/scenario/words.hpp"

namespace sim::scenario {
namespace {

std::optional<double> number_in(std::string_view text) {
    double number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::string of_node(const std::string& node, const std::string& words) {
    return node + ": " + words;
}

std::string in_words(const StatusIs& status) {
    const auto name = [&]() -> std::string {
        switch (status.key) {
            case StatusIs::Key::state:
                return "internal state";
            case StatusIs::Key::redundancy:
                return "redundancy state";
            case StatusIs::Key::mode:
                return "redundancy mode";
            case StatusIs::Key::degraded:
                return "degraded";
        }
        return "";
    };
    return of_node(status.node, name() + " is " + status.wanted);
}

std::string in_words(const ModuleIs& module) {
    return of_node(module.node, "module " + std::to_string(module.module) + " is " + module.status);
}

std::string in_words(const CommandShows& shown) {
    return of_node(shown.node, shown.command + (shown.path.empty() ? "" : " " + shown.path) + " " +
                                   describe(shown.check));
}

std::string in_words(const LogHas& log) {
    return of_node(log.node, "logs \"" + log.words + "\"");
}

std::string in_words(const AddressIs& address) {
    return of_node(address.node, std::string("mgmt address ") + (address.held ? "held" : "free"));
}

std::string in_words(const ProcessIs& process) {
    return of_node(process.node, "process " + word_of(kProcessWords, process.state));
}

std::string in_words(const FramesSeen& frames) {
    std::string text = (frames.type.empty() ? "any" : frames.type) + " frames";
    if (!frames.from.empty())
        text += " from " + frames.from;
    if (!frames.to.empty())
        text += " to " + frames.to;
    text += " on " + std::string(frames.port ? to_string(*frames.port) : "both");
    return text + ": count " + describe(frames.check);
}

std::string in_words(const PingLost& ping) {
    return "ping " + ping.name + ": lost " + describe(ping.check);
}

std::string in_words(const DomainWhole&) {
    return "the domain is whole";
}

}  // namespace

bool holds(const Check& check, const std::string& observed) {
    switch (check.kind) {
        case Check::Kind::equals:
            return observed == check.wanted;
        case Check::Kind::not_equals:
            return observed != check.wanted;
        case Check::Kind::matches:
            return RE2::PartialMatch(observed, RE2(check.wanted, RE2::Quiet));
        case Check::Kind::contains:
            return observed.find(check.wanted) != std::string::npos;
        case Check::Kind::at_least:
        case Check::Kind::at_most: {
            const auto number = number_in(observed);
            const auto bound = number_in(check.wanted);
            if (!number || !bound)
                return false;
            return check.kind == Check::Kind::at_least ? *number >= *bound : *number <= *bound;
        }
        case Check::Kind::absent:
            return false;
    }
    return false;
}

std::string describe(const Check& check) {
    switch (check.kind) {
        case Check::Kind::equals:
            return "is " + check.wanted;
        case Check::Kind::not_equals:
            return "is not " + check.wanted;
        case Check::Kind::matches:
            return "matches " + check.wanted;
        case Check::Kind::contains:
            return "contains " + check.wanted;
        case Check::Kind::at_least:
            return "at least " + check.wanted;
        case Check::Kind::at_most:
            return "at most " + check.wanted;
        case Check::Kind::absent:
            return "is absent";
    }
    return "";
}

CommandShows long_form(const StatusIs& status) {
    const auto path = [&]() -> std::string {
        switch (status.key) {
            case StatusIs::Key::state:
                return "this_sup_internal_state";
            case StatusIs::Key::redundancy:
                return "this_sup_rdn_state";
            case StatusIs::Key::mode:
                return "rdn_mode_oper";
            case StatusIs::Key::degraded:
                return "degraded";
        }
        return "";
    };
    return {
        status.node, "show system redundancy status", path(), {Check::Kind::equals, status.wanted}};
}

CommandShows long_form(const ModuleIs& module) {
    const bool absent = module.status == "absent";
    return {module.node, "show module",
            "TABLE_modinfo.ROW_modinfo[modinf=" + std::to_string(module.module) + "].status",
            absent ? Check{Check::Kind::absent, ""} : Check{Check::Kind::equals, module.status}};
}

std::string describe(const Expectation& expectation) {
    return std::visit([](const auto& subject) { return in_words(subject); }, expectation.subject);
}

}  // namespace sim::scenario
