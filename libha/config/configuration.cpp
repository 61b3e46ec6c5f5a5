// See configuration.hpp.
#include "libha/config/configuration.hpp"

#include <algorithm>

#include "libha/config/commands.hpp"

namespace ha::config {
namespace {

constexpr std::string_view kUnknownOrder = "~";

std::string_view section_of(std::string_view record_name) {
    const auto end = record_name.find('\n');
    return end == std::string_view::npos ? std::string_view() : record_name.substr(0, end);
}

std::string order_of(Mode mode, std::string_view line) {
    const auto match = find(mode, line);
    return match ? match->order : std::string(kUnknownOrder).append(line);
}

/// A line at top level with what stands below it.
struct Block {
    std::string order;
    std::string line;
    std::vector<std::pair<std::string, std::string>> below;  ///< order and line
};

}  // namespace

std::string record_name(std::string_view section, std::string_view place) {
    std::string name(section);
    if (!section.empty())
        name += '\n';
    return name.append(place);
}

Configuration Configuration::of(const records::Database& database, records::Space space) {
    Configuration configuration;
    for (const auto& [key, value] : database.of(space))
        configuration.lines_.emplace(key.name, value);
    return configuration;
}

const std::string* Configuration::find(std::string_view record_name) const {
    const auto found = lines_.find(record_name);
    return found == lines_.end() ? nullptr : &found->second;
}

void Configuration::apply(const records::Changes& changes) {
    for (const records::Change& change : changes) {
        if (change.value)
            lines_.insert_or_assign(change.key.name, *change.value);
        else
            lines_.erase(change.key.name);
    }
}

records::Changes Configuration::changes_to(const records::Database& database,
                                           records::Space space) const {
    records::Changes changes;
    for (const auto& [key, value] : database.of(space)) {
        if (!lines_.contains(key.name))
            changes.push_back({key, std::nullopt});
    }
    for (const auto& [name, line] : lines_) {
        const std::string* const known = database.find({space, name});
        if (known == nullptr || *known != line)
            changes.push_back({{space, name}, line});
    }
    return changes;
}

std::vector<std::string> Configuration::print() const {
    std::map<std::string, Block, std::less<>> blocks;
    for (const auto& [name, line] : lines_) {
        if (name.find('\n') == std::string::npos)
            blocks.emplace(name, Block{order_of(Mode::global, line), line, {}});
    }
    for (const auto& [name, line] : lines_) {
        const std::string section(section_of(name));
        if (section.empty())
            continue;
        auto& block = blocks.emplace(section, Block{order_of(Mode::global, section), section, {}})
                          .first->second;
        block.below.emplace_back(order_of(mode_of(section), line), line);
    }
    std::vector<Block> ordered;
    for (auto& [name, block] : blocks)
        ordered.push_back(std::move(block));
    std::ranges::sort(ordered, {}, &Block::order);
    std::vector<std::string> text;
    for (Block& block : ordered) {
        if (block.line.starts_with("interface "))
            text.emplace_back();
        text.push_back(block.line);
        std::ranges::sort(block.below);
        for (const auto& [order, line] : block.below)
            text.push_back("  " + line);
    }
    return text;
}

records::Changes changes_between(const Configuration& before, const Configuration& after) {
    constexpr auto kSpace = records::Space::running_configuration;
    const auto is_module = [](std::string_view name) { return name.starts_with("vem "); };
    records::Changes changes;
    for (const auto& [name, line] : before.lines()) {
        if (!is_module(name) && after.find(name) == nullptr)
            changes.push_back({{kSpace, name}, std::nullopt});
    }
    for (const auto& [name, line] : after.lines()) {
        const std::string* const known = before.find(name);
        if (!is_module(name) && (known == nullptr || *known != line))
            changes.push_back({{kSpace, name}, line});
    }
    return changes;
}

Configuration with_modules(Configuration configuration, const std::vector<KnownModule>& modules) {
    records::Changes changes;
    const auto change = [&changes](const std::string& name, std::optional<std::string> line) {
        changes.push_back({{records::Space::running_configuration, name}, std::move(line)});
    };
    for (const auto& [name, line] : configuration.lines()) {
        if (name.starts_with("vem "))
            change(name, std::nullopt);
    }
    for (const KnownModule& known : modules) {
        const std::string section = "vem " + std::to_string(number(known.module));
        change(section, section);
        change(record_name(section, "host id"), "host id " + known.host.to_string());
    }
    configuration.apply(changes);
    return configuration;
}

Configuration initial(std::string_view hostname, DomainId domain, unsigned control_vlan) {
    records::Changes changes;
    const auto set = [&changes](std::string_view section, std::string_view place,
                                const std::string& line) {
        changes.push_back(
            {{records::Space::running_configuration, record_name(section, place)}, line});
    };
    set("", "hostname", "hostname " + std::string(hostname));
    set("", "interface mgmt0", "interface mgmt0");
    set("", "interface control0", "interface control0");
    set("", "svs-domain", "svs-domain");
    set("svs-domain", "domain id", "domain id " + std::to_string(number(domain)));
    if (control_vlan != 0)
        set("svs-domain", "control vlan", "control vlan " + std::to_string(control_vlan));
    set("svs-domain", "svs mode", "svs mode L2");
    Configuration configuration;
    configuration.apply(changes);
    return configuration;
}

}  // namespace ha::config
