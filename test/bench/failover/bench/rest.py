"""The rest stage: a healthy pair with nothing to do; its cost in processor time and memory."""

import time

from bench import peers
from bench.lab import Lab

SETTLE_S = 5


def window(name, interval_ms, plan, work, keep_logs):
    """One window: a record with the cost of each node, its failing daemon and its helpers apart."""
    with Lab(work) as lab:
        pair = peers.make(name, lab, interval_ms, plan.multiplier)
        try:
            pair.start()
            time.sleep(SETTLE_S)  # measure: starting up must not count
            started = time.monotonic()
            before = {letter: pair.costs(letter) for letter in ("a", "b")}
            time.sleep(plan.rest_seconds)  # measure: the window
            minutes = (time.monotonic() - started) / 60
            after = {letter: pair.costs(letter) for letter in ("a", "b")}
        finally:
            pair.stop()
            keep_logs(lab, f"rest-{name}-{interval_ms}")
    nodes = {}
    for letter, side in (("a", "active"), ("b", "standby")):
        for daemon, (cpu, rss, pss, count) in after[letter].items():
            nodes[f"{side} {daemon}"] = {
                "cpu_seconds_per_minute": (cpu - before[letter][daemon][0]) / minutes,
                "rss_mb": rss,
                "pss_mb": pss,
                "processes": count,
            }
    return {
        "peer": name,
        "interval_ms": pair.interval_ms,
        "seconds": plan.rest_seconds,
        "nodes": nodes,
    }


def run(plan, work, keep_logs, progress):
    records = []
    for number in range(plan.rest_rounds):
        for interval_ms in plan.rest_intervals_ms:
            for name in plan.peers:
                if peers.lowest_interval_ms(name) <= interval_ms:
                    found = window(name, interval_ms, plan, work, keep_logs)
                    records.append({"round": number, **found})
                    progress(records[-1])
    return records
