// What `systemctl status` shows of a supervisor.
#include "libha/cli/status_line.hpp"

#include <catch2/catch.hpp>

using namespace ha;
using redundancy::PairState;
using wire::ClaimedState;

namespace {

supervisor::Snapshot snapshot(Role role, PairState state,
                              std::optional<ClaimedState> peer = std::nullopt) {
    supervisor::Snapshot made;
    made.pair.administrative_role = made.pair.operational_role = role;
    made.pair.state = state;
    made.pair.peer.present = peer.has_value();
    made.pair.peer.claimed = peer;
    return made;
}

}  // namespace

TEST_CASE("the status line says role, state, peer and mode in the words of the screens") {
    CHECK(
        cli::status_line(snapshot(Role::primary, PairState::active_ha, ClaimedState::standby_ha)) ==
        "primary, active, peer ha-standby, mode HA");
    CHECK(
        cli::status_line(snapshot(Role::secondary, PairState::standby_ha, ClaimedState::active)) ==
        "secondary, ha-standby, peer active, mode HA");
    CHECK(cli::status_line(snapshot(Role::primary, PairState::active_alone)) ==
          "primary, active, no peer, mode None");
    CHECK(cli::status_line(snapshot(Role::standalone, PairState::standalone)) ==
          "standalone, active, mode None");
    CHECK(cli::status_line(snapshot(Role::secondary, PairState::discovering)) ==
          "secondary, powered-up, no peer, mode None");
}

TEST_CASE("the status line says what goes on and what is wrong") {
    CHECK(cli::status_line(
              snapshot(Role::primary, PairState::active_syncing, ClaimedState::standby_syncing)) ==
          "primary, active, peer standby, mode None, synchronization in progress");
    CHECK(cli::status_line(
              snapshot(Role::primary, PairState::switching_over, ClaimedState::standby_ha)) ==
          "primary, active, peer ha-standby, mode None, switchover in progress");
    CHECK(cli::status_line(
              snapshot(Role::primary, PairState::active_arbitrating, ClaimedState::active)) ==
          "primary, active, peer active, mode None, two actives are compared");
    auto made = snapshot(Role::primary, PairState::active_ha, ClaimedState::standby_ha);
    made.pair.degraded = true;
    made.pair.degraded_reason = "nothing heard on control for 75 ms";
    made.store_failed = true;
    CHECK(cli::status_line(made) ==
          "primary, active, peer ha-standby, mode HA, degraded: nothing heard on control for 75 "
          "ms, changes cannot be stored");
}
