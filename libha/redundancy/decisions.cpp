// See decisions.hpp.
#include "libha/redundancy/decisions.hpp"

#include <limits>

namespace ha::redundancy {
namespace {

constexpr std::uint64_t kNeverConfigured = std::numeric_limits<std::uint64_t>::max();

std::string age_text(std::uint64_t age_ms) {
    if (age_ms == kNeverConfigured)
        return "never";
    return std::to_string(age_ms) + " ms ago";
}

std::string against(std::uint64_t loser, std::uint64_t winner) {
    return "(" + std::to_string(loser) + " against " + std::to_string(winner) + ")";
}

}  // namespace

ElectionResult decide_election(Role role, wire::ClaimedState peer, bool peer_has_heard_us) {
    if (role == Role::secondary)
        return {Election::wait, "the primary is initializing too and goes first"};
    if (peer == wire::ClaimedState::waiting && peer_has_heard_us)
        return {Election::become_active,
                "the secondary is initializing too and waits: primary goes first"};
    return {Election::wait,
            "the secondary is initializing too and has not yet answered that it waits"};
}

Slot decide_other_version(Personality ours) {
    return ours == Personality::vsg ? kPrimarySlot : kSecondarySlot;
}

ArbitrationResult decide_arbitration(const ArbitrationInput& input) {
    const wire::ArbitrationTuple& one = input.primary;
    const wire::ArbitrationTuple& two = input.secondary;
    const auto result = [](bool primary_loses, std::string reason) {
        return ArbitrationResult{primary_loses ? kPrimarySlot : kSecondarySlot, std::move(reason)};
    };
    if (one.vsg || two.vsg)
        return result(true, "a VSG always resets the primary");
    if (one.module_count != two.module_count) {
        const bool primary_loses = one.module_count < two.module_count;
        const auto [loser, winner] = primary_loses ? std::pair(one.module_count, two.module_count)
                                                   : std::pair(two.module_count, one.module_count);
        return result(primary_loses, "fewer modules " + against(loser, winner));
    }
    // The same configuration has the same maker and revision on both sides; then its ages, which
    // differ by the time it took to travel, must not decide.
    const bool same_configuration = one.configuration_maker == two.configuration_maker &&
                                    one.configuration_revision == two.configuration_revision;
    if (!same_configuration && one.configuration_age_ms != two.configuration_age_ms) {
        const bool primary_loses = one.configuration_age_ms > two.configuration_age_ms;
        const auto& loser = primary_loses ? one : two;
        const auto& winner = primary_loses ? two : one;
        return result(primary_loses, "older last configuration (" +
                                         age_text(loser.configuration_age_ms) + " against " +
                                         age_text(winner.configuration_age_ms) + ")");
    }
    if (one.active_age_ms != two.active_age_ms) {
        const bool primary_loses = one.active_age_ms < two.active_age_ms;
        const auto [loser, winner] = primary_loses
                                         ? std::pair(one.active_age_ms, two.active_age_ms)
                                         : std::pair(two.active_age_ms, one.active_age_ms);
        return result(primary_loses, "shorter time as active in ms " + against(loser, winner));
    }
    return result(false, "full tie: the secondary reboots");
}

MacDecisionResult decide_mac(const MacDecisionInput& input) {
    if (input.learnt == input.source)
        return {MacDecision::accept, "the learnt MAC"};
    if (input.policy == PeerMacPolicy::fixed)
        return {MacDecision::reject, "not the configured MAC"};
    if (input.learnt.is_zero()) {
        if (!input.peer_known)
            return {MacDecision::learn, "first contact"};
        if (input.same_life)
            return {MacDecision::learn, "first contact on this port"};
    }
    const bool may_replace = input.proven || input.policy == PeerMacPolicy::replace_when_absent;
    if (may_replace && input.peer_absent)
        return {MacDecision::learn, input.proven ? "proves the key and the old peer is absent"
                                                 : "the old peer is absent"};
    // The known MAC of the other port speaks for a peer that booted again before this port was
    // learnt.
    return {MacDecision::reject, may_replace ? "the learnt peer is still present"
                                             : "another MAC is learnt (policy sticky)"};
}

}  // namespace ha::redundancy
