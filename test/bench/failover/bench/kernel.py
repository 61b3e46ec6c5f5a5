"""The few Linux calls Python lacks: namespaces, private mounts, parent-death signal.

Must never change the namespaces of the calling process for longer than `inside()` lasts.
"""

import contextlib
import ctypes
import os
import signal
import time

CLONE_NEWNS = 0x00020000
CLONE_NEWNET = 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _bytes(text):
    return None if text is None else os.fsencode(text)


def mount(source, target, kind=None, flags=0):
    _check(
        _libc.mount(_bytes(source), _bytes(target), _bytes(kind), ctypes.c_ulong(flags), None),
        f"mount {source} on {target}",
    )


def enter_network(name):
    """Moves the calling thread into the named network namespace."""
    handle = os.open(f"/run/netns/{name}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_libc.setns(handle, CLONE_NEWNET), f"enter namespace {name}")
    finally:
        os.close(handle)


@contextlib.contextmanager
def inside(name):
    """Sockets opened within belong to the named network namespace for good."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        enter_network(name)
        yield
    finally:
        _check(_libc.setns(home, CLONE_NEWNET), "return from a namespace")
        os.close(home)


def become_node(name, run_directory):
    """For a child before it executes a daemon: that node's network, its own /run, death with us."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    enter_network(name)
    _check(_libc.unshare(CLONE_NEWNS), "unshare mounts")
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    mount(run_directory, "/run", None, MS_BIND)
    mount("sysfs", "/sys", "sysfs")


def die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def wall_minus_monotonic_ns():
    """How far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC: the tightest of a few samples."""
    best = None
    for _ in range(8):
        before = time.monotonic_ns()
        wall = time.time_ns()
        after = time.monotonic_ns()
        if best is None or after - before < best[0]:
            best = (after - before, wall - (before + after) // 2)
    return best[1]


def observe_with_priority():
    """Lets this process wake ahead of what it watches; what it starts does not inherit that."""
    os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(50))
