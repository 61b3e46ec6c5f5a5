"""Steady traffic between two places of a lab, and how much of it got lost."""
import re
import subprocess

from .topology import is_vem
from .wires import vm_address

SENT = re.compile(r"no answer yet for icmp_seq=(\d+)")
RECEIVED = re.compile(r"bytes from .*icmp_seq=(\d+)")


class Ping:
    """A ping that runs until close(); a late answer counts as an answer."""

    def __init__(self, lab, name, source, target, interval_ms=10):
        if re.fullmatch(r"vem-\d+-vm[12]", target):
            node, _, vm = target.rpartition("-")
            target = vm_address(node, vm)
        assert source == "station" or is_vem(source)
        self._path = lab.folder / f"ping-{name}"
        with open(self._path, "w", encoding="ascii") as out:
            self._process = subprocess.Popen(
                lab.enter(source) + ["ping", "-n", "-O", "-i", str(interval_ms / 1000), target],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def count(self):
        """(answered or given up, lost)"""
        missing, received = set(), set()
        for line in self._path.read_text(encoding="ascii", errors="replace").splitlines():
            match = RECEIVED.search(line)
            if match:
                received.add(int(match.group(1)))
            match = SENT.search(line)
            if match:
                missing.add(int(match.group(1)))
        return len(received | missing), len(missing - received)

    def close(self):
        self._process.kill()
        self._process.wait()
