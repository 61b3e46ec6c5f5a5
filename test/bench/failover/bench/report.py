"""Words for people: the tables and verdicts of one run as text. Must not compute anything."""

from bench import summary

FAULT_NAMES = {"kill": "kill -9", "crash": "crash", "cable": "cable pulled", "term": "SIGTERM"}


def table(header, rows, left=2):
    """Columns as wide as their widest cell; the first `left` left-aligned, numbers to the right."""
    cells = [header, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = []
    for row in cells:
        parts = [
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ]
        lines.append("  ".join(parts).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _number(value):
    return "-" if value is None else f"{value:.2f}"


def _spread(figures):
    if figures is None:
        return ["-"] * 4
    return [
        _number(figures.minimum),
        _number(figures.median),
        _number(figures.p90),
        _number(figures.maximum),
    ]


def takeover(result):
    plan = result["plan"]
    rows = summary.takeover_rows(result["takeover"], plan["peers"], plan["faults"])
    header = ["fault", "peer", "nominal", "min", "median", "p90", "max", "trials", "failed"]
    shape = [
        ("Takeover, ms after the fault", lambda takeover_ms, _since: takeover_ms),
        (
            "The same, ms after the last heartbeat that reached the standby",
            lambda _takeover, since: since,
        ),
    ]
    texts = []
    for title, choose in shape:
        lines = [
            [
                FAULT_NAMES[fault],
                peer,
                f"{nominal:.1f}",
                *_spread(choose(takeovers, since)),
                str((choose(takeovers, since) or summary.Figures(0, 0, 0, 0, 0)).count),
                str(failed),
            ]
            for peer, fault, takeovers, since, failed, nominal in rows
        ]
        texts.append(
            f"{title} ({plan['interval_ms']} ms x {plan['multiplier']})\n\n{table(header, lines)}"
        )
    return "\n\n".join(texts)


def saturation(result):
    plan = result["plan"]
    groups = {}
    for found in result["saturation"]:
        key = (found["is_default"], found["priority"], found["interval_ms"], found["peer"])
        groups.setdefault(key, []).append(found)
    lines = []
    for (is_default, priority, _interval_ms, peer), windows in groups.items():
        counts = [found["false_failovers"] for found in windows]
        lines.append(
            [
                f"{windows[0]['effective_interval_ms']} ms",
                peer,
                (f"real-time {priority}" if priority else "ordinary")
                + (" (its default)" if is_default else ""),
                " ".join(map(str, counts)),
                str(sum(counts)),
                "yes" if all(found["daemons_alive"] for found in windows) else "NO",
            ]
        )
    header = ["interval", "peer", "priority", "by window", "sum", "all daemons alive"]
    seconds, loops = plan["saturation_seconds"], plan["loops"]
    title = f"False failovers in {seconds:g} s under {loops} busy loops"
    return f"{title}\n\n{table(header, lines, left=3)}"


def rest(result):
    lines = []
    for window in result["rest"]:
        for node, cost in window["nodes"].items():
            lines.append(
                [
                    f"{window['interval_ms']} ms",
                    window["peer"],
                    node,
                    f"{cost['cpu_seconds_per_minute']:.4f}",
                    f"{100 * cost['cpu_seconds_per_minute'] / 60:.3f}",
                    f"{cost['rss_mb']:.1f}",
                    f"{cost['pss_mb']:.1f}",
                    str(cost["processes"]),
                ]
            )
    return "At rest\n\n" + table(
        ["interval", "peer", "daemon", "CPU s/min", "% of a core", "RSS MB", "PSS MB", "processes"],
        lines,
        left=3,
    )


def goals(found):
    words = {True: "met", False: "MISSED", None: "-"}
    return "Goals of vsm-ha\n\n" + table(
        ["", "goal", "found"], [[words[v.met], v.goal, v.found] for v in found], left=3
    )


def environment(facts):
    return "\n".join(f"{key}: {value}" for key, value in facts.items())
