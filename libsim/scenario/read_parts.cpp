// See read_parts.hpp.
#include "libsim/scenario/read_parts.hpp"

#include <algorithm>

namespace sim::scenario {
namespace {

constexpr std::int64_t kMicrosecondsInMillisecond = 1000;

void complain(Section& section, std::string_view key, std::optional<std::size_t> item,
              const std::string& text) {
    if (item)
        section.complain_item(key, *item, text);
    else
        section.complain(key, text);
}

bool check_plugged_in(Section& section, std::string_view key, const std::string& name,
                      const Known& known, std::optional<std::size_t> item = std::nullopt) {
    if (!check_node_name(section, key, name, item))
        return false;
    if (known.nodes.contains(name))
        return true;
    complain(section, key, item,
             "the lab has no " + name + " here (lab.vems is " + std::to_string(known.lab.vems) +
                 "; 'start' plugs a node in)");
    return false;
}

}  // namespace

std::string scalar_of(const Node& node) {
    return node.kind == Node::Kind::scalar ? node.scalar : "";
}

Setting setting_of(const Node& node) {
    Setting setting;
    setting.line = {node.line};
    switch (node.kind) {
        case Node::Kind::null:
            break;
        case Node::Kind::scalar:
            setting.kind = Setting::Kind::scalar;
            setting.scalar = node.scalar;
            break;
        case Node::Kind::list:
            setting.kind = Setting::Kind::list;
            for (const Node& item : node.items)
                setting.items.push_back(setting_of(item));
            break;
        case Node::Kind::map:
            setting.kind = Setting::Kind::map;
            for (const auto& member : node.members)
                setting.members.emplace_back(member.key, setting_of(member.value));
            break;
    }
    return setting;
}

bool check_node_name(Section& section, std::string_view key, const std::string& name,
                     std::optional<std::size_t> item) {
    if (is_node(name))
        return true;
    complain(section, key, item, quoted(name) + " is no node (" + std::string(kNodesWanted) + ")");
    return false;
}

std::string read_node(Section& section, std::string_view key, const Known& known) {
    const auto name = section.scalar(key, kNodesWanted, Need::required);
    return name && check_plugged_in(section, key, *name, known) ? *name : "";
}

std::vector<std::string> read_nodes(Section& section, std::string_view key, const Known& known) {
    std::vector<std::string> nodes;
    const Node* value = section.value(key);
    const bool is_list = value != nullptr && value->kind == Node::Kind::list;
    if (!is_list) {
        const std::string node = read_node(section, key, known);
        return node.empty() ? nodes : std::vector{node};
    }
    if (value->items.empty())
        section.complain(key, "the list is empty (one node or more)");
    const std::vector<std::string> names = section.texts(key, "a node");
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (value->items[i].kind != Node::Kind::scalar)
            continue;
        if (std::ranges::find(nodes, names[i]) != nodes.end())
            section.complain_item(key, i, quoted(names[i]) + " is given twice");
        else if (check_plugged_in(section, key, names[i], known, i))
            nodes.push_back(names[i]);
    }
    return nodes;
}

std::string read_text(Section& section, std::string_view key, std::string_view what) {
    return section.text(key, what, kMaximumText, Need::required).value_or("");
}

std::vector<std::string> read_text_or_list(Section& section, std::string_view key,
                                           std::string_view what) {
    const Node* value = section.value(key);
    if (value == nullptr || value->kind != Node::Kind::list)
        return {read_text(section, key, what)};
    if (value->items.empty())
        section.complain(key, "the list is empty (" + std::string(what) + " or more)");
    std::vector<std::string> texts = section.texts(key, what);
    for (std::size_t i = 0; i < texts.size(); ++i)
        if (texts[i].empty() || texts[i].size() > kMaximumText)
            section.complain_item(key, i,
                                  "has " + std::to_string(texts[i].size()) + " bytes (1 to " +
                                      std::to_string(kMaximumText) + ")");
    return texts;
}

Cable read_cable(Section& section) {
    return read_word<Cable>(section, "cable", kCableWords, Need::required).value_or(Cable::all);
}

Direction read_direction(Section& section) {
    return read_word<Direction>(section, "direction", kDirectionWords).value_or(Direction::both);
}

std::optional<Duration> read_milliseconds(Section& section, std::string_view key,
                                          std::int64_t minimum_ms, std::int64_t maximum_ms,
                                          Need need) {
    const auto microseconds = section.decimal(
        key, {minimum_ms * kMicrosecondsInMillisecond, maximum_ms * kMicrosecondsInMillisecond, 3},
        need);
    return microseconds ? std::optional<Duration>(std::chrono::microseconds{*microseconds})
                        : std::nullopt;
}

std::optional<Chance> read_percent(Section& section) {
    const auto millionths = section.decimal("percent", {0, kCertain, 4}, Need::required);
    return millionths ? std::optional(static_cast<Chance>(*millionths)) : std::nullopt;
}

std::optional<TimeExpression> read_time(Section& section, std::string_view key,
                                        const Known& known) {
    const auto text = section.scalar(key, "like 3T, 0.5T + h, 500 ms");
    if (!text)
        return std::nullopt;
    auto time = parse_time(*text);
    if (!time) {
        section.complain(key, time.error());
        return std::nullopt;
    }
    if (evaluate(*time, units_of(known.lab)) < Duration{}) {
        section.complain(key, quoted(*text) +
                                  " is negative with the timers of this lab (0 ms or "
                                  "more)");
        return std::nullopt;
    }
    return std::move(*time);
}

void require_sim_only(Section& section, std::string_view what, const Known& known) {
    if (known.lab.worlds.lab)
        section.complain(
            "", std::string(what) + " is for simulated hosts only (say so: lab: {worlds: [sim]})");
}

}  // namespace sim::scenario
