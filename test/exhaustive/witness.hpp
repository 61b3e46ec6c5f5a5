// What must never happen to a pair, whatever the network does, checked from the outside: by the
// frames that arrive, the messages that are reported and the restarts that are asked for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libha/supervisor/supervisor.hpp"

namespace test::exhaustive {

class Witness {
public:
    /// `timely`: frames arrive and deadlines fire in time, so that never two may be active.
    explicit Witness(bool timely) : timely_(timely) {}

    /// A life of a side begins, or ends by a crash.
    void born(std::uint8_t side, ha::Incarnation incarnation);
    void died(std::uint8_t side) { state_[side] = "down"; }
    /// The side reported that its state changed.
    void changed(std::uint8_t side, const ha::catalog::Report& report);
    /// The side decided a split brain.
    void decided(std::uint8_t side, const ha::redundancy::Snapshot& pair);
    /// The side asked to be restarted while it handled `payload` (null: no frame).
    void restarted(std::uint8_t side, const ha::wire::Bytes* payload);
    /// Something else that must not happen.
    void fault(const std::string& problem) {
        if (problem_.empty())
            problem_ = problem;
    }

    /// After calm: do winner and loser agree about every encounter?
    void check_agreement();

    /// The first thing that must not have happened; empty: none.
    [[nodiscard]] const std::string& problem() const { return problem_; }
    [[nodiscard]] const std::string& state(std::uint8_t side) const { return state_[side]; }
    [[nodiscard]] unsigned restarts(std::uint8_t side) const { return restarts_[side]; }
    /// Reboots because of a comparison of two actives.
    [[nodiscard]] unsigned lost_comparisons() const { return lost_comparisons_; }

private:
    /// Two lives that met as actives.
    struct Encounter {
        std::array<ha::Incarnation, 2> lives;
        std::array<std::optional<ha::redundancy::ArbitrationOutcome>, 2> latest;
        std::array<bool, 2> rebooted{};
        std::vector<ha::redundancy::ArbitrationOutcome> outcomes;
    };
    Encounter& encounter(const std::array<ha::Incarnation, 2>& lives);

    bool timely_;
    std::array<ha::Incarnation, 2> life_{};
    std::array<ha::Incarnation, 2> met_{};  ///< the peer's life in this side's latest comparison
    std::array<std::string, 2> state_;
    std::array<std::string, 2> event_;
    std::array<std::string, 2> reason_;
    std::array<unsigned, 2> restarts_{};
    unsigned lost_comparisons_ = 0;
    std::vector<Encounter> encounters_;
    std::string problem_;
};

}  // namespace test::exhaustive
