"""Statistics and verdicts over what was measured: pure functions, no input or output.

Percentiles interpolate linearly between the two nearest ranks. The goals are those stated in
docs/performance.md; each verdict carries the figure it was judged by.
"""

import dataclasses
import random
import statistics

DETECTION_SLACK_MS = 2.0
SILENT = ("kill", "cable")  # faults that nobody tells of
CRASH_MEDIAN_GOAL_MS = 5.0
CRASH_WORST_GOAL_MS = 20.0
TERM_GOAL_MS = 2.0
REST_CPU_PERCENT = 0.1
REST_RSS_MB = 20.0


@dataclasses.dataclass(frozen=True)
class Figures:
    count: int
    minimum: float
    median: float
    p90: float
    maximum: float


def percentile(values, percent):
    """The value below which `percent` of the sorted `values` lie, interpolated."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    position = (len(ordered) - 1) * percent / 100
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def figures(values):
    """Minimum, median, p90 and maximum, or None of nothing."""
    values = [value for value in values if value is not None]
    if not values:
        return None
    return Figures(
        len(values), min(values), statistics.median(values), percentile(values, 90), max(values)
    )


def takeover_rows(trials, peers, faults):
    """[(peer, fault, takeover and detection figures, unfinished trials, nominal ms)] in order."""
    rows = []
    for fault in faults:
        for peer in peers:
            chosen = [t for t in trials if t["peer"] == peer and t["fault"] == fault]
            if not chosen:
                continue
            rows.append(
                (
                    peer,
                    fault,
                    figures(t["takeover_ms"] for t in chosen),
                    figures(t["since_last_frame_ms"] for t in chosen),
                    sum(t["takeover_ms"] is None for t in chosen),
                    chosen[0]["nominal_ms"],
                )
            )
    return rows


def detection_outliers(trials, peer, interval_ms, multiplier):
    """How many trials of kill and cable ended too late and too early: (late, early)."""
    late = early = 0
    for trial in trials:
        since = trial["since_last_frame_ms"]
        if trial["peer"] != peer or trial["fault"] not in SILENT or since is None:
            continue
        late += since > interval_ms * multiplier + DETECTION_SLACK_MS
        early += since < interval_ms * (multiplier - 1)
    return late, early


def takeovers_of(trials, peer, fault):
    chosen = (t["takeover_ms"] for t in trials if (t["peer"], t["fault"]) == (peer, fault))
    return [value for value in chosen if value is not None]


def difference_of_medians(own, theirs, resamples=2000):
    """The 95 % bootstrap interval of median(own) - median(theirs): what chance may do to it."""
    chance = random.Random(0)
    differences = [
        statistics.median(chance.choices(own, k=len(own)))
        - statistics.median(chance.choices(theirs, k=len(theirs)))
        for _ in range(resamples)
    ]
    return percentile(differences, 2.5), percentile(differences, 97.5)


@dataclasses.dataclass(frozen=True)
class Verdict:
    goal: str
    met: bool | None  # None: this run did not measure it
    found: str


def _no_slower(trials, fault, other):
    """Met when slower at most by what chance explains: the phases of a jittering peer are luck."""
    goal = f"{fault}: median takeover no slower than {other}'s"
    own, theirs = takeovers_of(trials, "vsm-ha", fault), takeovers_of(trials, other, fault)
    if not own or not theirs:
        return Verdict(goal, None, "not measured")
    ours, others = statistics.median(own), statistics.median(theirs)
    low, high = difference_of_medians(own, theirs)
    found = (
        f"{ours:.2f} against {others:.2f} ms, ratio {ours / others:.3f}; "
        f"95 % interval of the difference {low:+.2f} .. {high:+.2f} ms"
    )
    return Verdict(goal, ours <= others or low <= 0, found)


def _takeover_verdicts(trials, interval_ms, multiplier):
    ours = [t for t in trials if t["peer"] == "vsm-ha"]
    silent = [t for t in ours if t["fault"] in SILENT]
    late, early = detection_outliers(ours, "vsm-ha", interval_ms, multiplier)
    unfinished = sum(t["takeover_ms"] is None for t in ours)
    measured = figures(t["since_last_frame_ms"] for t in silent)
    found = "not measured"
    if measured:
        found = (
            f"{measured.minimum:.2f} .. {measured.maximum:.2f} ms over {measured.count} trials; "
            f"{late} late, {early} early, {unfinished} without takeover"
        )
    yield Verdict(
        f"detection {interval_ms * (multiplier - 1)} .. "
        f"{interval_ms * multiplier + DETECTION_SLACK_MS:.0f} ms after the last frame received",
        late + early + unfinished == 0 if measured else None,
        found,
    )
    for fault in ("kill", "cable"):
        for other in ("keepalived", "bfdd"):
            yield _no_slower(trials, fault, other)
    crashes = figures(takeovers_of(trials, "vsm-ha", "crash"))
    yield Verdict(
        f"crash: median takeover <= {CRASH_MEDIAN_GOAL_MS:.0f} ms, "
        f"the longest <= {CRASH_WORST_GOAL_MS:.0f} ms",
        None
        if crashes is None
        else crashes.median <= CRASH_MEDIAN_GOAL_MS and crashes.maximum <= CRASH_WORST_GOAL_MS,
        "not measured"
        if crashes is None
        else f"{crashes.median:.2f} and {crashes.maximum:.2f} ms of {crashes.count} trials",
    )
    stops = figures(takeovers_of(trials, "vsm-ha", "term"))
    own = stops.median if stops else None
    yield Verdict(
        f"SIGTERM: median takeover <= {TERM_GOAL_MS:.0f} ms",
        None if own is None else own <= TERM_GOAL_MS,
        "not measured" if own is None else f"{own:.2f} ms",
    )


def _saturation_verdict(windows):
    # As it is shipped: what it does at another priority is in the table.
    chosen = [
        w for w in windows if w["is_default"] and (w["peer"], w["interval_ms"]) == ("vsm-ha", 50)
    ]
    count = sum(w["false_failovers"] for w in chosen)
    return Verdict(
        "no false failover under saturation at 50 ms",
        count == 0 if chosen else None,
        f"{count} in {len(chosen)} window(s)" if chosen else "not measured",
    )


def _rest_verdicts(windows):
    chosen = [w for w in windows if (w["peer"], w["interval_ms"]) == ("vsm-ha", 1000)]
    nodes = [node for w in chosen for node in w["nodes"].values()]
    cpu = max((100 * n["cpu_seconds_per_minute"] / 60 for n in nodes), default=None)
    rss = max((n["rss_mb"] for n in nodes), default=None)
    yield Verdict(
        f"at rest <= {REST_CPU_PERCENT} % of a core",
        None if cpu is None else cpu <= REST_CPU_PERCENT,
        "not measured" if cpu is None else f"{cpu:.3f} %",
    )
    yield Verdict(
        f"at rest <= {REST_RSS_MB:.0f} MB resident",
        None if rss is None else rss <= REST_RSS_MB,
        "not measured" if rss is None else f"{rss:.1f} MB",
    )


def verdicts(result):
    """Every goal of vsm-ha, judged by one run's results."""
    plan = result["plan"]
    made = list(_takeover_verdicts(result["takeover"], plan["interval_ms"], plan["multiplier"]))
    made.append(_saturation_verdict(result["saturation"]))
    made.extend(_rest_verdicts(result["rest"]))
    return made
