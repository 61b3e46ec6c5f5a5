// Reads steps: one verb each, with what it needs. See read_parts.hpp.
#include <algorithm>
#include <array>

#include "libsim/scenario/read_parts.hpp"

namespace sim::scenario {
namespace {

constexpr std::uint64_t kMaximumRepetitions = 10'000;
constexpr std::uint64_t kMaximumInjected = 10'000;
constexpr std::size_t kMaximumPayload = 1500;
constexpr std::int64_t kMaximumDelayMs = 60'000;
constexpr std::int64_t kMaximumDriftPpm = 200'000;
constexpr std::int64_t kMaximumClockStepMs = 1'000'000'000'000;

/// Reads the value of a verb: `step` is the step, `key` the verb in it.
using ReadAction = Action (*)(Section& step, std::string_view key, Known& known);

/// A verb whose value is a mapping.
template <Action (*read)(Section&, Known&)>
Action in_mapping(Section& step, std::string_view key, Known& known) {
    auto value = step.section(key, Need::required);
    if (!value || !value->is_mapping())
        return Nothing{};
    Action action = read(*value, known);
    value->finish();
    return action;
}

// -- processes and hosts
// ---------------------------------------------------------------------------

Action read_start(Section& step, std::string_view key, Known& known) {
    Start start;
    const Node* value = step.value(key);
    Known any = known;  // a node that is not there yet is plugged in
    const auto plug_in = [&](const std::string& name) {
        if (is_node(name)) {
            any.nodes.insert(name);
            known.nodes.insert(name);
        }
    };
    if (value->kind == Node::Kind::scalar)
        plug_in(value->scalar);
    for (const Node& item : value->items)
        plug_in(scalar_of(item));
    if (value->kind != Node::Kind::map) {
        start.nodes = read_nodes(step, key, any);
        return start;
    }
    auto section = step.section(key);
    if (const Node* node = section->value("node"); node != nullptr)
        plug_in(scalar_of(*node));
    if (const std::string node = read_node(*section, "node", any); !node.empty())
        start.nodes.push_back(node);
    if (const Node* config = section->value("config"); config != nullptr) {
        start.config = setting_of(*config);
        if (config->kind != Node::Kind::map)
            section->complain("config", "a part of the node's configuration is expected here");
    }
    section->finish();
    return start;
}

template <Signal::Kind kind>
Action read_signal(Section& step, std::string_view key, Known& known) {
    return Signal{kind, read_nodes(step, key, known)};
}

Action read_power_off(Section& value, Known& known) {
    const std::string node = read_node(value, "node", known);
    return PowerOff{node, read_word<PowerOff::Disk>(value, "disk", kPowerOffDiskWords)
                              .value_or(PowerOff::Disk::kept)};
}

Action read_disk(Section& value, Known& known) {
    require_sim_only(value, "a full disk", known);
    const std::string node = read_node(value, "node", known);
    return Disk{node, value.truth("full", Need::required).value_or(true)};
}

Action read_clock(Section& value, Known& known) {
    require_sim_only(value, "a clock of its own", known);
    Clock clock;
    clock.node = read_node(value, "node", known);
    if (const auto drift = value.decimal("drift_ppm", {-kMaximumDriftPpm, kMaximumDriftPpm, 0}))
        clock.drift_ppm = static_cast<std::int32_t>(*drift);
    clock.step = read_milliseconds(value, "step_ms", -kMaximumClockStepMs, kMaximumClockStepMs,
                                   Need::optional);
    if (value.value("drift_ppm") == nullptr && value.value("step_ms") == nullptr)
        value.complain("", "needs drift_ppm or step_ms");
    return clock;
}

// -- cables
// ----------------------------------------------------------------------------------------

Action read_cut(Section& value, Known& known) {
    Cut cut;
    cut.node = read_node(value, "node", known);
    cut.cable = read_cable(value);
    cut.direction = read_direction(value);
    cut.carrier = value.truth("carrier").value_or(false);
    if (value.has("from"))
        cut.from = read_node(value, "from", known);
    if (cut.carrier && value.has("from"))
        value.complain("carrier", "a cut between two nodes takes nobody's carrier");
    else if (cut.carrier && cut.direction != Direction::both)
        value.complain("carrier", "a lost carrier is lost in both directions");
    if (!cut.from.empty() && cut.from == cut.node)
        value.complain("from", quoted(cut.from) + " is the node itself");
    return cut;
}

Action read_partition(Section& value, Known& known) {
    Partition partition;
    const Node* groups = value.value("groups");
    if (groups == nullptr || groups->kind != Node::Kind::list || groups->items.size() < 2) {
        value.complain("groups", "two lists of nodes or more: [[vsm-a, vem-3], [vsm-b]]");
    } else {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < groups->items.size(); ++i) {
            // A mapping of one key, so that a group is read like every other list of nodes.
            Node holder;
            holder.kind = Node::Kind::map;
            holder.line = groups->items[i].line;
            holder.members.push_back({"nodes", holder.line, groups->items[i]});
            Section group(holder, value.path_of("groups") + "[" + std::to_string(i) + "]",
                          value.problems());
            partition.groups.push_back(read_nodes(group, "nodes", known));
            for (const std::string& node : partition.groups.back()) {
                if (!seen.insert(node).second)
                    value.complain_item("groups", i, quoted(node) + " is in two groups");
            }
        }
    }
    partition.cable = read_cable(value);
    return partition;
}

Action read_heal(Section& value, Known& known) {
    const std::string node = read_node(value, "node", known);
    return Heal{node, read_cable(value)};
}

Action read_mend(Section& step, std::string_view key, Known&) {
    constexpr std::array<std::string_view, 1> kWords{"everything"};
    step.choice(key, kWords, Need::required);
    return Mend{};
}

template <typename Quality>
Action read_chance(Section& value, Known& known) {
    Quality quality;
    quality.node = read_node(value, "node", known);
    quality.cable = read_cable(value);
    quality.chance = read_percent(value).value_or(0);
    quality.direction = read_direction(value);
    return quality;
}

Action read_wire_version(Section& value, Known& known) {
    WireVersion version;
    version.node = read_node(value, "node", known);
    version.cable = read_cable(value);
    version.number =
        static_cast<std::uint8_t>(value.integer("number", {1, 255}, Need::required).value_or(1));
    version.direction = read_direction(value);
    return version;
}

Action read_delay(Section& value, Known& known) {
    Delay delay;
    delay.node = read_node(value, "node", known);
    delay.cable = read_cable(value);
    delay.delay =
        read_milliseconds(value, "ms", 0, kMaximumDelayMs, Need::required).value_or(Duration{});
    delay.jitter = read_milliseconds(value, "jitter_ms", 0, kMaximumDelayMs, Need::optional)
                       .value_or(Duration{});
    delay.reorder = value.truth("reorder").value_or(false);
    delay.direction = read_direction(value);
    if (delay.reorder && delay.jitter == Duration{})
        value.complain("reorder", "without 'jitter_ms' nothing changes the order");
    return delay;
}

Action read_link(Section& value, Known& known) {
    const std::string node = read_node(value, "node", known);
    const Cable cable = read_cable(value);
    return Link{node, cable, value.truth("up", Need::required).value_or(true)};
}

Action read_unplug(Section& value, Known& known) {
    const std::string node = read_node(value, "node", known);
    return Unplug{node, read_cable(value)};
}

Action read_plug(Section& value, Known& known) {
    Plug plug;
    plug.node = read_node(value, "node", known);
    plug.cable = read_cable(value);
    const auto text = value.scalar("mac", "a MAC address");
    if (!text)
        return plug;
    const auto mac = ha::MacAddress::parse(*text);
    if (!mac)
        value.complain("mac", quoted(*text) + " is not a MAC address: " + mac.error());
    else if (mac->is_zero() || mac->is_group())
        value.complain("mac", quoted(*text) + " is not the MAC address of one node");
    else
        plug.mac = *mac;
    if (plug.cable == Cable::all)
        value.complain("mac", "two interfaces cannot have one MAC (cable: control or mgmt)");
    return plug;
}

// -- what an operator and others do
// ----------------------------------------------------------------

Action read_command(Section& value, Known& known) {
    Command command;
    command.node = read_node(value, "node", known);
    command.run = read_text_or_list(value, "run", "a command line");
    command.exit = static_cast<int>(value.integer("exit", {0, 255}).value_or(0));
    command.print = value.truth("print").value_or(false);
    command.wait = value.truth("wait").value_or(true);
    if (!command.wait && (command.exit != 0 || command.print))
        value.complain("wait", "nobody sees how it ends (no exit or print with wait: false)");
    return command;
}

ha::wire::Bytes read_hex(Section& value) {
    const std::string text = value.scalar("hex", "like 56534841 01 02").value_or("");
    const auto digit = [](char character) -> int {
        if (character >= '0' && character <= '9')
            return character - '0';
        if (character >= 'a' && character <= 'f')
            return character - 'a' + 10;
        return character >= 'A' && character <= 'F' ? character - 'A' + 10 : -1;
    };
    ha::wire::Bytes bytes;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ' ' || text[at] == '\n' || text[at] == '\t') {
            ++at;
            continue;
        }
        const int high = digit(text[at]);
        const int low = at + 1 < text.size() ? digit(text[at + 1]) : -1;
        if (high < 0 || low < 0) {
            value.complain("hex", quoted(text) +
                                      " is not in pairs of hexadecimal digits (like "
                                      "56534841 01 02)");
            return bytes;
        }
        bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
        at += 2;
    }
    if (bytes.empty() || bytes.size() > kMaximumPayload)
        value.complain("hex", std::to_string(bytes.size()) + " bytes are out of range (1.." +
                                  std::to_string(kMaximumPayload) + ")");
    return bytes;
}

