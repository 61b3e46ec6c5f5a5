"""The watchdog of the units: a daemon that stands still, or spins, is ended and started anew."""
import ctypes
import os
import platform
import struct

import pytest
from host_lab.site import unit_of

SECONDS = 1
PTRACE_GETREGS, PTRACE_ATTACH, PTRACE_DETACH = 12, 16, 17
REGISTERS, PROGRAM_COUNTER = 27, 16  # of user_regs_struct, in words
JUMP_TO_ITSELF = b"\xeb\xfe"


@pytest.fixture
def watched(site):
    """The units as they are, with a watchdog that bites sooner."""
    for name, machine in site.machines.items():
        unit = unit_of(name)
        assert machine.property(unit, "WatchdogUSec") == "5s"
        machine.write(drop_in(name), f"[Service]\nWatchdogSec={SECONDS}s\n")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", unit)
    site.wait_whole()
    site.mark()
    yield site
    for name, machine in site.machines.items():
        machine.run("rm", drop_in(name))
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", unit_of(name))


def drop_in(name):
    return f"/etc/systemd/system/{unit_of(name)}.service.d/watchdog.conf"


def spin(pid):
    """Has the main thread of a process jump to where it is, for good."""
    libc = ctypes.CDLL(None, use_errno=True)

    def ptrace(request, data=None):
        if libc.ptrace(ctypes.c_long(request), ctypes.c_long(pid), None, data) < 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    ptrace(PTRACE_ATTACH)
    os.waitpid(pid, 0)
    registers = ctypes.create_string_buffer(REGISTERS * 8)
    ptrace(PTRACE_GETREGS, registers)
    place = struct.unpack(f"{REGISTERS}Q", registers.raw)[PROGRAM_COUNTER]
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        memory.seek(place)
        memory.write(JUMP_TO_ITSELF)
    ptrace(PTRACE_DETACH)


def is_back(site, name):
    """systemd has ended it for its silence and started it again."""
    site.wait_log(name, "Watchdog timeout")
    site.wait(lambda: site[name].property(unit_of(name), "NRestarts") == "1", "one restart")
    site.wait_whole()


def test_a_stopped_active_is_started_anew(watched):
    """LOSS-2: the standby takes over meanwhile, and it comes back as the standby."""
    active, standby = watched.roles()
    watched[active].run("systemctl", "kill", "--kill-who=main", "--signal=STOP", "vsmd")
    is_back(watched, active)
    assert watched.roles() == (standby, active)
    assert watched.headless() == []


@pytest.mark.skipif(platform.machine() != "x86_64", reason="knows one processor's instructions")
@pytest.mark.parametrize("which", ["active", "module"])
def test_a_spinning_daemon_is_started_anew(watched, which):
    """Its process is alive and busy, and does nothing: only its silence tells."""
    active, standby = watched.roles()
    name = active if which == "active" else "vem-4"
    spin(watched[name].outer_pid(unit_of(name)))
    is_back(watched, name)
    if which == "active":
        assert watched.roles() == (standby, active)
    assert "vem-3" not in watched.headless()
