// The decisions of the pair, row by row: what is decided and for which reason.
#include "libha/redundancy/decisions.hpp"

#include <catch2/catch.hpp>

#include "libha/redundancy/collisions.hpp"
#include "libha/redundancy/encounter.hpp"
#include "libha/redundancy/liveness.hpp"

using namespace ha;
using namespace ha::redundancy;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kNeverMs = ~std::uint64_t{0};

wire::ArbitrationTuple tuple(std::uint16_t modules, std::uint64_t configuration_age_ms,
                             std::uint64_t active_age_ms) {
    wire::ArbitrationTuple made;
    made.module_count = modules;
    made.configuration_maker = configuration_age_ms == kNeverMs ? 0 : configuration_age_ms + 1;
    made.configuration_age_ms = configuration_age_ms;
    made.active_age_ms = active_age_ms;
    return made;
}

MacAddress mac(std::uint8_t last) {
    return {{2, 0, 0, 0, 0, last}};
}

}  // namespace

TEST_CASE("Arbitration: modules, then configuration, then time as active, then role", "[SB-1]") {
    struct Row {
        wire::ArbitrationTuple primary, secondary;
        Slot loser;
        std::string reason;
    };
    const Row rows[] = {
        {tuple(0, 5, 9), tuple(3, 900, 1), kPrimarySlot, "fewer modules (0 against 3)"},
        {tuple(4, 900, 1), tuple(3, 5, 9), kSecondarySlot, "fewer modules (3 against 4)"},
        {tuple(3, 900, 9), tuple(3, 5, 1), kPrimarySlot,
         "older last configuration (900 ms ago against 5 ms ago)"},
        {tuple(3, kNeverMs, 9), tuple(3, 5, 1), kPrimarySlot,
         "older last configuration (never against 5 ms ago)"},
        {tuple(3, 5, 1), tuple(3, kNeverMs, 9), kSecondarySlot,
         "older last configuration (never against 5 ms ago)"},
        {tuple(3, kNeverMs, 10), tuple(3, kNeverMs, 70), kPrimarySlot,
         "shorter time as active in ms (10 against 70)"},
        {tuple(3, kNeverMs, 70), tuple(3, kNeverMs, 10), kSecondarySlot,
         "shorter time as active in ms (10 against 70)"},
        {tuple(3, kNeverMs, 70), tuple(3, kNeverMs, 70), kSecondarySlot,
         "full tie: the secondary reboots"},
    };
    for (const Row& row : rows) {
        const ArbitrationResult result = decide_arbitration({row.primary, row.secondary});
        CHECK(result.loser == row.loser);
        CHECK(result.reason == row.reason);
    }
}

TEST_CASE("The same configuration is a tie whatever its travel time", "[SB-1][SB-5]") {
    auto primary = tuple(3, 1000, 50);
    auto secondary = tuple(3, 1003, 60);
    primary.configuration_maker = secondary.configuration_maker = 7;
    CHECK(decide_arbitration({primary, secondary}).loser == kPrimarySlot);  // by time as active
}

TEST_CASE("A VSG on either side always resets the primary", "[SB-2]") {
    for (const bool on_primary : {true, false}) {
        auto primary = tuple(9, 1, 999);
        auto secondary = tuple(0, kNeverMs, 1);
        (on_primary ? primary : secondary).vsg = true;
        CHECK(decide_arbitration({primary, secondary}).loser == kPrimarySlot);
    }
}

TEST_CASE("The primary goes first only once the secondary is known to wait", "[BOOT-4]") {
    using wire::ClaimedState;
    const auto decide = [](Role role, ClaimedState peer, bool heard) {
        return decide_election(role, peer, heard).decision;
    };
    CHECK(decide(Role::secondary, ClaimedState::initializing, true) == Election::wait);
    CHECK(decide(Role::primary, ClaimedState::initializing, true) == Election::wait);
    CHECK(decide(Role::primary, ClaimedState::waiting, false) == Election::wait);
    CHECK(decide(Role::primary, ClaimedState::waiting, true) == Election::become_active);
}

