/* The pair as a Promela model: election, heartbeats, takeover, split brain. docs/model.md maps every
 * process, frame, variable and property to the code; machine.pml is what a supervisor does.
 * test/model/check runs it in several worlds:
 *
 *   -DSPLIT      both begin as actives that have not heard each other; else both are down
 *   -DSTORM      at first frames are lost, overtake each other, and each side's clock runs as it likes;
 *                at any moment it becomes calm for good; else it is calm from the beginning
 *   -DCRASHES=n  how often a side may crash while it storms (in a calm world: at any time)
 *   -DSWITCHOVERS=n how often an operator may ask for a switchover, at any time
 *   -DMUTATION_x one deliberate mistake, which a property must notice
 */
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef SWITCHOVERS
#define SWITCHOVERS 0
#endif
#ifndef LIVES
#define LIVES 2                     /* of a side before it is calm */
#endif
#ifndef FREEZES
#define FREEZES 2                   /* of a life before it is calm */
#endif
#define WINDOW 3                    /* discovery window, in heartbeats (BOOT-2) */
#define LOSS 3                      /* T, in heartbeats: the shortest there is (HB-6) */
#ifndef ROOM
#define ROOM 2                      /* frames under way in one direction */
#endif
#define LIMIT 6                     /* lives and freezes that nothing may use up once it is calm */

#define PRIMARY 0
#define SECONDARY 1
#define NONE 0

mtype = { down, discovering, waiting, active_alone, active_syncing, active_ha, active_arbitrating,
          switching_over, standby_syncing, standby_ha };
mtype = { hello, request, response, leaving, gasp };
mtype = { says_initializing, says_waiting, says_active, says_standby_syncing, says_standby_ha,
          says_switching_over };

/* Control flags of a frame, and whether a syncing standby holds everything. */
#define RESET_YOURSELF 1
#define RESET_ME 2
#define SYNCHRONIZED 4
#define APPLIED 8
#define SWITCH_OVER 16

/* A frozen tuple: its number and what is compared, as one byte; NONE: there is none. */
#define TUPLE(number, modules) ((number) * 2 + (modules))
#define NUMBER(tuple) ((tuple) / 2)
#define MODULES(tuple) ((tuple) % 2)

/* Frames to a side: kind, claim, sender's life, life it names, flags, tuples mine and yours. */
chan wire[2] = [ROOM] of { mtype, mtype, byte, byte, byte, byte, byte };

mtype state[2];
byte life[2];                       /* incarnation; 0: never booted */
byte peer_life[2];                  /* newest life seen of the peer; stored */
byte left_life[2];                  /* the life that said goodbye */
byte followed[2];                   /* the life that is our active, standby or opponent now */
byte window[2];                     /* heartbeats until the window ends */
byte silence[2];                    /* heartbeats since the peer was heard */
byte unasked[2];                    /* standby: heartbeats since the last request, up to 2 */
bool due[2];                        /* a request is to be sent at once */
bool applied[2];                    /* standby: holds all that the active knows */
byte freezes[2];
byte mine[2], theirs[2];            /* the encounter */
bool echoed[2], decided[2];
bool calm;
byte ticked;                        /* calm: who has had this heartbeat, one bit each */
byte crashes = CRASHES;
byte switchovers = SWITCHOVERS;

/* The frame being read, and scratch of one step: no part of the state. */
hidden mtype f_kind, f_claim, claimed;
hidden byte f_life, f_names, f_flags, f_mine, f_yours, part;
hidden byte loser;
hidden byte answer;
#define FRAME f_kind, f_claim, f_life, f_names, f_flags, f_mine, f_yours

/* What the properties speak of. */
byte lost_life[2], lost_against[2]; /* the latest life that rebooted by comparison, and the other */
byte decided_mine[2], decided_theirs[2], decided_loser[2], decided_life[2], decided_peer[2];
byte reboots;                       /* since it is calm */

#define other (1 - me)
#define is_active(side) (state[side] == active_alone || state[side] == active_syncing || \
    state[side] == active_ha || state[side] == active_arbitrating)
#define boots(side) (state[side] == discovering || state[side] == waiting)
#define has_standby(side) (state[side] == active_syncing || state[side] == active_ha)
#define is_standby(side) (state[side] == standby_syncing || state[side] == standby_ha)
#define whole ((state[PRIMARY] == active_ha && state[SECONDARY] == standby_ha) || \
    (state[PRIMARY] == standby_ha && state[SECONDARY] == active_ha))

#include "machine.pml"

/* ---- processes ---- */

/* While it storms, nothing may use up what the model can count. */
#define may_boot(side) (calm || life[side] < LIVES)
#define may_freeze(side) (calm || freezes[side] < FREEZES || \
    state[side] != active_arbitrating || mine[side] != NONE)
#define bit_of(side) (side + 1)
#define ready(side) (!due[side] && (state[side] != down || life[side] == 0))

proctype supervisor(bit me) {
end:
    do
    :: atomic { state[me] == down && may_boot(me) -> boot() }
    :: atomic { wire[me]?FRAME -> receive() }
    :: atomic { due[me] && may_freeze(me) -> send_due() }
    :: atomic { !calm && state[me] != down && may_freeze(me) -> heartbeat() }
    :: atomic { crashes > 0 && state[me] != down -> crashes--; crash() }
#if SWITCHOVERS
    :: atomic { switchovers > 0 && state[me] == active_ha -> switchovers--; begin_switchover() }
#endif
    :: atomic { calm && !(ticked & bit_of(me)) && ready(me) ->
                ticked = ticked | bit_of(me);
                heartbeat() }
    od
}

/* A heartbeat's time ends when everything that was sent in it has arrived. */
proctype clock() {
end:
    do
    :: atomic { calm && ticked == 3 && ready(PRIMARY) && ready(SECONDARY) &&
                empty(wire[PRIMARY]) && empty(wire[SECONDARY]) -> ticked = 0 }
    od
}

proctype faults() {
end:
    do
    :: atomic { !calm && nempty(wire[PRIMARY]) -> wire[PRIMARY]?FRAME }
    :: atomic { !calm && nempty(wire[SECONDARY]) -> wire[SECONDARY]?FRAME }
    :: atomic { !calm && len(wire[PRIMARY]) > 1 -> overtake(PRIMARY) }
    :: atomic { !calm && len(wire[SECONDARY]) > 1 -> overtake(SECONDARY) }
    :: !calm -> calm = true
    od
}

init {
    atomic {
        state[PRIMARY] = down;
        state[SECONDARY] = down;
#ifdef SPLIT
        life[PRIMARY] = 1;
        life[SECONDARY] = 1;
        peer_life[PRIMARY] = 1;
        peer_life[SECONDARY] = 1;
        state[PRIMARY] = active_alone;
        state[SECONDARY] = active_alone;
#endif
#ifndef STORM
        calm = true;
#endif
        run supervisor(PRIMARY);
        run supervisor(SECONDARY);
        run clock();
        run faults()
    }
}

/* Once it is calm and both have been started, the pair becomes whole and stays so. */
ltl heals { (<> (calm && life[PRIMARY] > 0 && life[SECONDARY] > 0)) -> (<> ([] whole)) }
