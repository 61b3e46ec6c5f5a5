"""An acknowledged change, beside a put of etcd and a commit of a PostgreSQL pair, and beside the
fsync that all of them wait for. All stores are on one disk; rounds are interleaved."""

import contextlib
import os
import time

from bench import rivals
from bench.pair import Pair

BLOCK = b"x" * 4096


class Fsync:
    """What a disk takes to keep one block: no durable change is quicker."""

    def __init__(self, folder):
        self._file = os.open(os.path.join(folder, "fsync"), os.O_CREAT | os.O_WRONLY, 0o600)
        os.write(self._file, BLOCK * 16)
        self._at = 0

    def change(self, _):
        self._at = (self._at + 1) % 16
        os.pwrite(self._file, BLOCK, self._at * len(BLOCK))
        os.fdatasync(self._file)

    def close(self):
        os.close(self._file)


class Supervisors:
    def __init__(self, options):
        with contextlib.ExitStack() as stack:
            pair = stack.enter_context(Pair(options.timers))
            pair.start_both()
            self._session = stack.enter_context(contextlib.closing(pair.connect(pair.active())))
            self._stack = stack.pop_all()

    def change(self, number):
        answer = self._session.ask(f"hostname h{number}", mode="config")
        if answer["exit"] != 0:
            raise RuntimeError(f"the change was not made: {answer}")

    def close(self):
        self._stack.close()


def run(options):
    work = os.environ["VSM_HA_BENCH_WORK"]
    makers = {
        "fsync": lambda: Fsync(work),
        "vsm-ha": lambda: Supervisors(options),
        "etcd": lambda: rivals.Etcd(work),
        "postgresql": lambda: rivals.PostgresPair(work),
    }
    subjects, times = {}, {name: [] for name in makers}
    try:
        for name, make in makers.items():
            subjects[name] = make()
        for number in range(options.rounds):
            for name, subject in subjects.items():
                begun = time.monotonic_ns()
                subject.change(number)
                times[name].append((time.monotonic_ns() - begun) / 1e6)
    finally:
        for subject in subjects.values():
            subject.close()
    return times
