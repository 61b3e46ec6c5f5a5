// Reads expectations: a subject, its check, its time. See read_parts.hpp.
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "libsim/scenario/path.hpp"
#include "libsim/scenario/read_parts.hpp"

namespace sim::scenario {
namespace {

constexpr unsigned kLastModule = ha::kLastModuleNumber;
constexpr std::string_view kSubjects =
    "state, redundancy, mode, degraded, module, command, log, address, process, frames, ping, "
    "domain";
constexpr std::array<std::string_view, 2> kAddressWords{"held", "free"};
constexpr std::array<std::string_view, 1> kDomainWords{"whole"};

/// Keys of `words` that are there, null or not.
std::vector<std::string_view> given_of(Section& section, std::span<const std::string_view> words) {
    std::vector<std::string_view> given;
    for (const std::string_view word : words) {
        const auto is_word = [&](const auto& member) { return member.key == word; };
        if (std::ranges::any_of(section.members(), is_word))
            given.push_back(word);
    }
    return given;
}

void check_wanted(Section& section, std::string_view key, const Check& check) {
    switch (check.kind) {
        case Check::Kind::matches:
            if (const RE2 pattern(check.wanted, RE2::Quiet); !pattern.ok())
                section.complain(key, "no regular expression: " + pattern.error());
            break;
        case Check::Kind::at_least:
        case Check::Kind::at_most:
            section.decimal(key, {-1'000'000'000'000, 1'000'000'000'000, 3});
            break;
        case Check::Kind::equals:
        case Check::Kind::not_equals:
        case Check::Kind::contains:
        case Check::Kind::absent:
            break;
    }
}

/// The one check that commands, frames and pings need; only commands know `absent`.
Check read_check(Section& section, bool knows_absent) {
    std::span<const std::string_view> words = kCheckWords;
    if (!knows_absent)
        words = words.first(words.size() - 1);
    for (const std::string_view word : words)
        section.allow(word);
    const auto given = given_of(section, words);
    if (given.empty()) {
        section.complain("", knows_absent ? "needs a check (equals, not, matches, contains, "
                                            "at_least, at_most or absent)"
                                          : "needs a check (equals, not, matches, contains, "
                                            "at_least or at_most)");
        return {};
    }
    if (given.size() > 1) {
        section.complain(given[1], "one check at a time (" + std::string(given[0]) + " or " +
                                       std::string(given[1]) + ")");
        return {};
    }
    const auto index = std::ranges::find(kCheckWords, given[0]) - kCheckWords.begin();
    Check check{static_cast<Check::Kind>(index), ""};
    if (check.kind == Check::Kind::absent) {
        if (section.truth("absent", Need::required) == false)
            section.complain("absent", "only true makes sense here");
        return check;
    }
    check.wanted =
        section.scalar(given[0], "a value; null is written \"null\"", Need::required).value_or("");
    check_wanted(section, given[0], check);
    return check;
}

Since read_since(Section& section) {
    return read_word<Since>(section, "since", kSinceWords).value_or(Since::action);
}

Subject read_status(Section& section, StatusIs::Key key, const Known& known) {
    const std::string word = word_of(kStatusWords, key);
    StatusIs status{read_node(section, "node", known), key, ""};
    if (key == StatusIs::Key::degraded)
        status.wanted = section.truth(word, Need::required).value_or(false) ? "true" : "false";
    else
        status.wanted = read_text(section, word, "the words of 'show system redundancy status'");
    return status;
}

Subject read_module(Section& section, const Known& known) {
    ModuleIs module;
    module.node = read_node(section, "node", known);
    module.module = static_cast<unsigned>(
        section.integer("module", {1, kLastModule}, Need::required).value_or(1));
    module.status = read_text(section, "is", "ok, ha-standby …, or absent");
    return module;
}

Subject read_command(Section& section, const Known& known) {
    CommandShows shown;
    shown.node = read_node(section, "node", known);
    shown.command = read_text(section, "command", "a command line");
    if (const auto path = section.text("path", "a path into the data", kMaximumText)) {
        shown.path = *path;
        if (const auto parts = parse_path(*path); !parts)
            section.complain("path", quoted(*path) + " is no path: " + parts.error() +
                                         " (like rows[port=control].state)");
    }
    shown.check = read_check(section, true);
    if (shown.check.kind == Check::Kind::absent && section.value("path") == nullptr)
        section.complain("absent", "needs a 'path' that leads nowhere");
    return shown;
}

Subject read_log(Section& section, const Known& known) {
    LogHas log;
    const Node* node = section.value("node");
    log.node = node != nullptr && scalar_of(*node) == kAnyNode ? kAnyNode
                                                               : read_node(section, "node", known);
    log.words = read_text(section, "log", "words of a line");
    log.since = read_since(section);
    return log;
}

Subject read_frames(Section& section, const Known&) {
    FramesSeen seen;
    if (auto frames = section.section("frames", Need::required)) {
        if (const auto port = frames->choice("port", kPortWords))
            seen.port = ha::kPortKinds[*port];
        seen.from = frames->scalar("from", kNodesWanted).value_or("");
        if (!seen.from.empty())
            check_node_name(*frames, "from", seen.from);
        seen.to = frames->scalar("to", "a node, broadcast or unicast").value_or("");
        if (!seen.to.empty() && seen.to != "broadcast" && seen.to != "unicast") {
            if (!is_node(seen.to))
                frames->complain("to", quoted(seen.to) + " is no node, nor broadcast or unicast");
            else if (!seen.port)
                frames->complain("to", "frames to a node need 'port' (control or mgmt)");
        }
        if (const auto type = frames->choice("type", seen_frame_words()))
            seen.type = seen_frame_words()[*type];
        frames->finish();
    }
    seen.since = read_since(section);
    seen.check = read_check(section, false);
    return seen;
}

Subject read_ping(Section& section, const Known& known) {
    PingLost ping;
    ping.name = read_text(section, "ping", "the name of a ping step");
    if (!ping.name.empty() && !known.pings.contains(ping.name))
        section.complain("ping", "no ping step before this is called " + quoted(ping.name));
    ping.check = read_check(section, false);
    return ping;
}

Subject read_address(Section& section, const Known& known) {
    const std::string node = read_node(section, "node", known);
    return AddressIs{node, section.choice("address", kAddressWords, Need::required) != 1U};
}

Subject read_process(Section& section, const Known& known) {
    const std::string node = read_node(section, "node", known);
    return ProcessIs{node,
                     read_word<ProcessIs::State>(section, "process", kProcessWords, Need::required)
                         .value_or(ProcessIs::State::running)};
}

Subject read_domain(Section& section, const Known&) {
    section.choice("domain", kDomainWords, Need::required);
    return DomainWhole{};
}

template <StatusIs::Key key>
Subject read_status_of(Section& section, const Known& known) {
    return read_status(section, key, known);
}

struct SubjectReader {
    std::string_view key;
    Subject (*read)(Section&, const Known&);
};
/// `command` may stand beside nothing else, so the order does not matter.
constexpr std::array kSubjectReaders{
    SubjectReader{"state", read_status_of<StatusIs::Key::state>},
    SubjectReader{"redundancy", read_status_of<StatusIs::Key::redundancy>},
    SubjectReader{"mode", read_status_of<StatusIs::Key::mode>},
    SubjectReader{"degraded", read_status_of<StatusIs::Key::degraded>},
    SubjectReader{"module", read_module},
    SubjectReader{"command", read_command},
    SubjectReader{"log", read_log},
    SubjectReader{"address", read_address},
    SubjectReader{"process", read_process},
    SubjectReader{"frames", read_frames},
    SubjectReader{"ping", read_ping},
    SubjectReader{"domain", read_domain},
};

Watching read_watching(Section& section, const Known& known) {
    Watching watching;
    const auto given = given_of(section, kWatchingWords);
    if (given.size() > 1)
        section.complain(given[1], "an expectation has one time (within, always_for or never_for)");
    for (std::size_t i = 0; i < kWatchingWords.size(); ++i) {
        if (auto time = read_time(section, kWatchingWords[i], known)) {
            watching.mode = static_cast<Watching::Mode>(i);
            watching.time = std::move(*time);
        }
    }
    watching.not_before = read_time(section, "not_before", known);
    if (!watching.not_before)
        return watching;
    const Units units = units_of(known.lab);
    if (watching.mode != Watching::Mode::within)
        section.complain("not_before", "goes with 'within' only");
    else if (evaluate(*watching.not_before, units) > evaluate(watching.time, units))
        section.complain("not_before",
                         "is later than 'within', which is " + to_string(watching.time));
    return watching;
}

}  // namespace

Expectation read_expectation(Section& section, const Known& known) {
    Expectation expectation;
    expectation.line = {section.line()};
    if (!section.is_mapping())
        return expectation;
    std::vector<std::string_view> keys;
    for (const SubjectReader& one : kSubjectReaders)
        keys.push_back(one.key);
    const auto given = given_of(section, keys);
    if (given.size() != 1) {
        section.complain("", (given.empty() ? "has no subject (one of "
                                            : "has more than one "
                                              "subject (one of ") +
                                 std::string(kSubjects) + ")");
        return expectation;
    }
    const auto reader = std::ranges::find(kSubjectReaders, given[0], &SubjectReader::key);
    expectation.subject = reader->read(section, known);
    expectation.watching = read_watching(section, known);
    section.finish();
    return expectation;
}

}  // namespace sim::scenario
