"""The rounds of a soak: faults, mending, and what must hold then."""
import collections
import time

from lab_tool.binaries import binaries
from lab_tool.nodes import wait_for
from lab_tool.ping import Ping
from lab_tool.scenario import DEMO, SANITIZER, SEVERE
from lab_tool.scenario_file import load

from .client import Client, number_of
from .faults import MODULES, NODES, SUPERVISORS, active_of, is_clean, one_fault, status
from .resources import Life, sample

# Errors that belong to frozen and interrupted supervisors.
EXPECTED = {"ADDRESS_FAILED", "ADDRESS_EXPIRED"}
RECOVERY_S = 60  # of a busy machine; the search has the bound in virtual time
AT_REST_S = 3


class Violation(Exception):
    """What must hold does not; the words say what."""


class Soak:
    def __init__(self, control, rnd, faults):
        self._control = control
        self._rnd = rnd
        self._faults = faults
        self.rounds = 0
        self.story = []
        self._verbs = collections.Counter()
        self._lives = collections.defaultdict(Life)  # of (node, pid)
        self._read = collections.Counter()  # bytes of a node's log
        self._pings = {}
        self.client = None
        self._harmless = set(EXPECTED)
        self._recovery_s = []

    def begin(self):
        (demo,) = load([DEMO], binaries()["vsm-sim"])
        self._harmless |= set(demo.harmless_errors)
        wait_for(lambda: is_clean(self._control), RECOVERY_S, "the pair before the faults")
        lab = self._control.lab
        for name, other in (MODULES, MODULES[::-1]):
            self._pings[name] = Ping(lab, f"soak-{name}", f"{name}-vm1", f"{other}-vm2", 100)
            wait_for(lambda p=self._pings[name]: p.count()[0], 5, "the first packet")
        self.client = Client(self._control)
        self.client.start()

    def end(self):
        for one in (*self._pings.values(), self.client):
            if one is not None:
                one.close()

    def round(self, first_half):
        """One round; of each kind of daemon the one that is not ended lives through half of them.
        Returns a line for the reader."""
        may_end = ("vsm-b", "vem-4") if first_half else ("vsm-a", "vem-3")
        for _ in range(self._faults):
            verb, where = one_fault(self._control, self._rnd, may_end)
            self._verbs[verb] += 1
            self.story.append(f"{time.strftime('%H:%M:%S')} {verb} {where}")
            self._pause(self._rnd.choice([0, 0.5, 1, 2, 4, 8, 16]))
        mended = time.monotonic()
        self._control.mend()
        wait_for(lambda: is_clean(self._control), RECOVERY_S, "one clean pair")
        self._recovery_s.append(time.monotonic() - mended)
        self._check_changes()
        self._check_rest()
        self._check_traffic()
        self._check_logs()
        self.rounds += 1
        return (
            f"round {self.rounds}: whole after {self._recovery_s[-1]:.1f} s, "
            f"{self.client.acknowledged} of {self.client.asked} changes acknowledged"
        )

    def _pause(self, heartbeats):
        time.sleep(heartbeats * self._control.lab.parameters.h_ms / 1000)  # poll: faults' distance

    def _check_changes(self):
        kept = self.client.kept
        active = active_of(self._control)
        if active is None:
            raise Violation("a whole pair is no pair any more")
        number = number_of(active)
        if number < kept:
            raise Violation(f"change {kept} was acknowledged by both, {active.name} has {number}")
        standby = next(self._control.node(n) for n in SUPERVISORS if n != active.name)
        wait_for(lambda: number_of(standby) >= number, 10, "the standby to have it too")

    def _check_rest(self):
        """While nothing is wrong, nothing changes but what the operator changes."""
        before = self._at_rest()
        limit = time.monotonic() + AT_REST_S
        while time.monotonic() < limit:
            self._pause(1)
            now = self._at_rest()
            if now != before:
                raise Violation(f"nothing was wrong, and yet {before} became {now}")
        for name in NODES:
            pid = self._control.node(name).process()
            held = sample(pid) if pid else None
            if held is None:
                raise Violation(f"{name} ended while nothing was wrong")
            self._lives[name, pid].add(held)

    def _at_rest(self):
        states = [status(self._control.node(name)) for name in SUPERVISORS]
        return [one.get("this_sup_internal_state") for one in states]

    def _check_traffic(self):
        for name, ping in self._pings.items():
            sent, lost = ping.count()
            if lost or not sent:
                raise Violation(f"the ports of {name} lost {lost} of {sent} packets")

    def _check_logs(self):
        for name in NODES:
            for line in self._new_lines(name):
                match = SEVERE.search(line)
                if (match and match.group(2) not in self._harmless) or SANITIZER.search(line):
                    raise Violation(f"{name} logged: {line}")

    def _new_lines(self, name):
        with open(self._control.node(name).folder / "log", "rb") as log:
            log.seek(self._read[name])
            text = log.read()
            self._read[name] = log.tell()
        return text.decode(errors="replace").splitlines()

    def check_resources(self):
        found = [
            f"{name} (pid {pid}): {what}"
            for (name, pid), life in self._lives.items()
            for what in life.leaks()
        ]
        if found:
            raise Violation("; ".join(found))

    def figures(self):
        """Of the ledger's line: faults, changes, packets, the longest recovery."""
        sent = sum(ping.count()[0] for ping in self._pings.values())
        client = self.client
        asked = f"{client.acknowledged} of {client.asked}" if client else "no"
        longest = max(self._recovery_s, default=0)
        return (
            f"{self._verbs.total()} faults, {asked} changes acknowledged, {sent} packets, "
            f"whole again after {longest:.1f} s at most"
        )

    def summary(self):
        verbs = ", ".join(f"{count} {verb}" for verb, count in self._verbs.most_common())
        lines = [self.figures(), f"faults: {verbs}"]
        for (name, pid), life in self._lives.items():
            if len(life.counted()) >= 2:
                lines.append(f"{name} (pid {pid}): {life.summary()}")
        return lines
