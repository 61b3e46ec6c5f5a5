"""What one run is asked to do: the command line as a checked, immutable plan.

Run as a module it judges the arguments without doing anything and prints the chosen peers, one word
each, or "help". Must never touch the system.
"""

import argparse
import dataclasses
import sys

PEERS = ("vsm-ha", "keepalived", "ucarp", "bfdd")
STAGES = ("takeover", "saturation", "rest")
FAULTS = ("kill", "crash", "cable", "term")


@dataclasses.dataclass(frozen=True)
class Plan:
    """One run. Times are in the unit of their name."""

    rounds: int
    slow_every: int
    interval_ms: int
    multiplier: int
    peers: tuple
    stages: tuple
    faults: tuple
    saturation_intervals_ms: tuple
    saturation_priorities: tuple
    saturation_rounds: int
    saturation_seconds: float
    loops: int
    rest_intervals_ms: tuple
    rest_rounds: int
    rest_seconds: float
    seed: int
    output: str | None
    logs: str | None
    check_goals: bool


def bounded(kind, low, high):
    """An argparse type: a number of `kind` within [low, high], refused by name otherwise."""

    def parse(text):
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is not a number ({low}..{high})") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is out of range ({low}..{high})")
        return value

    return parse


def choices(allowed):
    """An argparse type: a comma-separated list out of `allowed`, in the order given, no doubles."""

    def parse(text):
        chosen = [word for word in text.split(",") if word]
        for word in chosen:
            if word not in allowed:
                raise argparse.ArgumentTypeError(f"'{word}' is none of {', '.join(allowed)}")
        if not chosen:
            raise argparse.ArgumentTypeError(f"names none of {', '.join(allowed)}")
        return tuple(dict.fromkeys(chosen))

    return parse


def numbers(low, high):
    """An argparse type: a comma-separated list of whole numbers within [low, high]."""
    one = bounded(int, low, high)
    return lambda text: tuple(one(word) for word in text.split(","))


def priorities(text):
    """An argparse type: a comma-separated list of "default" (None) and 0..99."""
    one = bounded(int, 0, 99)
    return tuple(None if word == "default" else one(word) for word in text.split(","))


def parser():
    made = argparse.ArgumentParser(
        prog="run",
        description="Measures failover of vsm-ha and its peers side by side in one run.",
        epilog="Must be root. ucarp cannot go below 1 s and always runs at 1 s.",
    )
    add = made.add_argument
    add(
        "--rounds",
        type=bounded(int, 1, 10000),
        default=20,
        metavar="N",
        help="takeover rounds; each gives one trial to every peer and fault (default %(default)s)",
    )
    add(
        "--slow-every",
        type=bounded(int, 1, 10000),
        default=5,
        metavar="N",
        help="peers that need 1 s join every Nth takeover round only (default %(default)s)",
    )
    add(
        "--interval-ms",
        type=bounded(int, 10, 1000),
        default=10,
        metavar="MS",
        help="heartbeat interval of the takeover stage, 10..1000 (default %(default)s)",
    )
    add(
        "--multiplier",
        type=bounded(int, 3, 100),
        default=3,
        metavar="K",
        help="intervals of silence that mean loss, 3..100 (default %(default)s)",
    )
    add(
        "--peers",
        type=choices(PEERS),
        default=PEERS,
        metavar="NAME,...",
        help=f"out of {','.join(PEERS)} (default all)",
    )
    add(
        "--only",
        type=choices(STAGES),
        default=STAGES,
        metavar="STAGE,...",
        help=f"out of {','.join(STAGES)} (default all)",
    )
    add(
        "--faults",
        type=choices(FAULTS),
        default=FAULTS,
        metavar="FAULT,...",
        help=f"out of {','.join(FAULTS)} (default all)",
    )
    add(
        "--saturation-intervals-ms",
        type=numbers(10, 1000),
        default=(50, 10),
        metavar="MS,...",
        help="heartbeat intervals tried under load (default 50,10)",
    )
    add(
        "--saturation-priorities",
        type=priorities,
        default=(None, 0, 20),
        metavar="P,...",
        help="priorities tried under load: default (each daemon's own), 0 (ordinary), or "
        "real-time 1..99 (default default,0,20)",
    )
    add(
        "--saturation-rounds",
        type=bounded(int, 1, 1000),
        default=1,
        metavar="N",
        help="windows under load for every peer and interval (default %(default)s)",
    )
    add(
        "--saturation-seconds",
        type=bounded(float, 1, 86400),
        default=60.0,
        metavar="S",
        help="length of one such window (default 60)",
    )
    add(
        "--loops",
        type=bounded(int, 1, 1024),
        default=8,
        metavar="N",
        help="busy loops that make the load (default %(default)s)",
    )
    add(
        "--rest-intervals-ms",
        type=numbers(10, 1000),
        default=(1000, 10),
        metavar="MS,...",
        help="heartbeat intervals measured at rest (default 1000,10)",
    )
    add(
        "--rest-rounds",
        type=bounded(int, 1, 1000),
        default=1,
        metavar="N",
        help="windows at rest for every peer (default %(default)s)",
    )
    add(
        "--rest-seconds",
        type=bounded(float, 1, 86400),
        default=60.0,
        metavar="S",
        help="length of one such window (default 60)",
    )
    add(
        "--seed",
        type=bounded(int, 0, 2**32),
        default=1,
        metavar="N",
        help="of the phase at which a fault strikes (default %(default)s)",
    )
    add("--output", metavar="FILE", help="write everything measured there as JSON")
    add("--logs", metavar="DIRECTORY", help="keep the daemons' logs there")
    add("--check-goals", action="store_true", help="exit 2 when a goal of vsm-ha was missed")
    return made


def parse(words):
    """The plan of a command line; like argparse, leaves the program on help and on mistakes."""
    given = parser().parse_args(words)
    return Plan(
        rounds=given.rounds,
        slow_every=given.slow_every,
        interval_ms=given.interval_ms,
        multiplier=given.multiplier,
        peers=given.peers,
        stages=given.only,
        faults=given.faults,
        saturation_intervals_ms=given.saturation_intervals_ms,
        saturation_priorities=given.saturation_priorities,
        saturation_rounds=given.saturation_rounds,
        saturation_seconds=given.saturation_seconds,
        loops=given.loops,
        rest_intervals_ms=given.rest_intervals_ms,
        rest_rounds=given.rest_rounds,
        rest_seconds=given.rest_seconds,
        seed=given.seed,
        output=given.output,
        logs=given.logs,
        check_goals=given.check_goals,
    )


def main():
    if set(sys.argv[1:]) & {"-h", "--help"}:
        parser().print_help(sys.stderr)
        print("help")
        return
    print(" ".join(parse(sys.argv[1:]).peers))


if __name__ == "__main__":
    main()
