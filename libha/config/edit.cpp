// See edit.hpp.
#include "libha/config/edit.hpp"

#include <algorithm>

#include "libha/config/commands.hpp"

namespace ha::config {
namespace {

constexpr auto kSpace = records::Space::running_configuration;

/// Lines that differ from `place` in its last word only, as do those of other servers or hosts.
std::size_t others_like(const Configuration& configuration, const std::string& place) {
    const std::string kind = place.substr(0, place.rfind(' ') + 1);
    const auto is_alike = [&kind](const auto& record) { return record.first.starts_with(kind); };
    return static_cast<std::size_t>(std::ranges::count_if(configuration.lines(), is_alike));
}

class Editor {
public:
    Editor(const Configuration& configuration, std::string_view section, const Match& match)
        : configuration_(configuration),
          section_(section),
          match_(match),
          command_(commands()[match.index]) {}

    tl::expected<Edit, std::string> edit() {
        if (!command_.refusal.empty())
            return tl::unexpected(std::string(command_.refusal));
        const std::string name = record_name(section_, match_.place);
        if (match_.negated && command_.no != No::negate) {
            if (command_.no == No::refuse) {
                return tl::unexpected("'" + match_.place +
                                      "' cannot be removed, only set to something else");
            }
            erase(name);
            return std::move(edit_);
        }
        if (configuration_.find(name) == nullptr && command_.limit > 0 &&
            others_like(configuration_, name) >= command_.limit) {
            return tl::unexpected("Too many lines like '" + match_.line + "', at most " +
                                  std::to_string(command_.limit));
        }
        if (std::string fault = cut_off_fault(); !fault.empty())
            return tl::unexpected(std::move(fault));
        if (!section_.empty())
            set(section_, section_);
        set(name, match_.line);
        if (command_.opens != Mode::global)
            edit_.section = match_.line;
        return std::move(edit_);
    }

private:
    /// Without control0 and mgmt0 the supervisors would not hear each other.
    [[nodiscard]] std::string cut_off_fault() const {
        constexpr std::string_view kShutDown = "shutdown";
        constexpr std::string_view kMgmt = "interface mgmt0";
        constexpr std::string_view kControl = "interface control0";
        if (match_.line != kShutDown || (section_ != kMgmt && section_ != kControl))
            return {};
        const auto other = record_name(section_ == kMgmt ? kControl : kMgmt, kShutDown);
        const std::string* const line = configuration_.find(other);
        if (line == nullptr || *line != kShutDown)
            return {};
        return "control0 and mgmt0 cannot both be shut down: the supervisors would not hear each "
               "other";
    }
    void set(const std::string& name, const std::string& line) {
        const std::string* const known = configuration_.find(name);
        if (known == nullptr || *known != line)
            edit_.changes.push_back({{kSpace, name}, line});
    }
    void erase(const std::string& name) {
        if (configuration_.find(name) != nullptr)
            edit_.changes.push_back({{kSpace, name}, std::nullopt});
        const std::string below = name + '\n';
        const auto& lines = configuration_.lines();
        for (auto at = lines.lower_bound(below); at != lines.end() && at->first.starts_with(below);
             ++at)
            edit_.changes.push_back({{kSpace, at->first}, std::nullopt});
    }

    const Configuration& configuration_;
    std::string section_;
    const Match& match_;
    const Command& command_;
    Edit edit_;
};

}  // namespace

std::string text_fault(std::string_view line) {
    if (line.size() > kMaximumLine) {
        return "Command line too long (" + std::to_string(line.size()) + " bytes, at most " +
               std::to_string(kMaximumLine) + ")";
    }
    const auto is_printable = [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; };
    const auto bad = std::ranges::find_if_not(line, is_printable);
    if (bad == line.end())
        return {};
    return "Invalid character in column " + std::to_string(bad - line.begin() + 1) +
           ": a configuration is printable ASCII";
}

tl::expected<Edit, std::string> edit(const Configuration& configuration, std::string_view section,
                                     std::string_view line) {
    if (std::string fault = text_fault(line); !fault.empty())
        return tl::unexpected(std::move(fault));
    const Mode mode = mode_of(section);
    auto match = find(mode, line);
    if (match) {
        // What also stands at top level is kept there.
        const auto& modes = commands()[match->index].modes;
        const bool global = std::ranges::find(modes, Mode::global) != modes.end();
        return Editor(configuration, global ? std::string_view() : section, *match).edit();
    }
    if (mode == Mode::global)
        return tl::unexpected(std::move(match.error().error));
    const auto above = find(Mode::global, line);
    if (!above) {
        return tl::unexpected(above.error().words > match.error().words ? above.error().error
                                                                        : match.error().error);
    }
    auto edited = Editor(configuration, {}, *above).edit();
    if (edited && !edited->section)
        edited->section = "";
    return edited;
}

}  // namespace ha::config
