"""Daemons of the peers and the busy loops: start, watch, end, and what they cost.

Everything started here dies with the benchmark. All of it stays in one session on purpose: the
kernel's automatic grouping by session would otherwise shield a daemon from the busy loops.
"""

import os
import signal
import subprocess
import time

from bench import kernel


class Daemon:
    """One process (with its children) on a node; its output goes to <node>/<name>.log."""

    def __init__(self, node, name, words, environment=None):
        self.name = name
        self.log_path = node.path(f"{name}.log")
        with open(self.log_path, "wb") as log:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=node.directory,
                env={**os.environ, **(environment or {})},
                preexec_fn=lambda: kernel.become_node(node.name, node.run_directory),
            )

    @property
    def pid(self):
        return self._process.pid

    def running(self):
        return self._process.poll() is None

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def family(self):
        """Process ids, children first: killed in this order, no parent can act on a death."""
        return _family(self.pid)

    def end(self):
        for pid in self.family():
            _signal(pid, signal.SIGKILL)
        self._process.wait()


def _family(pid):
    found = []
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            for child in file.read().split():
                found.extend(_family(int(child)))
    except OSError:
        pass
    return found + [pid]


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def wait_until(condition, what, limit_s, daemons=()):
    """Polls until `condition()`; the limit or the end of a daemon raises, naming `what`."""
    deadline = time.monotonic() + limit_s
    while not condition():
        for daemon in daemons:
            if not daemon.running():
                raise TimeoutError(f"{daemon.name} ended before {what}: {daemon.log()[-600:]}")
        if time.monotonic() > deadline:
            tails = "".join(f"\n--- {daemon.name}: {daemon.log()[-600:]}" for daemon in daemons)
            raise TimeoutError(f"not within {limit_s} s: {what}{tails}")
        time.sleep(0.01)  # poll: until the condition or the limit


def cpu_seconds(pid):
    """Time on a processor of all its threads, in nanosecond resolution (unlike /proc/PID/stat)."""
    total_ns = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
            total_ns += int(file.read().split()[0])
    return total_ns / 1e9


def resident_mb(pid):
    """(RSS, PSS) in MB of 10^6 bytes; PSS shares common pages out among their users."""
    values = {}
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[0] in ("Rss:", "Pss:"):
                values[words[0]] = int(words[1]) * 1024 / 1e6
    return values["Rss:"], values["Pss:"]


class BusyLoops:
    """`count` processes that only burn time, as a context manager."""

    def __init__(self, count):
        self._count = count
        self._processes = []

    def __enter__(self):
        for _ in range(self._count):
            self._processes.append(
                subprocess.Popen(
                    ["/bin/sh", "-c", "while :; do :; done"], preexec_fn=kernel.die_with_parent
                )
            )
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
