// Watches a world: keeps the facts up to date and shows them to every invariant. Add it to a world
// as an observer before the first node starts. It changes nothing.
#pragma once

#include <cstdint>

#include "libsim/invariants/invariant.hpp"

namespace sim::invariants {

struct WatchOptions {
    /// Whether the pair must become and stay whole when nothing is wrong with the world. A lab
    /// whose configuration is wrong on purpose never does.
    bool liveness = true;
};

/// How often what happened: so that nobody believes in a run in which nothing did.
struct Coverage {
    /// Of each pair's members, by states.
    std::array<std::array<std::uint64_t, ha::redundancy::kPairStateCount>,
               ha::redundancy::kPairStateCount>
        transitions{};
    std::array<std::uint64_t, 64> reports{};  ///< by MessageId
    std::uint64_t lives = 0;
    std::uint64_t changes_asked = 0;  ///< by operators
    std::uint64_t changes_made = 0;   ///< of them, acknowledged
    std::uint64_t frames = 0;
    std::uint64_t steps = 0;

    void add(const Coverage& other);
};

class Watch final : public Observer {
public:
    explicit Watch(const World& world, WatchOptions options = {});
    ~Watch() override;

    /// In the order in which they were found; empty: all is well.
    [[nodiscard]] const std::vector<Violation>& violations() const { return facts_.violations; }
    [[nodiscard]] const Facts& facts() const { return facts_; }
    [[nodiscard]] const Coverage& coverage() const { return coverage_; }
    /// The first pair is whole now.
    [[nodiscard]] bool is_whole() const;

    void on_sent(const Frame& frame) override;
    void on_arrived(const Frame& frame) override;
    void on_lost(const Frame& frame, Loss why) override;
    void on_input(NodeIndex node, const ha::supervisor::Input& input) override;
    using Observer::on_effects;
    void on_effects(NodeIndex node, const ha::supervisor::Effects& effects) override;
    void on_stepped(NodeIndex node) override;
    void on_process(NodeIndex node, ProcessState state, const std::string& what) override;
    void on_changed(NodeIndex node) override;

private:
    void make_room(NodeIndex node);
    void begin_life(NodeIndex node, const ha::supervisor::Supervisor& machine);
    void begin_module(NodeIndex node, const vem::module::Module& machine);
    void end_life(NodeIndex node, const std::string& how);
    void join_pair(NodeIndex node);
    void tell_report(NodeIndex node, const ha::catalog::Report& report);
    void tell_state(NodeIndex node, const ha::catalog::Report& report);
    void update_supervisor(NodeIndex node);
    void update_module(NodeIndex node);
    void update_addresses();
    void look_at_wires();
    void look_at_cables(NodeIndex node);
    [[nodiscard]] Instant drained() const;
    [[nodiscard]] Duration lag_of(const PairFacts& pair) const;
    void look_at_recognition();
    void change_address(NodeIndex node);
    [[nodiscard]] bool is_open(const PairFacts& pair, PortKind port) const;
    void look_at_path(std::size_t pair);
    [[nodiscard]] std::optional<Duration> clean_delay(NodeIndex one, NodeIndex other,
                                                      PortKind port) const;
    [[nodiscard]] bool is_well(const PairFacts& pair) const;
    [[nodiscard]] bool is_whole(const PairFacts& pair) const;
    void look_at_health();
    void unsettle(NodeIndex node);

    /// Since when a port of a pair has been passing frames both ways, and how fast.
    struct PortPath {
        std::optional<Instant> since;
        Duration delay{};
    };

    const World& world_;
    WatchOptions options_;
    Facts facts_;
    Coverage coverage_;
    std::vector<std::array<PortPath, ha::kPortCount>> paths_;  ///< by pair
    /// How slow the cables of a node are, and when all that they held back at some time has come.
    struct Slowness {
        Duration delay{};
        Instant drained;
    };
    std::vector<std::array<Slowness, ha::kPortCount>> slowness_;  ///< by node
    Instant not_before_;                                          ///< nothing is well before that
    Invariants invariants_;
};

}  // namespace sim::invariants
