"""The face every peer shows to the stages: start a pair, watch takeovers, name processes."""

import os
import signal
import subprocess

from bench import lab as lab_module
from bench import netlink, processes

START_LIMIT_S = 30


def arrivals(events, address, present):
    """(times at which `address` came, whether it is there now) after `events`; `present`: before.

    Adding an address again that is there is an event too, and no takeover.
    """
    times = []
    for event in events:
        if event.address == address:
            if event.added and not present:
                times.append(event.at_ns)
            present = event.added
    return times, present


class AddressTakeovers:
    """Takeover means: the moving address is present in the standby's namespace."""

    def __init__(self, node):
        self._listener = netlink.AddressListener(node.name)
        self._present = False

    def fileno(self):
        return self._listener.fileno()

    def read(self):
        """Times at which the standby took over since the last read."""
        events = self._listener.read()
        times, self._present = arrivals(events, lab_module.ADDRESS, self._present)
        return times

    def close(self):
        self._listener.close()


class Pair:
    """Two daemons, "a" brought up first and active, "b" the standby. Lives for one trial."""

    name = ""
    lowest_interval_ms = 1

    def __init__(self, lab, interval_ms, multiplier, realtime_priority=None):
        self.lab = lab
        self.interval_ms = max(interval_ms, self.lowest_interval_ms)
        self.multiplier = multiplier
        self.realtime_priority = realtime_priority  # None: what it does by default
        self.daemons = {"a": [], "b": []}  # each: the failing daemon first, its helpers after it

    # -- what a peer defines -------------------------------------------------------------------

    def start_node(self, node):
        """Starts the daemons of one node into self.daemons."""
        raise NotImplementedError

    def active_ready(self):
        """Whether "a" is active."""
        return self.a_has_address()

    def standby_ready(self):
        """Whether "b" would take over now."""
        raise NotImplementedError

    def is_heartbeat(self, frame):
        """Whether a frame arriving at the standby is one that its liveness is judged by."""
        raise NotImplementedError

    def takeovers(self):
        return AddressTakeovers(self.lab.b)

    def nominal_ms(self):
        """Silence after which the standby should act, by the peer's own rules."""
        return self.interval_ms * self.multiplier

    @staticmethod
    def version():
        raise NotImplementedError

    # -- what is the same for all --------------------------------------------------------------

    @staticmethod
    def default_priority(_interval_ms):
        """The real-time priority it takes without being told; 0: the ordinary scheduler."""
        return 0

    def with_priority(self, words):
        """The command that runs `words` at the priority, for peers that have no such setting."""
        if not self.realtime_priority:
            return words
        return ["chrt", "--rr", str(self.realtime_priority), *words]

    def a_has_address(self):
        shown = subprocess.run(
            ["ip", "-n", self.lab.a.name, "-4", "-o", "addr", "show", "to", lab_module.ADDRESS],
            capture_output=True,
            text=True,
            check=True,
        )
        return bool(shown.stdout.strip())

    def start(self):
        for letter, node, ready in (
            ("a", self.lab.a, self.active_ready),
            ("b", self.lab.b, self.standby_ready),
        ):
            self.start_node(node)
            processes.wait_until(
                ready, f"{self.name}: node {letter} ready", START_LIMIT_S, self.daemons[letter]
            )

    def strike(self, number):
        """Signals the active's daemon: SIGKILL to all its processes, others to the first."""
        pids = self.victims if number == signal.SIGKILL else self.victims[-1:]
        for pid in pids:
            os.kill(pid, number)

    def crash(self):
        """SIGKILL to the active's protocol process alone; what is set up for that case may act."""
        os.kill(self.victims[-1], signal.SIGKILL)

    def aim(self):
        """Looks up the processes that strike() will hit, so that striking is all that is timed."""
        self.victims = self.daemons["a"][0].family()

    def stop(self):
        for letter in ("a", "b"):
            for daemon in self.daemons[letter]:
                daemon.end()

    def costs(self, letter):
        """{daemon: (cpu seconds so far, RSS MB, PSS MB, processes)} of one node."""
        found = {}
        for daemon in self.daemons[letter]:
            pids = daemon.family()
            memory = [processes.resident_mb(pid) for pid in pids]
            found[daemon.name] = (
                sum(processes.cpu_seconds(pid) for pid in pids),
                sum(rss for rss, _ in memory),
                sum(pss for _, pss in memory),
                len(pids),
            )
        return found


def first_line(words):
    """The first line a command prints, on either stream; what is wrong when it cannot run."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=10)
    except OSError as error:
        return str(error)
    return ((done.stdout + done.stderr).strip().splitlines() or ["?"])[0]


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
