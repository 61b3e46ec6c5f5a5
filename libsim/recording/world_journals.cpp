// See world_journals.hpp.
#include "libsim/recording/world_journals.hpp"

#include <algorithm>
#include <utility>

namespace sim::recording {

using namespace ha;

WorldJournals::WorldJournals(const World& world, std::string product_version, Sink sink)
    : world_(world), product_version_(std::move(product_version)), sink_(std::move(sink)) {}

void WorldJournals::on_made(NodeIndex node, const supervisor::Options& options, Instant now) {
    sink_(node, journal::encode(journal::LifeBegun{product_version_, world_.name(node),
                                                   world_.wall_time(node), options, now}));
}

void WorldJournals::on_input(NodeIndex node, const supervisor::Input& input) {
    if (steps_.size() <= node)
        steps_.resize(std::max(node + 1, world_.nodes()));
    steps_[node] = journal::step_of(input, {});
}

void WorldJournals::on_effects(NodeIndex node, const supervisor::Effects& effects) {
    steps_[node].effects = effects;
    sink_(node, journal::encode(steps_[node]));
}

}  // namespace sim::recording
