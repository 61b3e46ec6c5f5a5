// Plays a drawn scenario as fast as it goes: the steps that the search draws, on a world, under the
// eyes of the invariants. No logs, no commands' output, no expectations but that the domain becomes
// and stays whole; libsim/play plays the same scenario with all of that.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libsim/invariants/watch.hpp"
#include "libsim/play/capture.hpp"
#include "libsim/play/hostile.hpp"
#include "libsim/scenario/scenario.hpp"
#include "libsim/world/world.hpp"

namespace sim::search {

struct Outcome {
    std::vector<invariants::Violation> violations;
    std::optional<std::string> stuck;  ///< why the world could not go on
    Duration took{};                   ///< virtual time
    /// Steps that made no sense as things stood, and changed nothing: by their places.
    std::vector<std::size_t> senseless;
    [[nodiscard]] bool held() const { return violations.empty() && !stuck; }
    /// The invariant that was violated first; "stuck" for a world that is; empty when all held.
    [[nodiscard]] std::string invariant() const;
    [[nodiscard]] std::string what() const;
};

class Stage : private Observer {
public:
    /// Told of each step as it is done.
    using Teller = std::function<void(const std::string& words)>;

    /// The scenario must outlive the stage.
    explicit Stage(const scenario::Scenario& scenario);
    void tell(Teller teller) { teller_ = std::move(teller); }

    /// Everything, once; ends early at the first violation.
    Outcome play();
    [[nodiscard]] World& world() { return world_; }
    [[nodiscard]] const invariants::Watch& watch() const { return watch_; }

private:
    void on_sent(const Frame& frame) override { capture_.take(frame); }

    void carry_out(const scenario::Nothing&) {}
    void carry_out(const scenario::Start& start);
    void carry_out(const scenario::Signal& signal);
    void carry_out(const scenario::PowerOff& power);
    void carry_out(const scenario::Disk& disk);
    void carry_out(const scenario::Clock& clock);
    void carry_out(const scenario::Cut& cut);
    void carry_out(const scenario::Partition& partition);
    void carry_out(const scenario::Heal& heal);
    void carry_out(const scenario::Mend&);
    void carry_out(const scenario::Loss& loss);
    void carry_out(const scenario::Delay& delay);
    void carry_out(const scenario::Duplicate& duplicate);
    void carry_out(const scenario::Corrupt& corrupt);
    void carry_out(const scenario::WireVersion& version);
    void carry_out(const scenario::Link& link);
    void carry_out(const scenario::Unplug& unplug);
    void carry_out(const scenario::Plug& plug);
    void carry_out(const scenario::Command& command);
    void carry_out(const scenario::Inject& inject);
    void carry_out(const scenario::Ping&) {}
    void carry_out(const scenario::Repeat&) {}
    void carry_out(const scenario::Expect& expect);

    /// A node and what the world does not tell of it.
    struct Actor {
        std::string name;
        NodeIndex node = kNoNode;
        bool was_started = false;
        std::array<bool, ha::kPortCount> has_port{true, true};
    };
    Actor& actor(const std::string& name);
    Actor& add(const std::string& name);
    [[nodiscard]] NodeIndex node(const std::string& name) { return actor(name).node; }
    [[nodiscard]] bool is_alive(NodeIndex index) const;
    void signal(scenario::Signal::Kind kind, const std::string& name);
    void stop(NodeIndex index);
    using Wanted = decltype(ha::supervisor::ChangeRequested::change);
    /// Asks a supervisor for a change; its answer is for the invariants to hear.
    void change(NodeIndex index, const std::string& line, Wanted wanted);
    /// What was asked for made no sense as things stood.
    void refuse() { refused_ = true; }
    void become_whole(Duration limit);
    bool run_until(Instant until);
    template <typename Change>
    void change_quality(const std::string& name, scenario::Cable cable,
                        scenario::Direction direction, Change change);

    const scenario::Scenario& scenario_;
    scenario::Units units_;
    World world_;
    invariants::Watch watch_;
    std::deque<Actor> actors_;  ///< by NodeIndex
    play::Capture capture_{{false, true}};
    play::HostileFrames hostile_;
    bool refused_ = false;
    std::uint64_t last_ticket_ = 0;
    Teller teller_;
};

}  // namespace sim::search
