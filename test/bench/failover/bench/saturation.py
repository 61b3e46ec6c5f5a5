"""The saturation stage: busy loops on every core, a healthy pair; every takeover is a false one."""

import time

from bench import netlink, peers
from bench.lab import Lab
from bench.processes import BusyLoops


def count_takeovers(takeovers, seconds):
    """How often the standby took over within `seconds`."""
    deadline_ns = time.monotonic_ns() + int(seconds * 1e9)
    count = 0
    while netlink.wait_readable([takeovers], deadline_ns):
        count += len(takeovers.read())
    return count


def window(name, interval_ms, priority, plan, work, keep_logs):
    """One window: a record with the number of false failovers."""
    with Lab(work) as lab:
        pair = peers.make(name, lab, interval_ms, plan.multiplier, priority)
        try:
            pair.start()
            takeovers = pair.takeovers()
            time.sleep(0.5)  # measure: a pair at rest before the load
            takeovers.read()
            with BusyLoops(plan.loops):
                count = count_takeovers(takeovers, plan.saturation_seconds)
            takeovers.close()
            alive = all(daemon.running() for daemons in pair.daemons.values() for daemon in daemons)
        finally:
            pair.stop()
            keep_logs(lab, f"saturation-{name}-{interval_ms}-{priority}")
    return {
        "peer": name,
        "interval_ms": interval_ms,
        "effective_interval_ms": pair.interval_ms,
        "priority": pair.default_priority(pair.interval_ms) if priority is None else priority,
        "is_default": priority is None,
        "seconds": plan.saturation_seconds,
        "loops": plan.loops,
        "false_failovers": count,
        "daemons_alive": alive,
    }


def schedule(plan):
    """[(priority, interval, peer)] in order, without those that are the same in effect.

    A peer that cannot go below 1 s runs at 1 s whatever is asked; a priority may be its default.
    """
    chosen = {}
    for priority in plan.saturation_priorities:
        for interval_ms in plan.saturation_intervals_ms:
            for name in plan.peers:
                effective_ms = max(interval_ms, peers.lowest_interval_ms(name))
                effective = peers.default_priority(name, effective_ms)
                if priority is not None:
                    effective = priority
                chosen.setdefault((name, effective_ms, effective), (priority, interval_ms, name))
    return list(chosen.values())


def run(plan, work, keep_logs, progress):
    records = []
    for number in range(plan.saturation_rounds):
        for priority, interval_ms, name in schedule(plan):
            found = window(name, interval_ms, priority, plan, work, keep_logs)
            records.append({"round": number, **found})
            progress(records[-1])
    return records
