"""Statistics of times in ms."""

import math


def percentile(values, share):
    """The smallest value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def summary(values):
    return {
        "count": len(values),
        "p50": round(percentile(values, 0.5), 3),
        "p99": round(percentile(values, 0.99), 3),
        "max": round(max(values), 3),
    }


def line(name, figures, words=""):
    return (
        f"{name:<34} {figures['count']:>5} runs   p50 {figures['p50']:>9.3f}   "
        f"p99 {figures['p99']:>9.3f}   max {figures['max']:>9.3f} ms   {words}"
    )
