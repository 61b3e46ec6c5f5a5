// See json.hpp.
#include "libsim/scenario/json.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "libsim/scenario/words.hpp"

namespace sim::scenario {
namespace {

using Json = nlohmann::json;

double in_milliseconds(Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

Json in_milliseconds(const std::optional<TimeExpression>& time, const Units& units) {
    return time ? Json(in_milliseconds(std::max(evaluate(*time, units), Duration{}))) : Json();
}

/// Nothing as null.
Json or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json to_json(const Setting& setting) {
    switch (setting.kind) {
        case Setting::Kind::null:
            return nullptr;
        case Setting::Kind::scalar:
            return setting.scalar;
        case Setting::Kind::list: {
            Json list = Json::array();
            for (const Setting& item : setting.items)
                list.push_back(to_json(item));
            return list;
        }
        case Setting::Kind::map: {
            Json map = Json::object();
            for (const auto& [key, value] : setting.members)
                map[key] = to_json(value);
            return map;
        }
    }
    return nullptr;
}

Json to_json(const Check& check) {
    return {{"kind", word_of(kCheckWords, check.kind)}, {"wanted", check.wanted}};
}

// -- expectations
// ----------------------------------------------------------------------------------

Json subject_of(const CommandShows& shown) {
    return {{"subject", "command"},
            {"node", shown.node},
            {"command", shown.command},
            {"path", or_null(shown.path)},
            {"check", to_json(shown.check)}};
}

Json subject_of(const StatusIs& status) {
    return subject_of(long_form(status));
}

Json subject_of(const ModuleIs& module) {
    return subject_of(long_form(module));
}

Json subject_of(const LogHas& log) {
    return {{"subject", "log"},
            {"node", log.node == kAnyNode ? Json() : Json(log.node)},
            {"log", log.words},
            {"since", word_of(kSinceWords, log.since)}};
}

Json subject_of(const AddressIs& address) {
    return {{"subject", "address"}, {"node", address.node}, {"held", address.held}};
}

Json subject_of(const ProcessIs& process) {
    return {{"subject", "process"},
            {"node", process.node},
            {"process", word_of(kProcessWords, process.state)}};
}

Json subject_of(const FramesSeen& seen) {
    return {
        {"subject", "frames"},         {"port", seen.port ? Json(to_string(*seen.port)) : Json()},
        {"from", or_null(seen.from)},  {"to", or_null(seen.to)},
        {"type", or_null(seen.type)},  {"since", word_of(kSinceWords, seen.since)},
        {"check", to_json(seen.check)}};
}

Json subject_of(const PingLost& ping) {
    return {{"subject", "ping"}, {"ping", ping.name}, {"check", to_json(ping.check)}};
}

Json subject_of(const DomainWhole&) {
    return {{"subject", "domain"}};
}

Json to_json(const Expectation& expectation, const Units& units) {
    Json json =
        std::visit([](const auto& subject) { return subject_of(subject); }, expectation.subject);
    const Watching& watching = expectation.watching;
    json["line"] = expectation.line.number;
    json["words"] = describe(expectation);
    json["mode"] = word_of(kWatchingWords, watching.mode);
    json["time_ms"] = in_milliseconds(watching.time, units);
    json["not_before_ms"] = in_milliseconds(watching.not_before, units);
    return json;
}

// -- steps
// -----------------------------------------------------------------------------------------

struct Verb {
    std::string name;
    Json value;
};

Json on_cable(const std::string& node, Cable cable, Json more) {
    more["node"] = node;
    more["cable"] = word_of(kCableWords, cable);
    return more;
}

template <typename Quality>
Json with_chance(const Quality& quality) {
    return on_cable(quality.node, quality.cable,
                    {{"percent", quality.chance * 100.0 / kCertain},
                     {"direction", word_of(kDirectionWords, quality.direction)}});
}

std::string hex_of(const ha::wire::Bytes& bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
        std::array<char, 4> digits{};
        std::snprintf(digits.data(), digits.size(), "%02x", byte);
        text += digits.data();
    }
    return text;
}

Json to_json(const std::vector<Step>& steps, const Units& units);

/// The verb of an action and what it needs.
class ToVerb {
public:
    explicit ToVerb(const Units& units) : units_(units) {}

