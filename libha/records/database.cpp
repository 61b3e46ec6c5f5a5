// See database.hpp.
#include "libha/records/database.hpp"

#include <iterator>

namespace ha::records {

namespace {

/// Appends what makes `mine` like `theirs`; both are ordered by names, which `name_of` gives.
void compare(const Database::View& mine, const Database::View& theirs, Space to, Changes& changes) {
    auto here = mine.begin();
    auto there = theirs.begin();
    while (here != mine.end() || there != theirs.end()) {
        const bool only_here =
            there == theirs.end() || (here != mine.end() && here->first.name < there->first.name);
        if (only_here) {
            changes.push_back({{to, here->first.name}, std::nullopt});
            ++here;
            continue;
        }
        const bool in_both = here != mine.end() && here->first.name == there->first.name;
        if (!in_both || here->second != there->second)
            changes.push_back({{to, there->first.name}, there->second});
        ++there;
        if (in_both)
            ++here;
    }
}

constexpr Space kReplicatedSpaces[] = {Space::running_configuration,
                                       Space::startup_configuration,
                                       Space::facts,
                                       Space::modules,
                                       Space::accounting,
                                       Space::checkpoints};

}  // namespace

void Database::apply(const Changes& changes) {
    for (const Change& change : changes) {
        if (change.value)
            records_.insert_or_assign(change.key, *change.value);
        else
            records_.erase(change.key);
    }
}

const std::string* Database::find(const Key& key) const {
    const auto found = records_.find(key);
    return found == records_.end() ? nullptr : &found->second;
}

Database::View Database::of(Space space) const {
    const auto next = static_cast<Space>(static_cast<std::uint8_t>(space) + 1);
    return {records_.lower_bound({space, {}}), records_.lower_bound({next, {}})};
}

std::size_t Database::size(Space space) const {
    const View view = of(space);
    return static_cast<std::size_t>(std::distance(view.begin(), view.end()));
}

Changes Database::everything() const {
    Changes changes;
    changes.reserve(records_.size());
    for (const auto& [key, value] : records_)
        changes.push_back({key, value});
    return changes;
}

Changes Database::copy(Space from, Space to) const {
    Changes changes;
    compare(of(to), of(from), to, changes);
    return changes;
}

Changes Database::clear(Space space) const {
    Changes changes;
    for (const auto& [key, value] : of(space))
        changes.push_back({key, std::nullopt});
    return changes;
}

Changes Database::replicate(const Database& other) const {
    Changes changes;
    for (const Space space : kReplicatedSpaces)
        compare(of(space), other.of(space), space, changes);
    return changes;
}

}  // namespace ha::records
