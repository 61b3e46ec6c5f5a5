/* What one supervisor of the model does with a frame and with time, as libha/redundancy does it; `me` is
 * its side. Included by pair.pml, which holds the state, the processes and the properties.
 */

inline send(a_kind, names, flags) {
    if
    :: boots(me) && state[me] == discovering -> claimed = says_initializing
    :: state[me] == waiting -> claimed = says_waiting
    :: is_active(me) -> claimed = says_active
    :: state[me] == switching_over -> claimed = says_switching_over
    :: state[me] == standby_syncing -> claimed = says_standby_syncing
    :: state[me] == standby_ha -> claimed = says_standby_ha
    fi;
    part = NONE;
    if
    :: a_kind == request && mine[me] != NONE ->
#ifdef MUTATION_NOT_FROZEN
        /* What is compared is looked up whenever it is sent. */
        if
        :: mine[me] = TUPLE(NUMBER(mine[me]), 0)
        :: mine[me] = TUPLE(NUMBER(mine[me]), 1)
        fi;
#endif
        part = mine[me]
    :: else
    fi;
    if
    :: nfull(wire[other]) && !(calm && state[other] == down) ->
        wire[other]!a_kind, claimed, life[me], names, flags,
            part, (part == NONE -> NONE : theirs[me])
    :: full(wire[other]) || (calm && state[other] == down) /* lost */
    fi
}

inline answer_hello() { send(hello, f_life, 0) }
inline send_requests() { send(request, peer_life[me], (state[me] == active_ha -> SYNCHRONIZED : 0)) }

inline enter(to) {
    state[me] = to;
    due[me] = false;
    silence[me] = 0;
    if
    :: to != active_arbitrating ->
        mine[me] = NONE;
        theirs[me] = NONE;
        echoed[me] = false;
        decided[me] = false
    :: else
    fi;
    if
    :: to != waiting -> window[me] = 0
    :: else
    fi;
    if
    :: to == standby_syncing || to == standby_ha
    :: else -> unasked[me] = 0; applied[me] = false
    fi;
    if
    :: to == active_alone || to == waiting -> followed[me] = NONE
    :: else
    fi
}

inline become_alone() {
#if !defined(STORM) && !defined(SPLIT)
    /* Never two actives while a path works both ways (BOOT-4). */
    assert(is_active(me) || !is_active(other));
#endif
    enter(active_alone);
    send(hello, peer_life[me], 0)
}

inline reboot() {
    send(leaving, peer_life[me], 0);
    enter(down);
    followed[me] = NONE;
    left_life[me] = NONE;
    freezes[me] = 0;
    if
    :: calm ->
        reboots++;
#if defined(SPLIT) && !defined(STORM)
        assert(reboots <= 1);       /* of two actives exactly one reboots: the other one stays */
#endif
        assert(reboots < LIMIT)
    :: else
    fi
}

inline overtake(to) {
    wire[to]?FRAME;
    wire[to]!FRAME
}

inline boot() {
    life[me]++;
    enter(discovering);
    window[me] = WINDOW
}

/* ---- split brain ---- */

inline decide() {
    if
#ifdef MUTATION_NO_ACKNOWLEDGEMENT
    :: theirs[me] != NONE && !decided[me] ->
#else
    :: theirs[me] != NONE && echoed[me] && !decided[me] ->
#endif
        decided[me] = true;
        if
        :: MODULES(mine[me]) < MODULES(theirs[me]) -> loser = me
        :: MODULES(mine[me]) > MODULES(theirs[me]) -> loser = other
#ifdef MUTATION_TIE
        :: MODULES(mine[me]) == MODULES(theirs[me]) -> loser = me
#else
        :: MODULES(mine[me]) == MODULES(theirs[me]) -> loser = SECONDARY
#endif
        fi;
        /* One pair of freezes is decided once: on identical data, alike (SB-1). */
        assert(!(decided_life[other] == followed[me] && decided_peer[other] == life[me] &&
                 NUMBER(decided_mine[other]) == NUMBER(theirs[me]) &&
                 NUMBER(decided_theirs[other]) == NUMBER(mine[me])) ||
               (decided_mine[other] == theirs[me] && decided_theirs[other] == mine[me] &&
                decided_loser[other] == loser));
        decided_life[me] = life[me];
        decided_peer[me] = followed[me];
        decided_mine[me] = mine[me];
        decided_theirs[me] = theirs[me];
        decided_loser[me] = loser;
        if
        :: loser == me ->
            /* Never both (SB-1). */
            assert(!(lost_life[other] == followed[me] && lost_against[other] == life[me]));
            lost_life[me] = life[me];
            lost_against[me] = followed[me];
            reboot()
        :: else
        fi
    :: else
    fi
}

