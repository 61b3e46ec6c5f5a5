"""What is promised of the tests' own machinery: a run that is killed leaves nothing."""
import os
import signal
import subprocess
import sys
from pathlib import Path

from host_lab import cleanup, site as host_site
from host_lab.machine import GROUP, UNIFIED
from lab_tool.nodes import wait_for

PROGRAM = """
import os, sys
sys.path[:0] = sys.argv[2:]
sys.dont_write_bytecode = True
from host_lab import cleanup
from host_lab.packages import Packages
from host_lab.site import Site
from lab_tool.topology import Lab

name = f"h{os.getpid()}"
cleanup.begin(name)
site = Site(Lab(name))
site.build(Packages(sys.argv[1]), ["vsm-a"])
print(name, flush=True)
sys.stdin.read()
"""


def left_of(name):
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8")
    spaces = [space for space in os.listdir("/run/netns") if space.startswith(f"{name}-")]
    places = [host_site.FOLDER / name, UNIFIED / GROUP / name]
    return spaces + [str(path) for path in places if path.exists()] + [name] * (name in mounts)


def test_a_killed_run_leaves_nothing(packages):
    folders = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[2] / "scripts")]
    with subprocess.Popen(
        [sys.executable, "-B", "-c", PROGRAM, str(packages.folder), *folders],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        name = run.stdout.readline().strip()
        assert len(left_of(name)) > 3
        run.send_signal(signal.SIGKILL)
    wait_for(lambda: not left_of(name), 30, f"{left_of(name)} to be gone")
    assert name not in cleanup.abandoned()
