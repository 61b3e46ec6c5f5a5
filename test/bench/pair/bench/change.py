"""An acknowledged change, beside a put of etcd and a commit of a PostgreSQL pair, and beside the
fsync that all of them wait for. All stores but those in memory are on one disk; rounds are
interleaved, and each has an order of its own."""

import concurrent.futures
import contextlib
import os
import random
import subprocess
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


class TwoFsyncs:
    """The same for two at once, each of its own file, until the later one is through: what two
    sides that share a disk take."""

    def __init__(self, work):
        self._files = []
        for name in ("first", "second"):
            folder = os.path.join(work, name)
            os.mkdir(folder)
            self._files.append(Fsync(folder))
        self._pool = concurrent.futures.ThreadPoolExecutor(1)

    def change(self, number):
        other = self._pool.submit(self._files[1].change, number)
        self._files[0].change(number)
        other.result()

    def close(self):
        self._pool.shutdown()
        for file in self._files:
            file.close()


class Supervisors:
    """A pair whose stores are in `states`, or in the lab's folder."""

    def __init__(self, options, name, binaries=None, states=None):
        with contextlib.ExitStack() as stack:
            pair = stack.enter_context(Pair(options.timers, 64, states, name, binaries))
            pair.start_both()
            self._session = stack.enter_context(contextlib.closing(pair.connect(pair.active())))
            self._stack = stack.pop_all()

    def change(self, number):
        answer = self._session.ask(f"hostname h{number}", mode="config")
        if answer["exit"] != 0:
            raise RuntimeError(f"the change was not made: {answer}")

    def close(self):
        self._stack.close()


class InMemory(Supervisors):
    """The same with both stores in memory: what is left is no disk's."""

    def __init__(self, options, work, name, binaries=None):
        self._states = os.path.join(work, name)
        os.mkdir(self._states)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", self._states],
                       check=True)
        try:
            super().__init__(options, name, binaries, self._states)
        except BaseException:
            self._unmount()
            raise

    def close(self):
        super().close()
        self._unmount()

    def _unmount(self):
        subprocess.run(["umount", self._states], check=True)


def _makers(options, work):
    """What makes each subject, by name, in the order of their turns."""
    named = {
        "fsync": lambda: Fsync(work),
        "two-fsyncs": lambda: TwoFsyncs(work),
        "memory": lambda: InMemory(options, work, "bench-memory"),
        "etcd": lambda: rivals.Etcd(work),
        "postgresql": lambda: rivals.PostgresPair(work),
    }
    makers = {"vsm-ha": lambda: Supervisors(options, "bench-pair")}
    if options.beside:
        makers["beside"] = lambda: Supervisors(options, "bench-beside", options.beside)
        if "memory" in options.subjects:
            named["beside memory"] = lambda: InMemory(
                options, work, "bench-beside-memory", options.beside
            )
    wanted = [*options.subjects, "beside memory"]
    return makers | {name: maker for name, maker in named.items() if name in wanted}


def _turns(names, number):
    """Another order in each round, the same in every run: what one leaves the disk to do must not
    always be the same other one's to wait for."""
    return random.Random(number).sample(names, len(names))


def run(options):
    makers = _makers(options, os.environ["VSM_HA_BENCH_WORK"])
    subjects, times = {}, {name: [] for name in makers}
    try:
        for name, make in makers.items():
            subjects[name] = make()
        names = list(subjects)
        for number in range(options.rounds):
            for name in _turns(names, number):
                begun = time.monotonic_ns()
                subjects[name].change(number)
                times[name].append((time.monotonic_ns() - begun) / 1e6)
    finally:
        for subject in subjects.values():
            subject.close()
    return times
