"""What is left when a run ends: nothing, also when it was killed.

A run has a guard: a process that holds the other end of a pipe of the run and cleans up when the
run has closed it, which the kernel does for a killed one. What even a guard could not clean (both
killed) is found by the next run, or by test/hosts/clean, by the owner that the run had.
"""
import os
import subprocess
import sys
from pathlib import Path

from lab_tool.control import Control
from lab_tool.topology import Lab
from lab_tool.wires import start_time_of

from . import cores, machine, site

PACKAGE = Path(__file__).resolve().parent


def begin(name):
    """Names the owner of a run and starts its guard; the guard goes on until `end`."""
    folder = site.FOLDER / name
    folder.mkdir(parents=True)
    (folder / "owner").write_text(f"{os.getpid()} {start_time_of(os.getpid())}\n")
    return subprocess.Popen(
        [sys.executable, "-B", str(PACKAGE.parent / "clean"), "--guard", name],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def end(guard, name):
    remove(name)
    guard.stdin.close()
    guard.wait(60)


def guard(name):
    """Waits for the end of the run, then removes what is left of it."""
    sys.stdin.buffer.read()
    remove(name)


def remove(name):
    """Everything of a run; safe to repeat."""
    machine.remove_groups(name)
    Control(Lab(name)).down()
    cores.restore(name)
    site.remove_files(name)


def abandoned():
    """Runs whose owner does not live any more."""
    found = []
    for folder in sorted(site.FOLDER.glob("*")):
        try:
            pid, started = map(int, (folder / "owner").read_text().split())
        except (OSError, ValueError):
            pid, started = 0, 0
        if not pid or start_time_of(pid) != started:
            found.append(folder.name)
    return found
