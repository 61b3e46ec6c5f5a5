// The pair's state table: what every event does in every state, as data. It is total: one labelled
// cell for each (state, event), checked at compile time. Pair executes it; docs/states.md is
// printed from it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "libha/redundancy/types.hpp"

namespace ha::redundancy {

/// What can happen to the pair. The peer_* events are frames of the learnt peer that may be
/// believed.
enum class PairEvent : std::uint8_t {
    peer_initializing,     ///< it boots and looks for us
    peer_waiting,          ///< it boots and lets us, the primary, go first
    peer_active,           ///< it claims to be active
    peer_standby_syncing,  ///< it claims to be our standby, not caught up
    peer_standby_ha,       ///< it claims to be our standby, caught up
    peer_switching_over,   ///< it was active and waits for its standby to take over (SW-2)
    peer_restarted,        ///< the peer we counted on is booting again, as a new incarnation
    peer_leaving,          ///< it says that this incarnation of it leaves (HB-8)
    peer_crashed,          ///< its dying gasp: this incarnation of it is dead (HB-8)
    reset_ordered,         ///< the active orders exactly this incarnation to reset
    reset_requested,       ///< the standby asks to be reset (LOSS-3)
    switchover_ordered,    ///< standby: the active has handed over to exactly this incarnation
    synchronized,      ///< active: the standby holds everything; standby: the active confirms it
    out_of_sync,       ///< the standby can no longer be brought up to date (HB-5)
    window_expired,    ///< the discovery window passed (BOOT-2)
    peer_lost,         ///< nothing heard of the peer on any port for T (LOSS-1, LOSS-2)
    arbitration_won,   ///< both sides know both tuples: the peer reboots (SB-1)
    arbitration_lost,  ///< both sides know both tuples: we reboot (SB-1)
    stop_requested,    ///< SIGTERM
    reload_requested,  ///< `reload`
    switchover_requested,  ///< `system switchover`
    switchover_expired,    ///< a switchover was not complete in time (SW-3)
    role_changed,          ///< standalone becomes primary, at once (ROLE-2)
    standby_reload,        ///< `reload module` of the standby (SW-6)
    other_version_heard,   ///< one in the peer's place speaks another version of the wire format
    other_version_stays,   ///< such a one has been active for T, and so have we
};
inline constexpr std::size_t kPairEventCount = 26;
std::string_view to_string(PairEvent event);

enum class Verdict : std::uint8_t {
    taken,       ///< the action is carried out
    ignored,     ///< may happen, means nothing here
    impossible,  ///< only this program could cause it: an assertion
    peer_error,  ///< only a faulty peer could cause it: counted, nothing changes
};
std::string_view to_string(Verdict verdict);

enum class Action : std::uint8_t {
    none,
    answer,             ///< tell the peer who we are, naming its incarnation
    elect,              ///< decide who goes first (decide_election)
    hold_window,        ///< keep the discovery window open: somebody else is about to be active
    follow,             ///< become the standby of this active
    become_active,      ///< nobody else is active
    take_over,          ///< the stable standby becomes active (LOSS-2, HB-8, SW-2)
    admit,              ///< count the joining standby as present and synchronize it
    hear,               ///< the standby answered
    obey,               ///< the active asked: note that it lives and answer
    confirm,            ///< active: the pair is HA now
    ready,              ///< standby: HA standby now
    drop_peer,          ///< the standby is gone: no standby
    order_reset,        ///< tell the standby to reset, and count it as gone
    arbitrate,          ///< exchange and compare the frozen tuples (SB-1)
    end_encounter,      ///< the other side is gone or has rebooted: we stay active
    win,                ///< wait for the loser to reboot
    reset_self,         ///< reload: start anew (ROLE-5)
    leave,              ///< say goodbye and stop, or reload
    begin_switchover,   ///< give the role up and order the standby to take it (SW-2)
    order_switchover,   ///< the standby holds everything: tell it to take over
    cancel_switchover,  ///< nobody was told to take over: stay active
    refuse_switchover,  ///< there is no standby that could take over
    hand_over,          ///< the standby is active: reload
    take_back,          ///< the standby is gone: be active again
    reset_both,         ///< order the standby to reset, and reset (SW-3)
    hold_back,          ///< do not become active while that one is
    yield_to_other_version,  ///< one of two actives that cannot compare restarts
    open_to_peers,           ///< look for a peer from now on (ROLE-2)
};
std::string_view to_string(Action action);

struct Cell {
    PairState state;
    PairEvent event;
    Verdict verdict;
    Action action;
    std::string_view next;  ///< for the reader: where it can lead, empty = stays
    std::string_view why;
};

inline constexpr std::size_t kCellCount = kPairStateCount * kPairEventCount;

/// All cells, state by state, in the order of the enums.
const std::array<Cell, kCellCount>& state_table();
const Cell& cell(PairState state, PairEvent event);

/// docs/states.md, whole.
std::string render_state_table();

}  // namespace ha::redundancy
