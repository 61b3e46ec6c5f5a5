#include "daemons/vsm-sim/seed_story.hpp"

#include <cstdio>

#include "libsim/search/narrator.hpp"
#include "libsim/search/stage.hpp"

namespace vsm_sim {

bool tell_story(const sim::scenario::Scenario& scenario, bool frames) {
    sim::search::Stage stage(scenario);
    sim::search::Narrator narrator(stage.world(), {frames});
    stage.world().add_observer(narrator);
    stage.tell([&](const std::string& words) { narrator.say("*", words); });
    const auto outcome = stage.play();
    for (const std::string& line : narrator.lines())
        std::puts(line.c_str());
    if (!outcome.held())
        std::printf("VIOLATED %s: %s\n", outcome.invariant().c_str(), outcome.what().c_str());
    return outcome.held();
}

}  // namespace vsm_sim
