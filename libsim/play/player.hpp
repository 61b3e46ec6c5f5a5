// Plays a scenario on a virtual world: nodes installed as the lab installs them, each step done and
// observed, a verdict. The same file gets the same verdict on real wires (scripts/lab run).
//
// Deterministic: the same scenario with the same options is the same run, frame by frame.
//
// What is looked at is looked at after every moment at which something happened, and when a time
// is up. `slack_ms` counts here as in the lab, so that a bound means the same in both worlds; an
// observation says whether it needed it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libsim/scenario/scenario.hpp"
#include "libsim/world/world.hpp"

namespace sim::play {

/// One expectation that was decided.
struct Observed {
    bool good = false;
    std::string text;   ///< "vsm-b: internal state is HA standby"
    std::string bound;  ///< "within 0.150 s"
    Duration after{};   ///< since the time that the bound counts from
    bool late = false;  ///< it held, but only thanks to slack_ms
};

/// Told what is done and observed, as it happens. Texts are only made when there is one.
class Witness {
public:
    virtual ~Witness() = default;
    /// The lab is ready, and the first step comes.
    virtual void on_begin(Instant /*at*/) {}
    virtual void on_heading(Instant /*at*/, const std::string& /*words*/) {}
    virtual void on_action(Instant /*at*/, const std::string& /*words*/) {}
    /// What a command printed, when the scenario asks for it.
    virtual void on_output(Instant /*at*/, const std::string& /*text*/) {}
    virtual void on_observed(Instant /*at*/, const Observed& /*observed*/) {}
    /// A node writes a line to its log, without date and host name.
    virtual void on_log(Instant /*at*/, NodeIndex /*node*/, const std::string& /*line*/) {}
};

/// Passes everything on, in the order they were added. Does not own them.
class Witnesses : public Witness {
public:
    void add(Witness& witness) { all_.push_back(&witness); }

    void on_begin(Instant at) override;
    void on_heading(Instant at, const std::string& words) override;
    void on_action(Instant at, const std::string& words) override;
    void on_output(Instant at, const std::string& text) override;
    void on_observed(Instant at, const Observed& observed) override;
    void on_log(Instant at, NodeIndex node, const std::string& line) override;

private:
    std::vector<Witness*> all_;
};

struct PlayOptions {
    std::optional<scenario::Timers> timers;  ///< instead of the file's, with their defaults
    std::optional<std::uint64_t> seed;       ///< instead of the file's
    /// Delays of the world the nodes live in; its seed comes from above.
    WorldOptions world;
    /// What a step that does something takes, as it takes any operator some time: what it causes at
    /// once has happened before the next step. Zero: steps may happen at one and the same instant.
    Duration action_time{std::chrono::milliseconds{1}};
    Witness* witness = nullptr;  ///< not owned
};

struct Verdict {
    bool held = false;
    std::string failure;  ///< "line 12: vsm-b: …; seen: …", empty when it held
    scenario::Line line;  ///< of the expectation or step that failed, 0: none of them
    Duration took{};      ///< virtual time
};

class Player {
public:
    /// The scenario must outlive the player. Default nodes are there at once, down.
    explicit Player(const scenario::Scenario& scenario, PlayOptions options = {});
    ~Player();
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;

    /// For observers and questions, before, during and after the play; who changes it plays along.
    [[nodiscard]] World& world();
    [[nodiscard]] const scenario::Units& units() const;
    /// Everything, once.
    Verdict play();

    /// The lines of a node's log as its daemon would have written them.
    [[nodiscard]] std::vector<std::string> log(const std::string& node) const;
    /// "running", "frozen", "stopped", "killed", "failed (exit status 2)", "not started".
    [[nodiscard]] std::string process(const std::string& node) const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace sim::play
