// Supervisors on virtual wires in virtual time: a hub for control and one for mgmt, cuts by
// direction, crashes, restarts, freezes. Deterministic; used by the tests of the pair. It must
// never look inside the machines: only inputs, effects and snapshots.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "libha/supervisor/supervisor.hpp"

namespace test {

using ha::Duration;
using ha::Instant;
using ha::PortKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

class VirtualPair {
public:
    struct Node {
        std::string name;
        ha::supervisor::Options options;
        std::unique_ptr<ha::supervisor::Supervisor> machine;  ///< null: down
        ha::supervisor::StoredState disk;
        bool frozen = false;
        Instant frozen_at;
        std::array<bool, 2> deaf{};  ///< loses what comes in, by index_of(port)
        std::array<bool, 2> mute{};  ///< loses what goes out
        unsigned restarts = 0;
        unsigned exits = 0;
        bool holds_address = false;
        unsigned announcements = 0;
        std::vector<ha::catalog::Report> reports;
        std::map<std::uint64_t, std::string> completed;    ///< changes: what became of each ticket
        std::vector<ha::supervisor::RunConsole> consoles;  ///< lines to run, not yet answered
        std::map<std::uint64_t, ha::supervisor::ConsoleCompleted> console_answers;  ///< by ticket
        std::vector<ha::supervisor::Effect> effects_of_last_step;
        std::deque<std::function<void()>> queued;  ///< frames waiting while frozen
        std::uint8_t number = 0;
    };

    /// Adds a supervisor that is down. `tune` may change its options.
    Node& add(const std::string& name, ha::Role role,
              const std::function<void(ha::supervisor::Options&)>& tune = {});
    /// Adds a, a primary, and b, a secondary, and starts both. False when they are not HA, a the
    /// active one, within 20 s.
    bool become_ha(const std::function<void(ha::supervisor::Options&)>& tune = {});
    /// The same, one after the other, and past everything that follows a start.
    bool settle_as_ha(const std::function<void(ha::supervisor::Options&)>& tune = {});
    Node& node(const std::string& name) { return *nodes_.at(name); }

    void start(const std::string& name);
    void kill(const std::string& name) { node(name).machine.reset(); }
    void freeze(const std::string& name) {
        if (!node(name).frozen)
            node(name).frozen_at = now_;
        node(name).frozen = true;
    }
    void thaw(const std::string& name);
    void cut(const std::string& name, PortKind port, bool in = true, bool out = true);
    void heal(const std::string& name);
    void set_carrier(const std::string& name, PortKind port, bool carrier);
    void input(const std::string& name, const std::function<ha::supervisor::Input(Instant)>& make);
    /// Puts a payload on a hub as if `source` had sent it.
    void inject(PortKind port, const ha::MacAddress& source, const ha::MacAddress& destination,
                ha::wire::Bytes payload);

    void run(Duration duration);
    /// Runs until the condition holds; false when it did not within the limit.
    bool run_until(const std::function<bool()>& condition, Duration limit);

    [[nodiscard]] Instant now() const { return now_; }
    ha::supervisor::Snapshot snapshot(const std::string& name) {
        return node(name).machine->snapshot();
    }
    ha::redundancy::PairState state(const std::string& name) {
        auto& machine = node(name).machine;
        return machine ? machine->snapshot().pair.state : ha::redundancy::PairState::leaving;
    }
    bool is_ha(const std::string& active, const std::string& standby) {
        return state(active) == ha::redundancy::PairState::active_ha &&
               state(standby) == ha::redundancy::PairState::standby_ha;
    }
    /// How often `name` reported this.
    std::size_t count(const std::string& name, ha::catalog::MessageId id) const;
    static ha::MacAddress mac(const Node& node, PortKind port);
    /// Frames seen on the hubs, for replaying them.
    struct Seen {
        PortKind port;
        ha::MacAddress source, destination;
        ha::wire::Bytes payload;
    };
    std::vector<Seen> seen;
    bool record = false;
    /// Frames that get lost on every hub; null: none.
    std::function<bool(const ha::wire::Bytes& payload)> refuse;
    /// Of all frames, chosen by a fixed generator.
    unsigned loss_percent = 0;

private:
    struct Flight {
        Instant at;
        std::uint64_t order;
        PortKind port;
        ha::MacAddress source, destination;
        ha::wire::Bytes payload;
    };
    void step(Node& node, const ha::supervisor::Input& input);
    void carry_out(Node& node, const ha::supervisor::Effect& effect);
    void deliver(const Flight& flight);

    std::map<std::string, std::unique_ptr<Node>> nodes_;
    std::deque<Flight> flights_;  ///< by time: the delay is the same for all
    std::deque<std::pair<std::string, ha::supervisor::Persist>> stores_;
    Instant now_{seconds{1000}};
    std::uint64_t order_ = 0;
    std::minstd_rand random_;
    static constexpr Duration kDelay = std::chrono::microseconds{50};
};

}  // namespace test