    Verb operator()(const Nothing&) const { return {"nothing", nullptr}; }
    Verb operator()(const Start& start) const {
        return {
            "start",
            {{"nodes", start.nodes}, {"config", start.config ? to_json(*start.config) : Json()}}};
    }
    Verb operator()(const Signal& signal) const {
        return {word_of(kSignalWords, signal.kind), {{"nodes", signal.nodes}}};
    }
    Verb operator()(const PowerOff& power) const {
        return {"power_off",
                {{"node", power.node}, {"disk", word_of(kPowerOffDiskWords, power.disk)}}};
    }
    Verb operator()(const Disk& disk) const {
        return {"disk", {{"node", disk.node}, {"full", disk.full}}};
    }
    Verb operator()(const Clock& clock) const {
        return {"clock",
                {{"node", clock.node},
                 {"drift_ppm", clock.drift_ppm ? Json(*clock.drift_ppm) : Json()},
                 {"step_ms", clock.step ? Json(in_milliseconds(*clock.step)) : Json()}}};
    }
    Verb operator()(const Cut& cut) const {
        return {"cut", on_cable(cut.node, cut.cable,
                                {{"direction", word_of(kDirectionWords, cut.direction)},
                                 {"carrier", cut.carrier},
                                 {"from", or_null(cut.from)}})};
    }
    Verb operator()(const Partition& partition) const {
        return {"partition",
                {{"groups", partition.groups}, {"cable", word_of(kCableWords, partition.cable)}}};
    }
    Verb operator()(const Heal& heal) const {
        return {"heal", on_cable(heal.node, heal.cable, Json::object())};
    }
    Verb operator()(const Mend&) const { return {"mend", nullptr}; }
    Verb operator()(const Loss& loss) const { return {"loss", with_chance(loss)}; }
    Verb operator()(const Duplicate& duplicate) const {
        return {"duplicate", with_chance(duplicate)};
    }
    Verb operator()(const Corrupt& corrupt) const { return {"corrupt", with_chance(corrupt)}; }
    Verb operator()(const WireVersion& version) const {
        return {"wire_version",
                on_cable(version.node, version.cable,
                         {{"number", version.number},
                          {"direction", word_of(kDirectionWords, version.direction)}})};
    }
    Verb operator()(const Delay& delay) const {
        return {"delay", on_cable(delay.node, delay.cable,
                                  {{"ms", in_milliseconds(delay.delay)},
                                   {"jitter_ms", in_milliseconds(delay.jitter)},
                                   {"reorder", delay.reorder},
                                   {"direction", word_of(kDirectionWords, delay.direction)}})};
    }
    Verb operator()(const Link& link) const {
        return {"link", on_cable(link.node, link.cable, {{"up", link.up}})};
    }
    Verb operator()(const Unplug& unplug) const {
        return {"unplug", on_cable(unplug.node, unplug.cable, Json::object())};
    }
    Verb operator()(const Plug& plug) const {
        return {"plug", on_cable(plug.node, plug.cable,
                                 {{"mac", plug.mac ? Json(plug.mac->to_string()) : Json()}})};
    }
    Verb operator()(const Command& command) const {
        return {"command",
                {{"node", command.node},
                 {"run", command.run},
                 {"exit", command.exit},
                 {"print", command.print},
                 {"wait", command.wait}}};
    }
    Verb operator()(const Inject& inject) const {
        return {
            "inject",
            {{"port", to_string(inject.port)},
             {"to", inject.to},
             {"kind", inject.kind ? Json(word_of(kInjectKindWords, *inject.kind)) : Json()},
             {"hex", inject.kind ? Json() : Json(hex_of(inject.bytes))},
             {"like", inject.kind ? Json(inject.like.empty() ? inject.to : inject.like) : Json()},
             {"type", inject.type ? Json(to_string(*inject.type)) : Json()},
             {"count", inject.count}}};
    }
    Verb operator()(const Ping& ping) const {
        return {"ping",
                {{"name", ping.name},
                 {"from", ping.from},
                 {"to", ping.to},
                 {"interval_ms", in_milliseconds(ping.interval)}}};
    }
    Verb operator()(const Repeat& repeat) const {
        return {"repeat", {{"times", repeat.times}, {"steps", to_json(repeat.steps, units_)}}};
    }
    Verb operator()(const Expect& expect) const {
        Json list = Json::array();
        for (const Expectation& one : expect.expectations)
            list.push_back(to_json(one, units_));
        return {"expect", list};
    }

private:
    Units units_;
};

Json to_json(const std::vector<Step>& steps, const Units& units) {
    Json list = Json::array();
    for (const Step& step : steps) {
        Verb verb = std::visit(ToVerb(units), step.action);
        list.push_back({{"line", step.line.number},
                        {"say", or_null(step.say)},
                        {"at_ms", in_milliseconds(step.at, units)},
                        {"after_ms", in_milliseconds(step.after, units)},
                        {"verb", verb.name},
                        {"value", std::move(verb.value)},
                        {"words", describe(step.action)}});
    }
    return list;
}

Json to_json(const Lab& lab) {
    const Units units = units_of(lab);
    Json nodes = Json::object();
    for (const auto& [name, setting] : lab.nodes)
        nodes[name] = to_json(setting);
    Json worlds = Json::array();
    if (lab.worlds.sim)
        worlds.push_back("sim");
    if (lab.worlds.lab)
        worlds.push_back("lab");
    return {{"vems", lab.vems},
            {"timers", word_of(kTimersWords, lab.timers)},
            {"heartbeat_ms", in_milliseconds(units.heartbeat)},
            {"loss_interval_ms", in_milliseconds(units.loss_interval)},
            {"headless_ms", in_milliseconds(units.headless)},
            {"multiplier", units.loss_interval / units.heartbeat},
            {"traffic", lab.traffic},
            {"key", lab.key},
            {"domain", lab.domain},
            {"nodes", nodes},
            {"ready", lab.ready ? Json(*lab.ready) : Json("ha")},
            {"slack_ms", lab.slack_ms},
            {"seed", lab.seed},
            {"worlds", worlds}};
}

}  // namespace

nlohmann::json to_json(const Scenario& scenario) {
    return {{"name", scenario.name},
            {"description", scenario.description},
            {"tags", scenario.tags},
            {"lab", to_json(scenario.lab)},
            {"expect_errors", scenario.expect_errors},
            {"harmless_errors", harmless_errors()},
            {"steps", to_json(scenario.steps, units_of(scenario.lab))}};
}

}  // namespace sim::scenario
