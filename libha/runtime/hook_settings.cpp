// See hook_settings.hpp.
#include "libha/runtime/hook_settings.hpp"

#include <algorithm>

#include "libha/events/event.hpp"

namespace ha::runtime {
namespace {

constexpr std::size_t kMaximumItems = 32;  // patterns, and words of a command

void check_count(yaml::Section& section, std::string_view key, std::size_t count) {
    // An empty list was not told by texts(): a hook without one never runs, or runs nothing.
    if (count < 1 || count > kMaximumItems)
        section.complain(key, std::to_string(count) + " items (1.." +
                                  std::to_string(kMaximumItems) + " are possible)");
}

HookSettings read_hook(yaml::Section& section) {
    HookSettings hook;
    hook.on = section.texts("on", "the name of an event");
    check_count(section, "on", hook.on.size());
    for (std::size_t index = 0; index < hook.on.size(); ++index)
        if (!events::matches_any(hook.on[index]))
            section.complain_item("on", index,
                                  yaml::quoted(hook.on[index]) +
                                      " is no event; a name like role.active, peer.* or * is "
                                      "(vsm-ha's docs/messages.md has all)");
    hook.run = section.texts("run", "a command");
    check_count(section, "run", hook.run.size());
    if (!hook.run.empty() && !hook.run.front().starts_with('/'))
        section.complain_item("run", 0,
                              yaml::quoted(hook.run.front()) + " is not an absolute path");
    if (const auto limit = section.integer("limit_seconds", {1, kMaximumHookSeconds}))
        hook.limit_seconds = static_cast<unsigned>(*limit);
    section.finish();
    return hook;
}

}  // namespace

bool is_for(const HookSettings& hook, const std::string& event_name) {
    return std::ranges::any_of(hook.on, [&event_name](const std::string& pattern) {
        return events::matches(pattern, event_name);
    });
}

std::vector<HookSettings> read_hooks(yaml::Section& root) {
    std::vector<HookSettings> hooks;
    std::vector<yaml::Section> sections = root.sections("hooks");
    if (sections.size() > kMaximumHooks) {
        root.complain("hooks", std::to_string(sections.size()) + " hooks are too many (0.." +
                                   std::to_string(kMaximumHooks) + ")");
        sections.clear();
    }
    for (yaml::Section& section : sections)
        hooks.push_back(read_hook(section));
    return hooks;
}

}  // namespace ha::runtime
