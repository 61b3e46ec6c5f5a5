// The decisions of the pair as plain functions: data in, the decision and its reason out. No state,
// no time, no side effect; the reason is logged, traced and shown.
#pragma once

#include <string>

#include "libha/redundancy/types.hpp"
#include "libha/wire/frame.hpp"

namespace ha::redundancy {

enum class Election : std::uint8_t { become_active, wait };

struct ElectionResult {
    Election decision;
    std::string reason;
};

/// Two supervisors boot at the same time (BOOT-4). `peer_has_heard_us`: its frame names our
/// incarnation. The primary goes first only once the secondary is known to have heard it and to
/// wait; until then it keeps looking, so that a secondary whose window ends in the same moment
/// cannot become active too.
ElectionResult decide_election(Role role, wire::ClaimedState peer, bool peer_has_heard_us);

struct ArbitrationInput {
    wire::ArbitrationTuple primary;
    wire::ArbitrationTuple secondary;
};
struct ArbitrationResult {
    Slot loser;
    std::string reason;
};

/// Who reboots after a split brain (SB-1, SB-2, SB-5): fewer modules; then the older last
/// configuration; then the shorter time as active; then the secondary. A VSG on either side: always
/// the primary. Both sides call it with the same input and so get the same answer.
ArbitrationResult decide_arbitration(const ArbitrationInput& input);

/// Which of two actives restarts when they cannot compare anything, because they speak different
/// versions: the one that a full tie would hit (SB-1), with a VSG the primary (SB-2).
Slot decide_other_version(Personality ours);

enum class MacDecision : std::uint8_t { accept, learn, reject };
struct MacDecisionInput {
    PeerMacPolicy policy = PeerMacPolicy::sticky;
    MacAddress learnt;         ///< on this port, zero: none
    MacAddress source;         ///< of the frame
    bool proven = false;       ///< the frame carries a valid proof of the key
    bool peer_absent = false;  ///< nothing accepted from the learnt peer on any port for T
    bool peer_known = false;   ///< some port has a learnt MAC
    bool same_life = false;    ///< the frame is of the incarnation that the peer has now
};
struct MacDecisionResult {
    MacDecision decision;
    std::string reason;
};

/// Whether a frame of the peer's slot comes from the peer (BOOT-5). A port without a learnt MAC
/// learns only from the first contact, or from the very incarnation that is known on the other
/// port: a third supervisor cannot slip in on the port that was silent so far (COL-3).
MacDecisionResult decide_mac(const MacDecisionInput& input);

}  // namespace ha::redundancy
