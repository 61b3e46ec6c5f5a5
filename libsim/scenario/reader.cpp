// Reads a scenario file: what it is about, the lab, then the steps. See reader.hpp.
#include "libsim/scenario/reader.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "libsim/scenario/read_parts.hpp"

namespace sim::scenario {
namespace {

constexpr std::size_t kMaximumSize = std::size_t{1} << 20U;
constexpr unsigned kDocumentedMinimum = 6;
constexpr unsigned kDocumentedMaximum = 30;
constexpr std::uint64_t kMaximumSeed = INT64_MAX;

/// "test/scenarios/hb-3-degraded.yaml" → "hb-3-degraded".
std::string stem_of(const std::string& file) {
    const std::size_t slash = file.rfind('/');
    std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
    const std::size_t dot = name.rfind('.');
    if (dot != std::string::npos && dot > 0)
        name.resize(dot);
    return name;
}

/// The words with one blank between them.
std::string unfolded(const std::string& text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = text.find_first_not_of(" \t\r\n", at);
        if (begin == std::string::npos)
            break;
        at = std::min(text.find_first_of(" \t\r\n", begin), text.size());
        result += (result.empty() ? "" : " ") + text.substr(begin, at - begin);
    }
    return result;
}

/// Sentences end with . ! or ? before a blank or the end.
std::size_t sentences_in(const std::string& text) {
    std::size_t count = 0;
    bool open = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool ends = text[at] == '.' || text[at] == '!' || text[at] == '?';
        if (ends && (at + 1 == text.size() || text[at + 1] == ' ')) {
            ++count;
            open = false;
        } else {
            open = open || text[at] != ' ';
        }
    }
    return count + (open ? 1 : 0);
}

std::string read_description(Section& root) {
    const auto text = root.scalar("description", "two sentences", Need::required);
    if (!text)
        return "";
    std::string description = unfolded(*text);
    if (ha::yaml::printable(description, description.size()) != description)
        root.complain("description", "holds control characters");
    if (const std::size_t count = sentences_in(description); count != 2)
        root.complain("description", "has " + std::to_string(count) +
                                         " sentences (2: what happens, and what must hold)");
    return description;
}

/// A list of words, each of which matches `pattern`.
std::vector<std::string> read_words(Section& root, std::string_view key, const char* pattern,
                                    std::string_view example) {
    const RE2 wanted(pattern);
    std::vector<std::string> words = root.texts(key, example);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!RE2::FullMatch(words[i], wanted))
            root.complain_item(key, i, quoted(words[i]) + " is not like " + std::string(example));
        else if (std::ranges::find(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(i),
                                   words[i]) != words.begin() + static_cast<std::ptrdiff_t>(i))
            root.complain_item(key, i, quoted(words[i]) + " is given twice");
    }
    const Node* value = root.value(key);
    if (value != nullptr && value->kind == Node::Kind::list && words.empty())
        root.complain(key, "the list is empty (one or more like " + std::string(example) + ")");
    return words;
}

Worlds read_worlds(Section& section) {
    Worlds worlds;
    const Node* value = section.value("worlds");
    if (value == nullptr)
        return worlds;
    worlds = {false, false};
    const std::vector<std::string> words = section.texts("worlds", "sim or lab");
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] != "sim" && words[i] != "lab")
            section.complain_item("worlds", i, quoted(words[i]) + " is not one of: sim, lab");
        worlds.sim = worlds.sim || words[i] == "sim";
        worlds.lab = worlds.lab || words[i] == "lab";
    }
    if (value->kind != Node::Kind::list || words.empty())
        section.complain("worlds", "a list of sim, lab or both is expected here");
    return worlds;
}

void read_timers(Section& section, Lab& lab) {
    lab.timers = read_word<Timers>(section, "timers", kTimersWords).value_or(Timers::fast);
    if (const auto heartbeat = section.integer("heartbeat_ms", {5, 1000}))
        lab.heartbeat_ms = static_cast<unsigned>(*heartbeat);
    if (const auto multiplier = section.integer("multiplier", {3, 1000}))
        lab.multiplier = static_cast<unsigned>(*multiplier);
    if (lab.timers != Timers::nx_os)
        return;
    if (lab.heartbeat_ms != 0)
        section.complain("heartbeat_ms", "with nx-os timers a heartbeat is 1 s (leave it out)");
    if (lab.multiplier != 0 &&
        (lab.multiplier < kDocumentedMinimum || lab.multiplier > kDocumentedMaximum))
        section.complain("multiplier", std::to_string(lab.multiplier) +
                                           " is out of range with nx-os timers (6..30)");
}

