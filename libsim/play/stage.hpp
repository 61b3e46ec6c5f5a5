// The stage of a play: a world, its nodes as they are installed, their logs, the frames they sent
// and the traffic that crosses it. It does what the lab does around daemons and knows no step and
// no expectation. Private to this folder.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libsim/play/answers.hpp"
#include "libsim/play/capture.hpp"
#include "libsim/play/installation.hpp"
#include "libsim/play/logbook.hpp"
#include "libsim/play/pings.hpp"
#include "libsim/play/player.hpp"

namespace sim::play {

/// A node on the stage.
struct Actor {
    std::string name;
    NodeIndex node = kNoNode;
    Installation installation;  ///< of the present life, or the next
    Logbook log{""};
    /// Its configuration was refused: it ended before it began.
    bool refused = false;
    bool was_started = false;
    bool is_configured_anew = false;  ///< not as the lab installs it
    Instant started;                  ///< this life
    std::string restart_reason;
    bool holds_address = false;
    std::array<bool, ha::kPortCount> has_port{true, true};  ///< the interface is there
    std::uint64_t version = 0;       ///< counts whatever may change what is observed of it
    std::size_t world_log_read = 0;  ///< lines of the world's log that are in `log`
};

class Stage : private Observer {
public:
    Stage(const scenario::Lab& lab, const PlayOptions& options, CaptureNeeds needs);

    World world;
    Capture capture;
    Pings pings;

    /// Null when there is no such node.
    [[nodiscard]] Actor* find(const std::string& name);
    [[nodiscard]] const Actor* find(const std::string& name) const;
    [[nodiscard]] const std::deque<Actor>& actors() const { return actors_; }
    [[nodiscard]] std::deque<Actor>& actors() { return actors_; }
    /// Plugs a node in that does not exist yet.
    Actor& add(const std::string& name);

    /// Starts its process with `config` (may be null) merged over its configuration, or lets it
    /// fail as a daemon fails whose configuration is refused.
    void start(Actor& actor, const scenario::Setting* config);
    void freeze(Actor& actor) { world.freeze(actor.node); }
    void thaw(Actor& actor);
    void power_off(Actor& actor, DiskFault disk);
    /// SIGHUP.
    void reread(Actor& actor);
    void unplug(Actor& actor, ha::PortKind port);
    void plug(Actor& actor, ha::PortKind port, const ha::MacAddress& mac);
    /// A command line on the node, in a mode of its session; an action that it asks for is done.
    std::optional<ha::cli::Result> ask(Actor& actor, const std::string& line,
                                       const std::string& mode = {});
    /// Has a change made that a command asked for, and returns the ticket of its answer; 0 when
    /// that is no change.
    std::uint64_t change_of(Actor& actor, const ha::cli::Request& request);
    /// Nothing while the change is not complete; then its error, or "".
    [[nodiscard]] std::optional<std::string> completed(const Actor& actor,
                                                       std::uint64_t ticket) const;

    /// "running", "failed (exit status 2)", …
    [[nodiscard]] std::string process(const Actor& actor) const;
    /// It answers: it runs, and has begun.
    [[nodiscard]] const ha::supervisor::Supervisor* supervisor(const Actor& actor) const;
    [[nodiscard]] const vem::module::Module* module(const Actor& actor) const;
    /// Counts whatever may change what is observed of anything.
    [[nodiscard]] std::uint64_t version() const { return version_; }

private:
    void on_sent(const Frame& frame) override;
    void on_input(NodeIndex node, const ha::supervisor::Input& input) override;
    void on_effects(NodeIndex node, const ha::supervisor::Effects& effects) override;
    void on_effects(NodeIndex node, const vem::module::Effects& effects) override;
    void on_stepped(NodeIndex node) override;
    void on_process(NodeIndex node, ProcessState state, const std::string& what) override;

    Actor& at(NodeIndex node) { return actors_[node]; }
    void log(Actor& actor, const ha::catalog::Report& report);
    void log_line(Actor& actor, int severity, const std::string& text);
    void read_world_log(Actor& actor);
    void tell_log(Actor& actor);
    void begin_life(Actor& actor);
    void hold_address(Actor& actor);
    void announce(Actor& actor);
    void release_address(Actor& actor);
    void fail_address(Actor& actor, const std::string& reason);
    [[nodiscard]] const ha::MacAddress& mgmt_mac(const Actor& actor) const;
    void change(Actor& actor) {
        ++actor.version;
        ++version_;
    }

    const scenario::Lab& lab_;
    Witness* witness_;
    std::deque<Actor> actors_;  ///< by NodeIndex; references to them stay good
    std::map<NodeIndex, ha::MacAddress> mgmt_macs_;
    std::uint64_t version_ = 0;
    std::uint64_t last_ticket_ = 0;
    std::map<std::pair<NodeIndex, std::uint64_t>, std::string> completed_;  ///< errors, by ticket
};

}  // namespace sim::play
