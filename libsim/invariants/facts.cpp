// See facts.hpp.
#include "libsim/invariants/facts.hpp"

#include <algorithm>

namespace sim::invariants {

const PairFacts* Facts::pair_of(NodeIndex node) const {
    for (const PairFacts& pair : pairs)
        if (pair.members[0] == node || pair.members[1] == node)
            return &pair;
    return nullptr;
}

NodeIndex Facts::partner_of(NodeIndex node) const {
    const PairFacts* pair = pair_of(node);
    if (pair == nullptr)
        return kNoNode;
    return pair->members[0] == node ? pair->members[1] : pair->members[0];
}

const ModuleFacts* Facts::module_of(ha::Incarnation incarnation) const {
    for (const ModuleFacts& module : modules)
        if (module.known && module.incarnation == incarnation)
            return &module;
    return nullptr;
}

void Facts::violate(const char* invariant, std::string what) {
    violations.push_back({invariant, now, std::move(what)});
}

bool Facts::Worst::is_worse_than(const Worst& other) const {
    // took / bound > other.took / other.bound, in whole numbers that cannot overflow.
    const auto us = [](Duration duration) {
        return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    };
    return other.bound == Duration{} || us(took) * us(other.bound) > us(other.took) * us(bound);
}

void Facts::measure(const char* invariant, Duration took, Duration bound) {
    Worst& known = worst[invariant];
    if (const Worst measured{took, bound}; measured.is_worse_than(known))
        known = measured;
}

std::string in_ms(Duration duration) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    std::string text = std::to_string(us / 1000);
    if (const auto rest = us % 1000; rest != 0) {
        std::string digits = std::to_string(1000 + rest).substr(1);
        digits.erase(digits.find_last_not_of('0') + 1);
        text += "." + digits;
    }
    return text + " ms";
}

}  // namespace sim::invariants