void read_nodes_of_lab(Section& section, Lab& lab) {
    auto nodes = section.section("nodes");
    if (!nodes || !nodes->is_mapping())
        return;
    for (const auto& member : nodes->members()) {
        nodes->allow(member.key);
        if (!check_node_name(*nodes, member.key, member.key))
            continue;
        if (member.value.kind != Node::Kind::map)
            nodes->complain(member.key, "a part of the node's configuration is expected here");
        lab.nodes[member.key] = setting_of(member.value);
    }
}

void read_ready(Section& section, Lab& lab) {
    const Node* value = section.value("ready");
    if (value == nullptr || scalar_of(*value) == "ha")
        return;
    if (value->kind != Node::Kind::list) {
        section.complain("ready", "'ha' or a list of the nodes to start is expected here");
        return;
    }
    lab.ready = section.texts("ready", "a node");
    for (std::size_t i = 0; i < lab.ready->size(); ++i)
        check_node_name(section, "ready", (*lab.ready)[i], i);
}

Lab read_lab(Section& section) {
    Lab lab;
    if (!section.is_mapping())
        return lab;
    lab.vems = static_cast<unsigned>(section.integer("vems", {0, kMaximumVems}).value_or(lab.vems));
    read_timers(section, lab);
    lab.traffic = section.truth("traffic").value_or(false);
    lab.key = section.truth("key").value_or(false);
    lab.domain = static_cast<unsigned>(
        section.integer("domain", {ha::kDomainIdMinimum, ha::kDomainIdMaximum})
            .value_or(lab.domain));
    read_nodes_of_lab(section, lab);
    read_ready(section, lab);
    lab.slack_ms =
        static_cast<unsigned>(section.integer("slack_ms", {0, 60'000}).value_or(lab.slack_ms));
    const auto microseconds = [&](const char* key) {
        return static_cast<unsigned>(section.integer(key, {0, 1'000'000}).value_or(0));
    };
    lab.store_jitter_us = microseconds("store_jitter_us");
    lab.wake_jitter_us = microseconds("wake_jitter_us");
    lab.seed = section.integer("seed", {0, kMaximumSeed}).value_or(lab.seed);
    lab.worlds = read_worlds(section);
    section.finish();
    return lab;
}

Scenario read_root(Section& root, const std::string& file) {
    Scenario scenario;
    scenario.name = stem_of(file);
    scenario.description = read_description(root);
    if (root.is_mapping() && root.value("tags") == nullptr)
        root.complain("tags", "is missing (a list of numbers like HB-3 or PAIN-4)");
    scenario.tags =
        read_words(root, "tags",
                   "(ROLE|BOOT|HB|LOSS|SB|COL|VEM|SYNC|SW|OPS|SVC|NET|OS|ANY)-[0-9]+|PAIN-[0-9]+",
                   "HB-3 or PAIN-4");
    if (auto section = root.section("lab"))
        scenario.lab = read_lab(*section);
    scenario.expect_errors = read_words(root, "expect_errors", "[A-Z][A-Z0-9_]*", "ROLE_COLLISION");
    Known known;
    known.lab = scenario.lab;
    for (const std::string& node : default_nodes(scenario.lab.vems))
        known.nodes.insert(node);
    if (scenario.lab.ready)
        known.nodes.insert(scenario.lab.ready->begin(), scenario.lab.ready->end());
    if (root.is_mapping())
        scenario.steps = read_steps(root, "steps", known);
    root.finish();
    return scenario;
}

}  // namespace

tl::expected<Scenario, std::vector<std::string>> read(const std::string& text,
                                                      const std::string& file) {
    ha::yaml::Problems problems(file);
    if (text.size() > kMaximumSize) {
        problems.add(0, "",
                     std::to_string(text.size()) + " bytes are more than a scenario has (" +
                         std::to_string(kMaximumSize) + ")");
        return tl::unexpected(problems.lines());
    }
    const Node tree = ha::yaml::parse(text, problems);
    if (!problems.empty() && tree.kind == Node::Kind::null)
        return tl::unexpected(problems.lines());
    Section root(tree, "", problems);
    Scenario scenario = read_root(root, file);
    if (!problems.empty())
        return tl::unexpected(problems.lines());
    return scenario;
}

}  // namespace sim::scenario
