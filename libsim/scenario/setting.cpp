// Finding, putting and merging settings. See setting.hpp.
#include "libsim/scenario/setting.hpp"

#include <algorithm>

namespace sim::scenario {
namespace {

template <typename Members>
auto find_member(Members& members, std::string_view key) {
    return std::find_if(members.begin(), members.end(),
                        [&](const auto& member) { return member.first == key; });
}

}  // namespace

Setting Setting::text(std::string_view value) {
    Setting setting;
    setting.kind = Kind::scalar;
    setting.scalar = value;
    return setting;
}

Setting Setting::map() {
    Setting setting;
    setting.kind = Kind::map;
    return setting;
}

const Setting* Setting::find(std::string_view path) const {
    const std::size_t dot = path.find('.');
    const auto member = find_member(members, path.substr(0, dot));
    if (member == members.end())
        return nullptr;
    return dot == std::string_view::npos ? &member->second
                                         : member->second.find(path.substr(dot + 1));
}

void Setting::put(std::string_view path, Setting value) {
    kind = Kind::map;
    const std::size_t dot = path.find('.');
    const std::string key(path.substr(0, dot));
    auto member = find_member(members, key);
    if (member == members.end())
        member = members.insert(members.end(), {key, Setting{}});
    if (dot == std::string_view::npos)
        member->second = std::move(value);
    else
        member->second.put(path.substr(dot + 1), std::move(value));
}

bool operator==(const Setting& one, const Setting& other) {
    return one.kind == other.kind && one.scalar == other.scalar && one.items == other.items &&
           one.members == other.members;
}

Setting merged(const Setting& base, const Setting& over) {
    if (base.kind != Setting::Kind::map || over.kind != Setting::Kind::map)
        return over;
    Setting result = base;
    for (const auto& [key, value] : over.members) {
        const auto member = find_member(result.members, key);
        if (value.kind == Setting::Kind::null) {
            if (member != result.members.end())
                result.members.erase(member);
        } else if (member == result.members.end()) {
            result.members.emplace_back(key, value);
        } else {
            member->second = merged(member->second, value);
        }
    }
    return result;
}

}  // namespace sim::scenario