TEST_CASE("Learnt MACs change only as the policy says", "[BOOT-5]") {
    MacDecisionInput input;
    input.source = mac(1);
    CHECK(decide_mac(input).decision == MacDecision::learn);  // first contact
    input.learnt = mac(1);
    input.peer_known = true;
    CHECK(decide_mac(input).decision == MacDecision::accept);
    input.source = mac(2);
    CHECK(decide_mac(input).decision == MacDecision::reject);
    SECTION("sticky stays sticky even when the peer is gone") {
        input.peer_absent = true;
        CHECK(decide_mac(input).decision == MacDecision::reject);
    }
    SECTION("replace-when-absent") {
        input.policy = PeerMacPolicy::replace_when_absent;
        CHECK(decide_mac(input).decision == MacDecision::reject);
        input.peer_absent = true;
        CHECK(decide_mac(input).decision == MacDecision::learn);
    }
    SECTION("a proof of the key may replace an absent peer, never a present one") {
        input.proven = true;
        CHECK(decide_mac(input).decision == MacDecision::reject);
        input.peer_absent = true;
        CHECK(decide_mac(input).decision == MacDecision::learn);
        input.policy = PeerMacPolicy::fixed;
        CHECK(decide_mac(input).decision == MacDecision::reject);
    }
    SECTION("nobody slips in on the port that was silent so far") {
        input.learnt = {};
        CHECK(decide_mac(input).decision == MacDecision::reject);
        input.same_life = true;
        CHECK(decide_mac(input).decision == MacDecision::learn);
    }
}

TEST_CASE("The ninth colliding MAC overwrites the oldest and the overwrite shows", "[COL-1]") {
    using Outcome = CollisionTable::Outcome;
    CollisionTable table;
    const Instant start{1000s};
    for (std::uint8_t index = 1; index <= 8; ++index)
        CHECK(table.note(mac(index), PortKind::control, start + index * 1s).outcome ==
              Outcome::added);
    // The first one collides again: now the second is the oldest.
    CHECK(table.note(mac(1), PortKind::mgmt, start + 20s).outcome == Outcome::refreshed);
    const auto noted = table.note(mac(9), PortKind::control, start + 30s);
    CHECK(noted.outcome == Outcome::overwrote);
    CHECK(noted.overwritten == mac(2));
    CHECK(noted.log);
    const auto sorted = table.sorted();
    REQUIRE(sorted.size() == kMaximumCollisions);
    CHECK(sorted[0].mac == mac(9));
    CHECK(sorted[1].mac == mac(1));
    CHECK(sorted[1].count == 2);
    CHECK(table.overwritten_count() == 1);
    CHECK(table.overwritten_mac() == mac(2));
}

TEST_CASE("An entry leaves an hour after its last collision, not its first", "[COL-2]") {
    CollisionTable table;
    const Instant start{1000s};
    table.note(mac(1), PortKind::control, start);
    table.note(mac(1), PortKind::control, start + 30min);
    CHECK(table.expire(start + 89min).empty());
    CHECK(table.next_deadline() == start + 90min);
    CHECK(table.expire(start + 90min).size() == 1);
    CHECK(table.sorted().empty());
    CHECK(table.next_deadline() == ha::kNever);
}

TEST_CASE("A flood of colliding MACs does not flood the log", "[COL-1][ANY-1]") {
    CollisionTable table;
    unsigned lines = 0;
    for (unsigned index = 0; index < 10000; ++index) {
        MacAddress source = mac(static_cast<std::uint8_t>(index));
        source.octets[4] = static_cast<std::uint8_t>(index >> 8U);
        const Instant at = Instant{1000s} + index * 100us;
        lines += table.note(source, PortKind::control, at).log ? 1 : 0;
    }
    CHECK(lines <= 10);
}

TEST_CASE("Degraded after half of T in whole heartbeats", "[HB-3]") {
    const auto degraded_after = [](Duration heartbeat, Duration loss) {
        Liveness liveness;
        liveness.configure(heartbeat, loss);
        return liveness.degraded_after();
    };
    CHECK(degraded_after(1s, 15s) == 8s);
    CHECK(degraded_after(1s, 6s) == 3s);
    CHECK(degraded_after(1s, 30s) == 15s);
    CHECK(degraded_after(10ms, 30ms) == 20ms);
    CHECK(degraded_after(50ms, 150ms) == 100ms);
}

TEST_CASE("An encounter is complete only when both hold both tuples", "[SB-1]") {
    Encounter mine(tuple(1, 1, 1));
    Encounter theirs(tuple(2, 2, 2));
    CHECK(mine.receive(theirs.part()));  // taught us theirs; they do not know ours
    CHECK_FALSE(mine.complete());
    CHECK(theirs.receive(mine.part()));
    CHECK(theirs.complete());  // they saw theirs come back
    CHECK_FALSE(mine.receive(theirs.part()));
    CHECK(mine.complete());
    // The other side gave up and froze anew: what it acknowledged before counts no more.
    auto renewed = tuple(3, 3, 3);
    renewed.number = 2;
    Encounter again(renewed);
    CHECK(mine.receive(again.part()));
    CHECK_FALSE(mine.complete());
}