inline arbitrate() {
    if
    :: state[me] != active_arbitrating ->
        enter(active_arbitrating);
        followed[me] = f_life;
        due[me] = true
    :: else
    fi;
    silence[me] = 0;
    if
    :: mine[me] == NONE
    :: mine[me] != NONE ->
        answer = (f_names != life[me]);
        if
        :: f_names == life[me] && f_mine != NONE &&
           (theirs[me] == NONE || NUMBER(f_mine) >= NUMBER(theirs[me])) ->
            if
            :: theirs[me] != f_mine ->
                theirs[me] = f_mine;
                echoed[me] = false;
#ifndef MUTATION_DECISION_KEPT
                decided[me] = false;
#endif
                answer = true
            :: else
            fi;
            if
            :: f_yours == mine[me] -> echoed[me] = true
            :: else -> answer = true
            fi
        :: else
        fi;
        if
        :: answer -> send_requests()
        :: else
        fi;
        decide()
    fi
}

/* ---- planned switchover ---- */

/* The role is given up, and the standby is told to take it: as long as it was heard within T/2. */
inline send_order() {
    if
    :: silence[me] * 2 < LOSS -> send(request, peer_life[me], SYNCHRONIZED + SWITCH_OVER)
    :: else -> send(request, peer_life[me], SYNCHRONIZED)
    fi
}

inline begin_switchover() {
    state[me] = switching_over;
#ifdef MUTATION_KEEPS_ROLE
    state[me] = active_ha;
#endif
    send(request, peer_life[me], SYNCHRONIZED + SWITCH_OVER)
}

/* ---- what the peer's frames mean ---- */

inline follow() {
    enter(standby_syncing);
    followed[me] = f_life;
    unasked[me] = 2;
    send(response, followed[me], 0)
}

inline admit() {
    if
    :: f_names != life[me] -> answer_hello()
    :: else ->
        enter(active_syncing);
        followed[me] = f_life;
        send_requests()
    fi
}

inline order_reset() {
    send(request, peer_life[me], RESET_YOURSELF);
    if
    :: state[me] != active_alone -> become_alone()
    :: else
    fi
}

inline obey() {
    silence[me] = 0;
    if
    :: f_kind == request ->
        unasked[me] = 0;
        applied[me] = true;         /* the pages travel beside the requests */
        send(response, followed[me], APPLIED)
    :: f_kind != request && state[me] == standby_syncing ->
        send(response, followed[me], (applied[me] -> APPLIED : 0))
    :: f_kind != request && state[me] == standby_ha && !calm
    :: f_kind != request && state[me] == standby_ha && (!calm || unasked[me] >= 2) ->
        send(response, followed[me], APPLIED + RESET_ME)
    :: else
    fi
}

inline elect() {
    if
    :: me == SECONDARY ->
        enter(waiting);
        window[me] = WINDOW;
        answer_hello()
#ifdef MUTATION_FIRST_AT_ONCE
    :: me == PRIMARY -> become_alone()
#else
    :: me == PRIMARY && f_claim == says_waiting && f_names == life[me] ->
        become_alone()
    :: me == PRIMARY && !(f_claim == says_waiting && f_names == life[me]) ->
        answer_hello()
#endif
    fi
}