Action read_inject(Section& value, Known& known) {
    Inject inject;
    if (const auto port = value.choice("port", kPortWords, Need::required))
        inject.port = ha::kPortKinds[*port];
    inject.to = read_node(value, "to", known);
    const bool has_hex = value.has("hex");
    if (has_hex == value.has("kind"))
        value.complain("", "needs either 'hex' (all after the EtherType) or 'kind'");
    inject.kind = read_word<InjectKind>(value, "kind", kInjectKindWords);
    const bool has_like = value.has("like");
    if (has_like)
        inject.like = read_node(value, "like", known);
    if (const auto type = value.choice("type", frame_type_words()))
        inject.type = static_cast<ha::wire::FrameType>(*type + 1);
    if (has_hex) {
        inject.bytes = read_hex(value);
        for (const std::string_view key : {"like", "type"}) {
            if (value.has(key))
                value.complain(key, "goes with 'kind', not with 'hex'");
        }
    } else if (inject.kind && !has_like && inject.kind != InjectKind::reflected) {
        value.complain("", "needs 'like': the node whose frame it is made from");
    } else if (inject.kind == InjectKind::reflected && has_like) {
        value.complain("like", "a reflected frame is the node's own (leave it out)");
    }
    inject.count = static_cast<unsigned>(value.integer("count", {1, kMaximumInjected}).value_or(1));
    return inject;
}

