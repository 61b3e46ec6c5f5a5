// Writes scenarios the way the ones in test/scenarios look: a step a line, its keys in braces.
// See writer.hpp.
#include "libsim/scenario/writer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "libsim/scenario/words.hpp"

namespace sim::scenario {
namespace {

/// Keys and values in braces, in the order they are added.
class Braces {
public:
    /// `value` is written as a scalar.
    void add(std::string_view key, std::string_view value);
    /// `written` is YAML already.
    void add_written(std::string_view key, const std::string& written) {
        text_ += (text_.empty() ? "" : ", ") + std::string(key) + ": " + written;
    }
    [[nodiscard]] std::string text() const { return "{" + text_ + "}"; }

private:
    std::string text_;
};

bool is_plain(std::string_view value) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const auto is_inner = [&](char c) {
        return is_word(c) || std::string_view(" _./+-()").find(c) != std::string_view::npos;
    };
    constexpr std::array<std::string_view, 4> kNulls{"null", "Null", "NULL", "~"};
    return !value.empty() && is_word(value.front()) && value.back() != ' ' &&
           std::ranges::all_of(value, is_inner) && std::ranges::find(kNulls, value) == kNulls.end();
}

std::string scalar(std::string_view value) {
    if (is_plain(value))
        return std::string(value);
    std::string text = "\"";
    for (const char character : value) {
        const auto byte = static_cast<unsigned char>(character);
        if (character == '"' || character == '\\') {
            text += '\\';
            text += character;
        } else if (byte < 0x20 || byte == 0x7f) {
            std::array<char, 8> escaped{};
            std::snprintf(escaped.data(), escaped.size(), "\\x%02x", byte);
            text += escaped.data();
        } else {
            text += character;
        }
    }
    return text + "\"";
}

void Braces::add(std::string_view key, std::string_view value) {
    add_written(key, scalar(value));
}

std::string list(const std::vector<std::string>& values) {
    std::string text = "[";
    for (const std::string& value : values)
        text += (text.size() > 1 ? ", " : "") + scalar(value);
    return text + "]";
}

std::string one_or_list(const std::vector<std::string>& values) {
    return values.size() == 1 ? scalar(values.front()) : list(values);
}

std::string written(const Setting& setting) {
    switch (setting.kind) {
        case Setting::Kind::null:
            return "null";
        case Setting::Kind::scalar:
            return scalar(setting.scalar);
        case Setting::Kind::list: {
            std::string text = "[";
            for (const Setting& item : setting.items)
                text += (text.size() > 1 ? ", " : "") + written(item);
            return text + "]";
        }
        case Setting::Kind::map: {
            Braces braces;
            for (const auto& [key, value] : setting.members)
                braces.add_written(scalar(key), written(value));
            return braces.text();
        }
    }
    return "null";
}

// -- expectations
// ----------------------------------------------------------------------------------

void add_check(Braces& braces, const Check& check) {
    braces.add(word_of(kCheckWords, check.kind),
               check.kind == Check::Kind::absent ? "true" : check.wanted);
}

void add_since(Braces& braces, Since since) {
    if (since != Since::action)
        braces.add("since", word_of(kSinceWords, since));
}

void add_subject(Braces& braces, const StatusIs& status) {
    braces.add("node", status.node);
    braces.add(word_of(kStatusWords, status.key), status.wanted);
}

void add_subject(Braces& braces, const ModuleIs& module) {
    braces.add("node", module.node);
    braces.add("module", std::to_string(module.module));
    braces.add("is", module.status);
}

void add_subject(Braces& braces, const CommandShows& shown) {
    braces.add("node", shown.node);
    braces.add("command", shown.command);
    if (!shown.path.empty())
        braces.add("path", shown.path);
    add_check(braces, shown.check);
}

void add_subject(Braces& braces, const LogHas& log) {
    braces.add("node", log.node);
    braces.add("log", log.words);
    add_since(braces, log.since);
}

void add_subject(Braces& braces, const AddressIs& address) {
    braces.add("node", address.node);
    braces.add("address", address.held ? "held" : "free");
}

void add_subject(Braces& braces, const ProcessIs& process) {
    braces.add("node", process.node);
    braces.add("process", word_of(kProcessWords, process.state));
}

void add_subject(Braces& braces, const FramesSeen& seen) {
    Braces frames;
    if (seen.port)
        frames.add("port", to_string(*seen.port));
    for (const auto& [key, value] : {std::pair("from", &seen.from), std::pair("to", &seen.to),
                                     std::pair("type", &seen.type)}) {
        if (!value->empty())
            frames.add(key, *value);
    }
    braces.add_written("frames", frames.text());
    add_since(braces, seen.since);
    add_check(braces, seen.check);
}

void add_subject(Braces& braces, const PingLost& ping) {
    braces.add("ping", ping.name);
    add_check(braces, ping.check);
}

void add_subject(Braces& braces, const DomainWhole&) {
    braces.add("domain", "whole");
}

std::string written(const Expectation& expectation) {
    Braces braces;
    std::visit([&](const auto& subject) { add_subject(braces, subject); }, expectation.subject);
    const Watching& watching = expectation.watching;
    if (watching.not_before)
        braces.add("not_before", to_string(*watching.not_before));
    if (watching.mode != Watching::Mode::within || watching.time != Watching{}.time)
        braces.add(word_of(kWatchingWords, watching.mode), to_string(watching.time));
    return braces.text();
}

// -- steps
// -----------------------------------------------------------------------------------------

void add_cable(Braces& braces, const std::string& node, Cable cable) {
    braces.add("node", node);
    braces.add("cable", word_of(kCableWords, cable));
}

void add_direction(Braces& braces, Direction direction) {
    if (direction != Direction::both)
        braces.add("direction", word_of(kDirectionWords, direction));
}

template <typename Quality>
std::string with_chance(const Quality& quality) {
    Braces braces;
    add_cable(braces, quality.node, quality.cable);
    braces.add("percent", percent_of(quality.chance));
    add_direction(braces, quality.direction);
    return braces.text();
}

template <typename OnCable>
std::string with_cable(const OnCable& action) {
    Braces braces;
    add_cable(braces, action.node, action.cable);
    return braces.text();
}

/// "verb: value" of one step; an empty verb does nothing.
struct Written {
    std::string verb;
    std::string value;
    bool is_block = false;  ///< the value is lines of its own
};

std::string lines_of(const std::vector<Step>& steps, const std::string& indent);

Written written(const Nothing&, const std::string&) {
    return {};
}

Written written(const Start& start, const std::string&) {
    if (!start.config)
        return {"start", one_or_list(start.nodes)};
    Braces braces;
    braces.add("node", start.nodes.empty() ? "" : start.nodes.front());
    braces.add_written("config", written(*start.config));
    return {"start", braces.text()};
}

Written written(const Signal& signal, const std::string&) {
    return {word_of(kSignalWords, signal.kind), one_or_list(signal.nodes)};
}

Written written(const PowerOff& power, const std::string&) {
    Braces braces;
    braces.add("node", power.node);
    if (power.disk != PowerOff::Disk::kept)
        braces.add("disk", word_of(kPowerOffDiskWords, power.disk));
    return {"power_off", braces.text()};
}

Written written(const Disk& disk, const std::string&) {
    Braces braces;
    braces.add("node", disk.node);
    braces.add("full", disk.full ? "true" : "false");
    return {"disk", braces.text()};
}

Written written(const Clock& clock, const std::string&) {
    Braces braces;
    braces.add("node", clock.node);
    if (clock.drift_ppm)
        braces.add_written("drift_ppm", std::to_string(*clock.drift_ppm));
    if (clock.step)
        braces.add_written("step_ms", milliseconds_of(*clock.step));
    return {"clock", braces.text()};
}

Written written(const Cut& cut, const std::string&) {
    Braces braces;
    add_cable(braces, cut.node, cut.cable);
    if (!cut.from.empty())
        braces.add("from", cut.from);
    add_direction(braces, cut.direction);
    if (cut.carrier)
        braces.add("carrier", "true");
    return {"cut", braces.text()};
}

Written written(const Partition& partition, const std::string&) {
    std::string groups;
    for (const auto& group : partition.groups)
        groups += (groups.empty() ? "" : ", ") + list(group);
    Braces braces;
    braces.add_written("groups", "[" + groups + "]");
    braces.add("cable", word_of(kCableWords, partition.cable));
    return {"partition", braces.text()};
}

Written written(const Heal& heal, const std::string&) {
    return {"heal", with_cable(heal)};
}
Written written(const Mend&, const std::string&) {
    return {"mend", "everything"};
}
Written written(const Loss& loss, const std::string&) {
    return {"loss", with_chance(loss)};
}
Written written(const Duplicate& duplicate, const std::string&) {
    return {"duplicate", with_chance(duplicate)};
}
Written written(const Corrupt& corrupt, const std::string&) {
    return {"corrupt", with_chance(corrupt)};
}

Written written(const WireVersion& version, const std::string&) {
    Braces braces;
    add_cable(braces, version.node, version.cable);
    braces.add("number", std::to_string(version.number));
    add_direction(braces, version.direction);
    return {"wire_version", braces.text()};
}

Written written(const Delay& delay, const std::string&) {
    Braces braces;
    add_cable(braces, delay.node, delay.cable);
    braces.add("ms", milliseconds_of(delay.delay));
    if (delay.jitter != Duration{})
        braces.add("jitter_ms", milliseconds_of(delay.jitter));
    if (delay.reorder)
        braces.add("reorder", "true");
    add_direction(braces, delay.direction);
    return {"delay", braces.text()};
}

Written written(const Link& link, const std::string&) {
    Braces braces;
    add_cable(braces, link.node, link.cable);
    braces.add("up", link.up ? "true" : "false");
    return {"link", braces.text()};
}

Written written(const Unplug& unplug, const std::string&) {
    return {"unplug", with_cable(unplug)};
}

Written written(const Plug& plug, const std::string&) {
    Braces braces;
    add_cable(braces, plug.node, plug.cable);
    if (plug.mac)
        braces.add("mac", plug.mac->to_string());
    return {"plug", braces.text()};
}

Written written(const Command& command, const std::string&) {
    Braces braces;
    braces.add("node", command.node);
    braces.add_written("run", one_or_list(command.run));
    if (command.exit != 0)
        braces.add("exit", std::to_string(command.exit));
    if (command.print)
        braces.add("print", "true");
    if (!command.wait)
        braces.add_written("wait", "false");
    return {"command", braces.text()};
}

Written written(const Inject& inject, const std::string&) {
    Braces braces;
    braces.add("port", to_string(inject.port));
    braces.add("to", inject.to);
    if (inject.kind) {
        if (!inject.like.empty())
            braces.add("like", inject.like);
        braces.add("kind", word_of(kInjectKindWords, *inject.kind));
        if (inject.type)
            braces.add("type", to_string(*inject.type));
    } else {
        std::string hex;
        for (const std::uint8_t byte : inject.bytes) {
            std::array<char, 4> digits{};
            std::snprintf(digits.data(), digits.size(), "%02x", byte);
            hex += digits.data();
        }
        braces.add("hex", hex);
    }
    if (inject.count != 1)
        braces.add("count", std::to_string(inject.count));
    return {"inject", braces.text()};
}

Written written(const Ping& ping, const std::string&) {
    Braces braces;
    braces.add("name", ping.name);
    braces.add("from", ping.from);
    braces.add("to", ping.to);
    if (ping.interval != Ping{}.interval)
        braces.add("interval_ms", milliseconds_of(ping.interval));
    return {"ping", braces.text()};
}

Written written(const Repeat& repeat, const std::string& indent) {
    const std::string inside = indent + "    ";
    return {"repeat",
            inside + "times: " + std::to_string(repeat.times) + "\n" + inside + "steps:\n" +
                lines_of(repeat.steps, inside + "  "),
            true};
}

Written written(const Expect& expect, const std::string& indent) {
    if (expect.expectations.size() == 1)
        return {"expect", written(expect.expectations.front())};
    std::string text;
    for (const Expectation& one : expect.expectations)
        text.append(indent).append("    - ").append(written(one)).append("\n");
    return {"all", text, true};
}

std::string lines_of(const Step& step, const std::string& indent) {
    std::string text;
    const auto add = [&](const std::string& key, const std::string& value) {
        text += (text.empty() ? indent + "- " : indent + "  ") + key + ":" + value + "\n";
    };
    if (!step.say.empty())
        add("say", " " + scalar(step.say));
    if (step.at)
        add("at", " " + scalar(to_string(*step.at)));
    if (step.after)
        add("after", " " + scalar(to_string(*step.after)));
    const Written done =
        std::visit([&](const auto& action) { return written(action, indent); }, step.action);
    if (done.is_block) {
        add(done.verb, "");
        text += done.value;
    } else if (!done.verb.empty()) {
        add(done.verb, " " + done.value);
    }
    return text;
}

std::string lines_of(const std::vector<Step>& steps, const std::string& indent) {
    std::string text;
    for (const Step& step : steps)
        text += lines_of(step, indent);
    return text;
}

std::string written(const Lab& lab) {
    const Lab standard;
    Braces braces;
    const auto add_number = [&](std::string_view key, std::uint64_t value, std::uint64_t usual) {
        if (value != usual)
            braces.add(key, std::to_string(value));
    };
    braces.add("vems", std::to_string(lab.vems));
    if (lab.timers != standard.timers)
        braces.add("timers", word_of(kTimersWords, lab.timers));
    add_number("heartbeat_ms", lab.heartbeat_ms, standard.heartbeat_ms);
    add_number("multiplier", lab.multiplier, standard.multiplier);
    if (lab.traffic)
        braces.add("traffic", "true");
    if (lab.key)
        braces.add("key", "true");
    add_number("domain", lab.domain, standard.domain);
    if (!lab.nodes.empty()) {
        Braces nodes;
        for (const auto& [name, setting] : lab.nodes)
            nodes.add_written(name, written(setting));
        braces.add_written("nodes", nodes.text());
    }
    if (lab.ready)
        braces.add_written("ready", list(*lab.ready));
    add_number("slack_ms", lab.slack_ms, standard.slack_ms);
    add_number("seed", lab.seed, standard.seed);
    add_number("store_jitter_us", lab.store_jitter_us, standard.store_jitter_us);
    add_number("wake_jitter_us", lab.wake_jitter_us, standard.wake_jitter_us);
    if (lab.worlds != standard.worlds)
        braces.add_written("worlds", lab.worlds.sim ? "[sim]" : "[lab]");
    return braces.text();
}

/// One sentence a line.
std::string folded(const std::string& description) {
    std::string text = "  ";
    for (std::size_t at = 0; at < description.size(); ++at) {
        const bool ends =
            at > 0 && description[at] == ' ' &&
            std::string_view(".!?").find(description[at - 1]) != std::string_view::npos;
        text += ends ? "\n  " : std::string(1, description[at]);
    }
    return text + "\n";
}

}  // namespace

std::string write(const Scenario& scenario) {
    std::string text =
        "description: >\n" + folded(scenario.description) + "tags: " + list(scenario.tags) + "\n";
    text += "lab: " + written(scenario.lab) + "\n";
    if (!scenario.expect_errors.empty())
        text += "expect_errors: " + list(scenario.expect_errors) + "\n";
    return text + "steps:\n" + lines_of(scenario.steps, "  ");
}

}  // namespace sim::scenario