inline hold_window() {
    window[me] = WINDOW;
    if
    :: f_kind == hello -> answer_hello()
    :: else
    fi
}

/* Event peer_restarted, before the frame itself is looked at. */
inline peer_restarted() {
    if
    :: has_standby(me) || state[me] == active_arbitrating || state[me] == switching_over ->
        become_alone()
    :: state[me] == standby_syncing -> reboot()
    :: state[me] == standby_ha -> become_alone()
    fi
}

inline peer_leaving() {
    if
    :: followed[me] == f_life || boots(me) ->
        left_life[me] = f_life;
        if
        :: state[me] == discovering
        :: state[me] == waiting || has_standby(me) || state[me] == active_arbitrating ||
           state[me] == switching_over ->
            become_alone()
        :: state[me] == standby_syncing -> reboot()
        :: state[me] == standby_ha -> become_alone()
        :: else
        fi
    :: else
    fi
}

inline peer_lost() {
    if
    :: has_standby(me) || state[me] == active_arbitrating || state[me] == standby_ha ||
       state[me] == switching_over ->
        become_alone()
    :: state[me] == standby_syncing -> reboot()
    fi
}

inline claim() {
    if
    :: boots(me) ->
        if
        :: f_claim == says_active -> follow()
        :: f_claim == says_standby_syncing || f_claim == says_standby_ha ||
           f_claim == says_switching_over -> hold_window()
        :: state[me] == discovering && (f_claim == says_initializing || f_claim == says_waiting) ->
            elect()
        :: state[me] == waiting && f_claim == says_initializing -> hold_window()
        :: else
        fi
    :: is_active(me) && f_claim == says_active -> arbitrate()
    :: state[me] == active_alone && (f_claim == says_initializing || f_claim == says_waiting) ->
        answer_hello()
    :: (state[me] == active_alone || state[me] == active_arbitrating) && f_claim == says_standby_syncing ->
        admit()
    :: state[me] == active_alone && f_claim == says_standby_ha -> order_reset()
    :: has_standby(me) && (f_claim == says_standby_syncing || f_claim == says_standby_ha) ->
        if
        :: f_names == life[me] ->
            silence[me] = 0;
            if
            :: state[me] == active_syncing && (f_flags & APPLIED) -> enter(active_ha); due[me] = true
            :: else
            fi
        :: else
        fi
    :: is_standby(me) && (f_claim == says_active || f_claim == says_switching_over) -> obey()
    :: state[me] == active_alone && f_claim == says_switching_over -> answer_hello()
    :: state[me] == switching_over && f_claim == says_active ->
#ifndef MUTATION_STAYS
        reboot()
#else
        silence[me] = 0
#endif
    :: state[me] == switching_over && (f_claim == says_standby_syncing || f_claim == says_standby_ha) &&
       f_names == life[me] -> silence[me] = 0
    :: else
    fi
}

inline flags_or_claim() {
    if
#ifdef MUTATION_ORDER_UNBOUND
    :: is_standby(me) && (f_flags & RESET_YOURSELF) && f_claim == says_active ->
#else
    :: is_standby(me) && (f_flags & RESET_YOURSELF) && f_claim == says_active && f_names == life[me] ->
#endif
        /* An order never hits another life. */
        assert(f_names == life[me]);
        reboot()
    :: !is_standby(me) && (f_flags & RESET_YOURSELF) && f_names == life[me] /* an error, or too late */
    :: (f_flags & RESET_ME) && f_names == life[me] ->
        if
        :: boots(me) -> answer_hello()
        :: state[me] == active_alone || has_standby(me) -> order_reset()
        :: else
        fi
    :: else ->
        if
        :: state[me] == standby_syncing && (f_claim == says_active || f_claim == says_switching_over) &&
           (f_flags & SYNCHRONIZED) && f_names == life[me] && applied[me] -> state[me] = standby_ha
        :: else
        fi;
        claim();
        if
#ifdef MUTATION_KEEPS_ROLE
        :: state[me] == standby_ha && (f_flags & SWITCH_OVER) && f_names == life[me] ->
#else
        :: state[me] == standby_ha && f_claim == says_switching_over && (f_flags & SWITCH_OVER) &&
           f_names == life[me] ->
#endif
            become_alone()
        :: else
        fi
    fi
}

