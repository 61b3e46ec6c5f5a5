"""The takeover stage: strike the active, time until the standby has taken over.

Rounds go over all faults and peers in turn, so that whatever disturbs the machine disturbs all
alike. Each trial has a fresh lab and fresh daemons. The fault strikes at a chosen phase of the
heartbeat: a takeover takes up to one interval less when it strikes right before a heartbeat than
right after one, so the phases are spread evenly over the rounds, the same for all peers of a round.
"""

import gc
import os
import random
import signal
import sys
import time

from bench import frames, netlink, peers
from bench.lab import CONTROL, MGMT, Lab

SLOW_MS = 1000  # from this interval on a peer takes part in every plan.slow_every-th round only
SETTLE_INTERVALS = 4  # of quiet before a fault
PHASE_INTERVALS = 8  # phases reach over this many intervals: some peers jitter theirs
ATTEMPTS = 3  # a trial disturbed before its fault says nothing: it is made again


class Disturbed(Exception):
    """The pair was not at rest when the fault was to strike."""


def _cable(pair, switch):
    ports = pair.lab.a.ports
    request = switch.request(ports, netlink.BRIDGE_PORT_DISABLED)
    return lambda: switch.send(request), lambda: switch.confirm(len(ports))


def _signal(pair, number):
    pair.aim()
    return lambda: pair.strike(number), lambda: None


def prepare_fault(fault, pair, switch):
    """(strike, confirm) for a fault; everything slow is done now."""
    if fault == "cable":
        return _cable(pair, switch)
    if fault == "crash":
        pair.aim()
        return pair.crash, lambda: None
    return _signal(pair, signal.SIGKILL if fault == "kill" else signal.SIGTERM)


def _await(takeovers, deadline_ns):
    while True:
        ready = netlink.wait_readable([takeovers], deadline_ns)
        if not ready:
            return None
        times = takeovers.read()
        if times:
            return times[0]


def _sleep_to_phase(pair, arrivals, phase):
    """Waits for a heartbeat, then for `phase` intervals more."""
    deadline_ns = time.monotonic_ns() + int(10 * pair.interval_ms * 1e6)
    heard = []
    while not heard:
        if not netlink.wait_readable(arrivals.sockets, deadline_ns):
            raise Disturbed("no heartbeats before the fault")
        heard = _heartbeats(pair, arrivals.read(), None)
    wait_ms = pair.interval_ms * (phase if pair.interval_ms < SLOW_MS else phase % 1)
    left_ns = heard[-1].at_ns + int(wait_ms * 1e6) - time.monotonic_ns()
    time.sleep(max(0, left_ns) / 1e9)  # measure: the phase of the fault
    return heard


def measure(pair, fault, phase):
    """One trial on a started pair: a record with times in ms (see ../../README.md)."""
    takeovers = pair.takeovers()
    arrivals = frames.FrameListener(pair.lab.b.name, (CONTROL, MGMT))
    switch = netlink.PortSwitch()
    try:
        strike, confirm = prepare_fault(fault, pair, switch)
        quiet = SETTLE_INTERVALS if pair.interval_ms < SLOW_MS else 1
        time.sleep(quiet * pair.interval_ms / 1000)  # measure: at rest before the fault
        arrivals.read()
        before = _sleep_to_phase(pair, arrivals, phase)
        if takeovers.read():
            raise Disturbed("took over before the fault")
        gc.disable()
        struck_ns = time.monotonic_ns()
        strike()
        done_ns = _await(takeovers, struck_ns + int((3 * pair.nominal_ms() + 5000) * 1e6))
        gc.enable()
        confirm()
        heard = before + _heartbeats(pair, arrivals.read(), done_ns)
    finally:
        switch.close()
        arrivals.close()
        takeovers.close()
    last_ns = heard[-1].at_ns if heard else None
    return {
        "takeover_ms": None if done_ns is None else (done_ns - struck_ns) / 1e6,
        "since_last_frame_ms": None
        if done_ns is None or last_ns is None
        else (done_ns - last_ns) / 1e6,
        "last_frame_before_fault_ms": None if last_ns is None else (struck_ns - last_ns) / 1e6,
        "largest_gap_ms": max(
            ((b.at_ns - a.at_ns) / 1e6 for a, b in zip(heard, heard[1:])), default=None
        ),
        "heartbeats": len(heard),
        "nominal_ms": pair.nominal_ms(),
    }


def _heartbeats(pair, arrived, done_ns):
    return [
        frame
        for frame in arrived
        if pair.is_heartbeat(frame) and (done_ns is None or frame.at_ns < done_ns)
    ]


def trial(name, fault, plan, phase, work, keep_logs):
    """A whole trial from a fresh lab on; raises Disturbed when it says nothing."""
    with Lab(work) as lab:
        pair = peers.make(name, lab, plan.interval_ms, plan.multiplier)
        try:
            pair.start()
            return measure(pair, fault, phase)
        finally:
            pair.stop()
            keep_logs(lab, f"takeover-{name}-{fault}")


def spread_phases(chance, count):
    """`count` phases in intervals, shuffled: their fractions one from each of as many equal strata,
    their whole parts by chance, since peers that jitter drift apart over several intervals."""
    phases = [
        (stratum + chance.random()) / count + chance.randrange(PHASE_INTERVALS)
        for stratum in range(count)
    ]
    chance.shuffle(phases)
    return phases


def run(plan, work, keep_logs, progress):
    """All trials of the stage as a list of records."""
    chance = random.Random(plan.seed)
    phases = {fault: spread_phases(chance, plan.rounds) for fault in plan.faults}
    records = []
    for number in range(plan.rounds):
        for fault in plan.faults:
            for name in chance.sample(plan.peers, len(plan.peers)):
                if peers.lowest_interval_ms(name) >= SLOW_MS and number % plan.slow_every:
                    continue
                record = _attempt(name, fault, plan, phases[fault][number], work, keep_logs)
                records.append({"round": number, "peer": name, "fault": fault, **record})
                progress(records[-1])
    return records


def _attempt(name, fault, plan, phase, work, keep_logs):
    load = os.getloadavg()[0]
    for attempt in range(1, ATTEMPTS + 1):
        try:
            record = trial(name, fault, plan, phase, work, keep_logs)
            return {**record, "attempts": attempt, "load": load}
        except (Disturbed, TimeoutError) as reason:
            print(f"{name} {fault}, attempt {attempt}: {reason}", file=sys.stderr, flush=True)
    return {
        "takeover_ms": None,
        "since_last_frame_ms": None,
        "last_frame_before_fault_ms": None,
        "largest_gap_ms": None,
        "heartbeats": 0,
        "nominal_ms": float(plan.interval_ms * plan.multiplier),
        "attempts": ATTEMPTS,
        "load": load,
    }
