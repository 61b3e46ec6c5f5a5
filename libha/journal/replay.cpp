// See replay.hpp.
#include "libha/journal/replay.hpp"

#include <algorithm>

#include "libha/journal/describe.hpp"

namespace ha::journal {
namespace {

std::string with_bytes(const supervisor::Effect& effect) {
    return describe(effect) + " [" + hex(encode(effect)) + "]";
}

}  // namespace

std::optional<Difference> compare(const supervisor::Effects& recorded,
                                  const supervisor::Effects& given) {
    const std::size_t both = std::min(recorded.size(), given.size());
    for (std::size_t at = 0; at < both; ++at) {
        if (encode(recorded[at]) == encode(given[at]))
            continue;
        std::string one = describe(recorded[at]);
        std::string other = describe(given[at]);
        if (one == other) {
            one = with_bytes(recorded[at]);
            other = with_bytes(given[at]);
        }
        return Difference{at, one, other};
    }
    if (recorded.size() > both)
        return Difference{both, describe(recorded[both]), std::nullopt};
    if (given.size() > both)
        return Difference{both, std::nullopt, describe(given[both])};
    return std::nullopt;
}

void Replay::begin(const LifeBegun& life) {
    machine_ = std::make_unique<supervisor::Supervisor>(life.options, life.now);
    begun_ = life.now;
    now_ = life.now;
}

std::optional<Difference> Replay::step(const Step& step) {
    now_ = std::max(
        now_, std::visit([](const auto& alternative) { return alternative.now; }, step.input));
    supervisor::Effects given;
    machine_->step(step.input, given);
    return compare(step.effects, given);
}

}  // namespace ha::journal