inline receive() {
    if
    :: state[me] == down /* nobody there */
    :: state[me] != down && f_kind == gasp ->
        /* Of the life known last, to this one; it teaches nothing. */
        if
        :: f_life == peer_life[me] && f_names == life[me] -> peer_leaving()
        :: else
        fi
    :: state[me] != down && f_kind != gasp && f_life < peer_life[me] && f_names != life[me] ->
        /* An old life. */
        if
        :: f_kind == hello -> answer_hello()
        :: else
        fi
    :: state[me] != down && f_kind != gasp &&
       !(f_life < peer_life[me] && f_names != life[me]) ->
        peer_life[me] = f_life;
        if
        :: f_life == left_life[me] && f_kind != leaving /* sent before the goodbye */
        :: f_life == left_life[me] && f_kind == leaving
        :: f_life != left_life[me] && f_kind == leaving -> peer_leaving()
        :: f_life != left_life[me] && f_kind != leaving ->
            if
#ifndef MUTATION_RESTART_UNSEEN
            :: is_standby(me) && (f_claim == says_active || f_claim == says_switching_over) &&
               followed[me] != f_life -> reboot()
            :: (has_standby(me) || state[me] == active_arbitrating || state[me] == switching_over ||
                (is_standby(me) && f_claim != says_active && f_claim != says_switching_over)) &&
               followed[me] != f_life ->
                peer_restarted();
                if
                :: state[me] != down -> flags_or_claim()
                :: else
                fi
#endif
            :: else -> flags_or_claim()
            fi
        fi
    fi
}

/* ---- what time does ---- */

inline freeze() {
    freezes[me]++;
    assert(freezes[me] < LIMIT);
    if
    :: mine[me] = TUPLE(freezes[me], 0)
    :: mine[me] = TUPLE(freezes[me], 1)
    fi;
    theirs[me] = NONE
}

inline send_due() {
    due[me] = false;
    if
    :: state[me] == active_arbitrating && mine[me] == NONE -> freeze()
    :: else
    fi;
    send_requests()
}

/* While it storms a timer may have run out at any heartbeat, however late that one comes. */
inline count_silence() {
    if
    :: calm -> silence[me]++
    :: !calm
    :: !calm -> silence[me] = LOSS
    fi
}

inline heartbeat() {
    if
    :: boots(me) ->
        send(hello, peer_life[me], 0);
        if
        :: calm && window[me] > 0 -> window[me]--
        :: calm && window[me] == 0 -> become_alone()
        :: !calm
        :: !calm -> become_alone()
        fi
    :: state[me] == active_alone -> send(hello, peer_life[me], 0)
    :: has_standby(me) || state[me] == active_arbitrating ->
        count_silence();
        if
        :: silence[me] >= LOSS -> peer_lost()
        :: else -> send_due()
        fi
    :: state[me] == switching_over ->
        count_silence();
        if
        :: silence[me] >= LOSS -> peer_lost()
        :: else -> send_order()
        fi
    :: is_standby(me) ->
        count_silence();
        if
        :: calm && unasked[me] < 2 -> unasked[me]++
        :: else
        fi;
        if
        :: silence[me] >= LOSS -> peer_lost()
        :: else
        fi
    :: state[me] == down
    fi
}

inline crash() {
    if
    :: send(gasp, peer_life[me], 0)
    :: true                         /* nobody is left to say it */
    fi;
    enter(down);
    followed[me] = NONE;
    left_life[me] = NONE;
    freezes[me] = 0;
    if
    :: true
    :: peer_life[me] = NONE         /* what it had learnt was not yet stored */
    fi
}
