#include "test/exhaustive/witness.hpp"

#include "libha/wire/codec.hpp"

namespace test::exhaustive {

using namespace ha;
using redundancy::ArbitrationOutcome;

namespace {

std::string name(std::uint8_t side) {
    return side == 0 ? "the primary" : "the secondary";
}

/// Both decided on one pair of freezes: then on identical data, and alike.
bool contradict(const ArbitrationOutcome& one, const ArbitrationOutcome& other) {
    const bool same_freezes = one.primary.number == other.primary.number &&
                              one.secondary.number == other.secondary.number;
    return same_freezes && (one.primary != other.primary || one.secondary != other.secondary ||
                            one.loser != other.loser);
}

}  // namespace

void Witness::born(std::uint8_t side, Incarnation incarnation) {
    life_[side] = incarnation;
    met_[side] = kNoIncarnation;
    state_[side] = "discovering";
    event_[side].clear();
    reason_[side].clear();
}

void Witness::changed(std::uint8_t side, const catalog::Report& report) {
    state_[side] = report.arguments.at(2);
    event_[side] = report.arguments.at(3);
    reason_[side] = report.arguments.at(4);
    if (timely_ && state_[0].starts_with("active") && state_[1].starts_with("active"))
        fault("two are active although a path works both ways");
}

Witness::Encounter& Witness::encounter(const std::array<Incarnation, 2>& lives) {
    for (Encounter& known : encounters_)
        if (known.lives == lives)
            return known;
    return encounters_.emplace_back(Encounter{lives, {}, {}, {}});
}

void Witness::decided(std::uint8_t side, const redundancy::Snapshot& pair) {
    met_[side] = pair.peer.incarnation;
    std::array<Incarnation, 2> lives{};
    lives[side] = life_[side];
    lives[1U - side] = met_[side];
    Encounter& met = encounter(lives);
    for (const ArbitrationOutcome& outcome : met.outcomes)
        if (contradict(outcome, *pair.last_arbitration))
            fault("one pair of freezes was decided in two ways");
    met.outcomes.push_back(*pair.last_arbitration);
    met.latest[side] = pair.last_arbitration;
}

void Witness::restarted(std::uint8_t side, const wire::Bytes* payload) {
    ++restarts_[side];
    if (event_[side] == "arbitration-lost") {
        ++lost_comparisons_;
        std::array<Incarnation, 2> lives{};
        lives[side] = life_[side];
        lives[1U - side] = met_[side];
        Encounter& met = encounter(lives);
        met.rebooted[side] = true;
        if (met.rebooted[1U - side])
            fault("both sides of one encounter rebooted");
    }
    if (event_[side] != "reset-ordered" || reason_[side].find("incarnation") != std::string::npos)
        return;
    if (payload == nullptr)
        return fault(name(side) + " obeyed a reset that no frame ordered");
    const auto frame = wire::decode(*payload);
    const auto* request = frame ? std::get_if<wire::HeartbeatRequest>(&frame->message) : nullptr;
    if (request == nullptr || !request->status.has(wire::ControlFlag::reset_yourself))
        return fault(name(side) + " obeyed a reset that its frame does not order");
    if (request->status.names != life_[side])
        fault(name(side) + " obeyed a reset that was ordered for another life");
}

void Witness::check_agreement() {
    for (const Encounter& met : encounters_)
        for (const std::uint8_t loser : {std::uint8_t{0}, std::uint8_t{1}}) {
            const auto& winners = met.latest[1U - loser];
            if (met.rebooted[loser] && winners &&
                winners->loser != (loser == 0 ? kPrimarySlot : kSecondarySlot))
                fault(name(loser) + " rebooted, and the other one decided otherwise");
        }
}

}  // namespace test::exhaustive
