"""One pair of virtual machines for all tests, which run in the order in which they are written."""
import os
import shutil
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "scripts"), str(SOURCE / "test/hosts"), str(Path(__file__).parent)]
sys.dont_write_bytecode = True

from host_lab import cleanup  # noqa: E402
from lab_tool.topology import Lab  # noqa: E402
from vm_lab.image import kernel_package  # noqa: E402
from vm_lab.pair import HEARTBEAT_MS, LOSS_MS, VirtualPair  # noqa: E402

FIGURES = pytest.StashKey()


def obstacle():
    """Why no virtual machine can boot here; None when nothing is in the way."""
    if os.geteuid() != 0:
        return "wires need root"
    for program in ("qemu-system-x86_64", "mmdebstrap", "mke2fs", "cpio", "busybox", "modprobe"):
        if not shutil.which(program):
            return f"{program} is missing: scripts/install-dependencies vm"
    if not kernel_package():
        return "apt knows no linux-image-amd64"
    return None


@pytest.fixture(scope="session")
def built_pair(request):
    if reason := obstacle():
        pytest.skip(reason)
    for name in cleanup.abandoned():
        cleanup.remove(name)
    name = f"v{os.getpid()}"
    guard = cleanup.begin(name)
    try:
        built = VirtualPair(Lab(name))
        request.config.stash[FIGURES] = built.figures
        built.build()
        yield built
    finally:
        cleanup.end(guard, name)


@pytest.fixture
def pair(built_pair):
    """Whole, with what was before forgotten; leaves no error in a journal."""
    built_pair.mend()
    built_pair.mark()
    yield built_pair
    errors = built_pair.unexpected_errors()
    assert not errors, "\n".join(errors)


def pytest_terminal_summary(terminalreporter, config):
    figures = config.stash.get(FIGURES, [])
    if figures:
        timers = f"heartbeats of {HEARTBEAT_MS} ms, a loss interval of {LOSS_MS / 1000:g} s"
        terminalreporter.write_line(f"| With {timers} | Took |\n|---|---:|")
    for what, seconds in figures:
        terminalreporter.write_line(f"| {what} | {seconds:.1f} s |")
