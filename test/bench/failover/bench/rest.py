"""The rest stage: a healthy pair at 1 s heartbeats; what it costs in processor time and memory."""

import time

from bench import peers
from bench.lab import Lab

INTERVAL_MS = 1000
SETTLE_S = 5


def window(name, plan, work, keep_logs):
    """One window: a record with the cost of each node, its failing daemon and its helpers apart."""
    with Lab(work) as lab:
        pair = peers.make(name, lab, INTERVAL_MS, plan.multiplier)
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
            keep_logs(lab, f"rest-{name}")
    nodes = {}
    for letter, side in (("a", "active"), ("b", "standby")):
        for daemon, (cpu, rss, pss, count) in after[letter].items():
            nodes[f"{side} {daemon}"] = {
                "cpu_seconds_per_minute": (cpu - before[letter][daemon][0]) / minutes,
                "rss_mb": rss,
                "pss_mb": pss,
                "processes": count,
            }
    return {"peer": name, "interval_ms": INTERVAL_MS, "seconds": plan.rest_seconds, "nodes": nodes}


def run(plan, work, keep_logs, progress):
    records = []
    for number in range(plan.rest_rounds):
        for name in plan.peers:
            records.append({"round": number, **window(name, plan, work, keep_logs)})
            progress(records[-1])
    return records
