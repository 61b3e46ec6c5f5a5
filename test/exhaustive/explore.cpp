#include "test/exhaustive/explore.hpp"

namespace test::exhaustive {

Exploration Explorer::run() {
    SmallWorld world{setup_};
    result_.interleavings = visit(world);
    result_.states = known_.size();
    return result_;
}

std::uint64_t Explorer::visit(SmallWorld& world) {
    if (!world.witness().problem().empty()) {
        fail(world, world.witness().problem());
        return 0;
    }
    const Key key = world.key();
    if (const auto known = known_.find(key); known != known_.end())
        return known->second;
    const std::vector<Event> choices = world.choices();
    if (path_.size() == depth_ || choices.empty()) {
        ++result_.worlds;
        if (const std::string problem = verdict_(world); !problem.empty())
            fail(world, problem);
        known_.emplace(key, 1);
        return 1;
    }
    std::uint64_t sequences = 0;
    for (const Event& choice : choices) {
        if (!result_.failure.empty())
            return sequences;
        path_.push_back(choice);
        if (&choice == &choices.front()) {
            world.apply(choice);
            sequences += visit(world);
        } else {
            SmallWorld again{setup_};
            for (const Event& event : path_)
                again.apply(event);
            sequences += visit(again);
        }
        path_.pop_back();
    }
    known_.emplace(key, sequences);
    return sequences;
}

void Explorer::fail(const SmallWorld& world, const std::string& problem) {
    result_.failure = setup_.name + ": " + problem + "\nafter:";
    for (const Event& event : path_)
        result_.failure += "\n  " + to_string(event);
    result_.failure += "\n" + world.describe();
}

}  // namespace test::exhaustive
