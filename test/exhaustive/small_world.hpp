// Two real supervisors, and every thing that may happen next as a choice of the test: the oldest
// frame of a wire arrives or is lost, a deadline fires, a store completes, a side boots, crashes or
// does not run for a while.
//
// Each side has a clock of its own: instants of two nodes are never compared, so how one clock
// stands to the other is part of what is enumerated (a side whose clock stands still was not
// scheduled). In a timely world both clocks run together and a port delivers. The world sees of
// the machines only effects and snapshots.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libha/supervisor/supervisor.hpp"
#include "test/exhaustive/witness.hpp"

namespace test::exhaustive {

enum class Kind : std::uint8_t {
    deliver,
    lose,
    fire,
    stall,
    detach,
    store,
    boot,
    crash,
    switchover
};

/// One choice. `side` is whose machine is stepped: 0 the primary, 1 the secondary.
struct Event {
    Kind kind;
    std::uint8_t side;
    ha::PortKind port = ha::PortKind::control;  ///< of deliver and lose
};
/// "deliver control to secondary".
std::string to_string(const Event& event);

/// How a world begins and what may happen in it.
struct Setup {
    std::string name;
    bool two_wires = false;  ///< else mgmt has no carrier
    /// Both are active and have not heard each other; else both are about to boot.
    bool split = false;
    bool acquainted = false;  ///< each has the MACs and the incarnation of the other
    bool with_key = false;
    /// In a split: how much longer the primary (first) or the secondary has been active.
    std::array<ha::Duration, 2> active_longer{};
    /// In a split: how many modules each has. All of a side's may leave it at once.
    std::array<std::uint8_t, 2> modules{};
    /// A split goes on from where both have frozen what they compare and have sent it.
    bool frozen = false;
    /// Two actives tell each other their logs, and the loser waits for them (SB-4).
    bool logs = false;
    unsigned crashes = 0;  ///< how many may happen
    unsigned stalls = 0;   ///< how often a side may not run for the loss interval
    /// Begins with a pair that is whole, the primary active.
    bool whole = false;
    unsigned switchovers = 0;  ///< how often an operator may ask the active for one
    /// Deadlines fire when they are due, and this port loses nothing and delivers within half a
    /// heartbeat interval. Then there are never two actives (BOOT-4).
    std::optional<ha::PortKind> timely;
    /// In a timely world: how long the primary (first) or the secondary is up when the other boots.
    std::array<ha::Duration, 2> up_before{};
};

/// What two equal worlds have in common: they will do the same whatever happens next.
struct Key {
    std::array<std::uint64_t, 2> side{};  ///< all inputs of that machine so far
    std::uint64_t rest = 0;               ///< what is under way
    friend bool operator==(const Key&, const Key&) = default;
};
struct KeyHash {
    std::size_t operator()(const Key& key) const {
        return key.side[0] * 31 + key.side[1] * 17 + key.rest;
    }
};

class SmallWorld {
public:
    explicit SmallWorld(const Setup& setup);

    /// What may happen next.
    [[nodiscard]] std::vector<Event> choices() const;
    void apply(const Event& event);
    [[nodiscard]] Key key() const;

    /// The network becomes calm: everything arrives in order, both clocks run, stores complete and
    /// whoever is down boots. True when the pair became one active and one HA standby within
    /// `limit`.
    bool settles(ha::Duration limit);
    /// Calm for `duration`; true when neither changed its state.
    bool stays(ha::Duration duration);

    /// How long the latest settles() or stays() took, in the world's time.
    [[nodiscard]] ha::Duration calm_for() const { return calm_for_; }
    [[nodiscard]] const Witness& witness() const { return witness_; }
    /// At the end: whether winner and loser of each encounter agree.
    const Witness& check_agreement() {
        witness_.check_agreement();
        return witness_;
    }
    /// The traces of both machines, for a failure's message.
    [[nodiscard]] std::string describe() const;

private:
    struct Flight {
        std::uint64_t order;
        ha::Instant sent_at;  ///< by the sender's clock
        ha::wire::Bytes payload;
    };
    struct Side {
        ha::supervisor::Options options;
        ha::supervisor::StoredState stored;
        std::unique_ptr<ha::supervisor::Supervisor> machine;  ///< null: down
        ha::Instant now;
        ha::Incarnation incarnation{};
        std::deque<ha::supervisor::Persist> stores;
        std::array<std::deque<Flight>, ha::kPortCount> incoming;
        std::uint64_t history = 0;
        std::uint8_t modules = 0;
    };

    void add(std::uint8_t side);
    void make_acquainted();
    void split();
    void exchange_hellos();
    void make_whole();
    void attach_modules(std::uint8_t side);
    void detach_modules(std::uint8_t side);
    void from_module(std::uint8_t side, std::uint8_t module, const ha::wire::Message& message);
    void boot(std::uint8_t side);
    void step(std::uint8_t side, const ha::supervisor::Input& input, std::uint64_t mark,
              const ha::wire::Bytes* payload = nullptr);
    void carry_out(std::uint8_t side, const ha::supervisor::Effect& effect);
    void transmit(std::uint8_t from, const ha::supervisor::SendFrame& frame);
    void deliver(std::uint8_t to, ha::PortKind port);
    void fire(std::uint8_t side);
    void complete_store(std::uint8_t side);
    [[nodiscard]] ha::Duration due_in(std::uint8_t side) const;
    [[nodiscard]] bool may_fire(std::uint8_t side) const;
    void run_clocks(ha::Duration duration);
    bool calm_event();
    void calm_time();
    /// Calm until the pair is whole, or for `limit`.
    bool calm_until(const std::function<bool()>& condition, ha::Duration limit);
    [[nodiscard]] bool is_whole() const;
    [[nodiscard]] static ha::MacAddress mac(std::uint8_t side, ha::PortKind port);

    Setup setup_;
    std::array<Side, 2> sides_;
    Witness witness_;
    std::uint64_t order_ = 0;
    bool cut_ = false;
    unsigned crashes_left_ = 0;
    unsigned stalls_left_ = 0;
    unsigned switchovers_left_ = 0;
    std::uint64_t module_frames_ = 0;
    ha::Duration calm_for_{};
};

}  // namespace test::exhaustive
