"""Core dumps of machines, collected by the systemd-coredump inside.

There is one core pattern, the kernel's, and its program runs outside of every machine. So while a
test wants cores, the pattern names a program that enters the machine of the process that crashed
and runs the collector there. Crashes of anything else leave no core meanwhile.
"""
import contextlib
import fcntl
from pathlib import Path

from . import site
from .image import CORE_PATTERN

LOCK = Path("/run/lock/vsm-ha-core-pattern")
HANDLER = """#!/bin/sh
# Of one run of test/hosts: a crash goes to the collector of the machine in which it happened.
grep -q "/vsm-ha-hosts/{name}/" "/proc/$1/cgroup" || exit 0
while [ -e "{hold}" ]; do sleep 0.02; done # poll: as slow as the test wants it
crashed=$1
shift
exec nsenter --target "$crashed" --mount --uts --ipc --net --pid --cgroup --root -- \\
    /lib/systemd/systemd-coredump "$@"
"""


@contextlib.contextmanager
def collected(name):
    """While this holds, cores of the machines of that run are collected; one run at a time. As long
    as the file exists that this gives, collectors do not begin, and the kernel waits for them."""
    folder = site.FOLDER / name
    handler, hold = folder / "core-handler", folder / "core-hold"
    with open(LOCK, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        handler.write_text(HANDLER.format(name=name, hold=hold), encoding="ascii")
        handler.chmod(0o755)
        (folder / "core-pattern").write_bytes(CORE_PATTERN.read_bytes())
        CORE_PATTERN.write_text(f"|{handler} %P %p %u %g %s %t %c %h\n", encoding="ascii")
        try:
            yield hold
        finally:
            hold.unlink(missing_ok=True)
            restore(name)


def restore(name):
    """The pattern from before, when the present one is this run's."""
    kept = site.FOLDER / name / "core-pattern"
    if kept.exists() and str(kept.parent) in CORE_PATTERN.read_text(encoding="ascii"):
        CORE_PATTERN.write_bytes(kept.read_bytes())