bool is_endpoint(std::string_view text) {
    if (text == "station")
        return true;
    const std::size_t dash = text.rfind("-vm");
    return dash != std::string_view::npos && is_module(text.substr(0, dash)) &&
           (text.substr(dash) == "-vm1" || text.substr(dash) == "-vm2");
}

bool is_lower_word(std::string_view text) {
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    return std::ranges::all_of(text, is_part) && !text.empty() && text[0] >= 'a' && text[0] <= 'z';
}

Action read_ping(Section& value, Known& known) {
    Ping ping;
    ping.name = read_text(value, "name", "a word like between-vms");
    if (!ping.name.empty() && !is_lower_word(ping.name))
        value.complain("name", quoted(ping.name) +
                                   " is no word like between-vms (a letter, then "
                                   "of a-z 0-9 -)");
    ping.from = read_text(value, "from", "vem-3-vm1 or station");
    if (!ping.from.empty() && !is_endpoint(ping.from))
        value.complain("from", quoted(ping.from) +
                                   " cannot ping (vem-3-vm1, vem-3-vm2 … or "
                                   "station)");
    ping.to = read_text(value, "to", "vem-3-vm2 or an address");
    const bool is_address = ping.to.find_first_not_of("0123456789abcdef.:") == std::string::npos;
    if (!ping.to.empty() && !is_address && !is_endpoint(ping.to))
        value.complain("to", quoted(ping.to) +
                                 " cannot be pinged (vem-3-vm2, station or an "
                                 "address)");
    if (const auto interval = value.integer("interval_ms", {1, 60'000}))
        ping.interval = std::chrono::milliseconds{*interval};
    known.pings.insert(ping.name);
    return ping;
}

// -- what holds others
// -----------------------------------------------------------------------------

Action read_repeat(Section& value, Known& known) {
    Repeat repeat;
    repeat.times = static_cast<unsigned>(
        value.integer("times", {1, kMaximumRepetitions}, Need::required).value_or(1));
    repeat.steps = read_steps(value, "steps", known);
    return repeat;
}

Action read_expect(Section& step, std::string_view key, Known& known) {
    Expect expect;
    if (auto value = step.section(key, Need::required))
        expect.expectations.push_back(read_expectation(*value, known));
    return expect;
}

Action read_all(Section& step, std::string_view key, Known& known) {
    Expect expect;
    const Node* value = step.value(key);
    if (value->kind != Node::Kind::list || value->items.empty()) {
        step.complain(key, "a list of expectations, one or more, is expected here");
        return expect;
    }
    for (Section& one : step.sections(key))
        expect.expectations.push_back(read_expectation(one, known));
    return expect;
}

struct Verb {
    std::string_view word;
    ReadAction read;
};
constexpr std::array kVerbs{
    Verb{"start", read_start},
    Verb{"stop", read_signal<Signal::Kind::stop>},
    Verb{"kill", read_signal<Signal::Kind::kill>},
    Verb{"freeze", read_signal<Signal::Kind::freeze>},
    Verb{"thaw", read_signal<Signal::Kind::thaw>},
    Verb{"hang_up", read_signal<Signal::Kind::hang_up>},
    Verb{"crash", read_signal<Signal::Kind::crash>},
    Verb{"power_off", in_mapping<read_power_off>},
    Verb{"disk", in_mapping<read_disk>},
    Verb{"clock", in_mapping<read_clock>},
    Verb{"cut", in_mapping<read_cut>},
    Verb{"partition", in_mapping<read_partition>},
    Verb{"heal", in_mapping<read_heal>},
    Verb{"mend", read_mend},
    Verb{"loss", in_mapping<read_chance<Loss>>},
    Verb{"delay", in_mapping<read_delay>},
    Verb{"duplicate", in_mapping<read_chance<Duplicate>>},
    Verb{"corrupt", in_mapping<read_chance<Corrupt>>},
    Verb{"wire_version", in_mapping<read_wire_version>},
    Verb{"link", in_mapping<read_link>},
    Verb{"unplug", in_mapping<read_unplug>},
    Verb{"plug", in_mapping<read_plug>},
    Verb{"command", in_mapping<read_command>},
    Verb{"inject", in_mapping<read_inject>},
    Verb{"ping", in_mapping<read_ping>},
    Verb{"repeat", in_mapping<read_repeat>},
    Verb{"expect", read_expect},
    Verb{"all", read_all},
};

Step read_step(Section& section, Known& known) {
    Step step;
    step.line = {section.line()};
    if (!section.is_mapping())
        return step;
    std::vector<const Verb*> given;
    for (const Verb& verb : kVerbs) {
        if (section.value(verb.word) != nullptr)
            given.push_back(&verb);
    }
    step.say = section.text("say", "a heading", kMaximumText).value_or("");
    step.at = read_time(section, "at", known);
    step.after = read_time(section, "after", known);
    if (given.size() > 1)
        section.complain(given[1]->word, "a step does one thing (" + std::string(given[0]->word) +
                                             " or " + std::string(given[1]->word) + ")");
    else if (given.empty() && section.members().empty())
        section.complain("", "a step does one thing, and this one nothing");
    for (const Verb* verb : given)
        step.action = verb->read(section, verb->word, known);
    section.finish();
    return step;
}

}  // namespace

std::vector<Step> read_steps(Section& parent, std::string_view key, Known& known) {
    std::vector<Step> steps;
    const Node* value = parent.value(key);
    if (value == nullptr || value->kind != Node::Kind::list || value->items.empty()) {
        parent.complain(key, "a list with one step or more is expected here");
        return steps;
    }
    for (Section& section : parent.sections(key))
        steps.push_back(read_step(section, known));
    return steps;
}

}  // namespace sim::scenario
