"""Planned switchovers, one after the other: from the command to the first answer of the new active
on the management address, as a station sees it."""

import select
import subprocess
import sys
import time

from lab_tool.nodes import wait_for
from lab_tool.topology import MGMT_ADDRESSES, LabError
from lab_tool.wires import mac_of

from bench.pair import NAMES, Pair

LIMIT = 28.0  # seconds: what the product allows a switchover (SW-3)


class Answers:
    """Who answers on the management address, since when."""

    def __init__(self, lab):
        address = MGMT_ADDRESSES[0].split("/")[0]
        self._process = subprocess.Popen(
            lab.enter("station") + [sys.executable, "-m", "bench.prober", address, "mgmt0"],
            stdout=subprocess.PIPE,
        )

    def wait_for(self, mac):
        """When a host with this MAC began to answer, in ns of CLOCK_MONOTONIC."""
        deadline = time.monotonic() + LIMIT
        while select.select([self._process.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
            at_ns, source = self._process.stdout.readline().split()
            if source.decode() == mac:
                return int(at_ns)
        raise LabError(f"waited {LIMIT:g} s for {mac} to answer")

    def close(self):
        self._process.kill()
        self._process.wait()


def run(options):
    with Pair(options.timers) as pair:
        pair.start_both()
        answers = Answers(pair.lab)
        try:
            answers.wait_for(mac_of(pair.active(), "mgmt"))
            return [_one(pair, answers) for _ in range(options.rounds)]
        finally:
            answers.close()


def _one(pair, answers):
    active = pair.become_ha()
    standby = NAMES[1 - NAMES.index(active)]
    wait_for(lambda: pair.state(standby) == "HA standby", 60, "a stable standby")
    begun = time.monotonic_ns()
    answer = pair.ask(active, "system switchover")
    if answer is None or answer["exit"] != 0:
        raise LabError(f"system switchover on {active}: {answer}")
    return (answers.wait_for(mac_of(standby, "mgmt")) - begun) / 1e6
