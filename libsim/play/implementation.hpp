// The inside of Player: steps are done, expectations watched, logs checked. Private to this folder.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libsim/play/hostile.hpp"
#include "libsim/play/look.hpp"
#include "libsim/play/player.hpp"
#include "libsim/play/stage.hpp"

namespace sim::play {

/// The scenario does not hold; ends the play.
struct Failure {
    scenario::Line line;
    std::string words;
};
using Outcome = std::optional<Failure>;  ///< nothing: it went well

class Player::Implementation {
public:
    Implementation(const scenario::Scenario& scenario, PlayOptions options);
    Verdict play();

    scenario::Scenario changed_;  ///< empty unless options change the lab
    const scenario::Scenario& scenario_;
    PlayOptions options_;
    scenario::Units units_;
    Stage stage_;

private:
    // player.cpp
    Outcome make_ready();
    Outcome start_in_order(const std::vector<std::string>& nodes);
    Outcome run_steps(const std::vector<scenario::Step>& steps);
    Outcome run_step(const scenario::Step& step);
    Outcome check_logs();
    Outcome let_pass(Instant until);
    void mark_action();
    void tell_action(const scenario::Action& action, const std::string& more);

    // watching.cpp
    struct Watch;
    /// `quiet`: tell the whole in these words instead of each.
    Outcome expect(const std::vector<scenario::Expectation>& expectations,
                   const std::string& quiet = {});
    void look(Watch& watch, bool force);
    void decide(Watch& watch, bool good);
    Outcome watch(std::vector<Watch>& watches);
    void after_moment();

    // doing.cpp; each returns why it cannot be done
    using Refusal = std::optional<std::string>;
    Refusal act(const scenario::Nothing& nothing);
    Refusal act(const scenario::Start& start);
    Refusal act(const scenario::Signal& signal);
    Refusal act(const scenario::PowerOff& power);
    Refusal act(const scenario::Disk& disk);
    Refusal act(const scenario::Clock& clock);
    Refusal act(const scenario::Cut& cut);
    Refusal act(const scenario::Partition& partition);
    Refusal act(const scenario::Heal& heal);
    Refusal act(const scenario::Mend& mend);
    Refusal act(const scenario::Loss& loss);
    Refusal act(const scenario::Delay& delay);
    Refusal act(const scenario::Duplicate& duplicate);
    Refusal act(const scenario::Corrupt& corrupt);
    Refusal act(const scenario::WireVersion& version);
    Refusal act(const scenario::Link& link);
    Refusal act(const scenario::Unplug& unplug);
    Refusal act(const scenario::Plug& plug);
    Refusal act(const scenario::Command& command);
    Refusal act(const scenario::Inject& inject);
    Refusal act(const scenario::Ping& ping);
    Refusal act(const scenario::Repeat& repeat);
    Refusal act(const scenario::Expect& expect);
    Refusal start(const std::string& name, const scenario::Setting* config);
    Refusal signal(scenario::Signal::Kind kind, const std::string& name);
    Refusal stop(Actor& actor);
    /// What came of the lines of a session.
    struct Session {
        int exit_status = 0;
        std::string output;
        std::string said;  ///< the last answer, or error
        std::string mode;
    };
    Session run(Actor& actor, const scenario::Command& command);
    std::string have_changed(Actor& actor, const ha::cli::Request& request, bool wait);
    Refusal inject_bytes(const scenario::Inject& inject, Actor& to);
    /// The quality of every cable named there, changed by `change`.
    template <typename Change>
    Refusal change_quality(const std::string& node, scenario::Cable cable,
                           scenario::Direction direction, const Change& change);
    tl::expected<Actor*, std::string> existing(const std::string& name);

    Beginnings action_;              ///< since the last thing that was done
    Instant action_at_;              ///< what times count from
    Instant begun_;                  ///< of the first step
    std::set<std::string> may_end_;  ///< nodes whose failure an expectation asked for
    HostileFrames hostile_;
    std::string output_;  ///< of a command, to be shown
};

}  // namespace sim::play
