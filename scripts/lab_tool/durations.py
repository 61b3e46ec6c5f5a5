"""Times in scenarios, written in the product's own units so that one file fits all timers.

    3T   2h   T + 2h   6h - 100 ms   1.5 s   10 min
h is the heartbeat interval, T the loss interval, H the time until a module goes headless.
"""
import re

TERM = re.compile(r"\s*([+-])?\s*(\d+(?:\.\d+)?)?\s*(ms|min|s|h|T|H)\b")


class Units:
    def __init__(self, parameters):
        self.seconds = {
            "h": parameters.h_ms / 1000,
            "T": parameters.t_ms / 1000,
            "H": parameters.headless_ms / 1000,
            "ms": 0.001,
            "s": 1.0,
            "min": 60.0,
        }

    def duration(self, text):
        return sum(sign * count * self.seconds[unit] for sign, count, unit in terms(text))


def terms(text):
    """[(+1 or -1, count, unit)…]; ValueError says what is wrong."""
    text = str(text)
    position, found = 0, []
    while position < len(text.rstrip()):
        match = TERM.match(text, position)
        if not match or (
            match.group(1) is None
            and (found or match.group(2) is None and match.group(3) in ("ms", "s", "min"))
        ):
            raise ValueError(f"'{text}' is no time: like 3T, 2h, T + 2h, 500 ms, 1.5 s")
        found.append(
            (-1 if match.group(1) == "-" else 1, float(match.group(2) or 1), match.group(3))
        )
        position = match.end()
    if not found:
        raise ValueError("a time is missing: like 3T, 2h, T + 2h, 500 ms, 1.5 s")
    return found


def show(seconds):
    """0.123 s below ten seconds, 12.3 s above."""
    return f"{seconds:.3f} s" if seconds < 10 else f"{seconds:.1f} s"
