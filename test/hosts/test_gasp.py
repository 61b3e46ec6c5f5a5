"""A supervisor that dies under systemd: its guardian tells the other, systemd starts it again."""
from pathlib import Path

import pytest
from host_lab import cores
from host_lab.machine import MEMORY
from host_lab.site import STATUS


@pytest.mark.parametrize(
    ("whom", "number"), [("main", "KILL"), ("main", "SEGV"), ("all", "ABRT")]
)
def test_a_crash_is_told(site, whom, number):
    """HB-8: as the watchdog does it, too: it aborts every process of the unit."""
    active, standby = site.roles()
    site[active].run("systemctl", "kill", f"--kill-who={whom}", f"--signal={number}", "vsmd")
    site.wait_log(standby, "standby-ha -> active-alone on peer-crashed")
    site.wait_log(active, "standby-syncing -> standby-ha")
    site.wait_whole()
    assert site.roles() == (standby, active)
    assert site[active].property("vsmd", "NRestarts") == "1"
    assert site.headless() == []


@pytest.mark.parametrize(("whom", "number"), [("main", "SEGV"), ("all", "ABRT")])
def test_a_crash_is_told_before_its_core_is_written(site, whom, number):
    """HB-8: however long the collector takes, which here begins only when the other is active."""
    active, standby = site.roles()
    machine = site[active]
    process, outer = machine.main_pid("vsmd"), machine.outer_pid("vsmd")
    with cores.collected(site.lab.name) as hold:
        hold.touch()
        machine.run("systemctl", "kill", f"--kill-who={whom}", f"--signal={number}", "vsmd")
        site.wait_log(standby, "standby-ha -> active-alone on peer-crashed")
        site.wait(lambda: not site.addresses(active), "the addresses to be given up")
        assert "\nCoreDumping:\t1\n" in Path(f"/proc/{outer}/status").read_text(encoding="utf-8")
        hold.unlink()
        site.wait(
            lambda: "(present)" in machine.run("coredumpctl", "info", str(process), check=False),
            "the core dump",
        )
    site.wait_log(active, f"code=dumped, status={6 if number == 'ABRT' else 11}/{number}")
    site.wait_whole()
    assert site.roles() == (standby, active)
    assert site.headless() == []


@pytest.mark.skipif(not MEMORY.is_dir(), reason="no memory control groups of version 1")
def test_a_death_for_want_of_memory_is_told(site):
    """HB-8: the kernel's memory killer takes the daemon, as the larger one."""
    active, standby = site.roles()
    killed = site[active].starve(site[active].outer_pid("vsmd"))

    def is_killed():
        site[active].ask("vsmd", STATUS)  # who works wants memory
        return killed()

    site.wait(is_killed, "the memory killer")
    site.wait_log(standby, "standby-ha -> active-alone on peer-crashed")
    site.wait_log(active, "status=9/KILL")
    site.wait_whole()
    assert site.roles() == (standby, active)
    assert site.headless() == []


def test_a_restart_leaves_one_guardian(site):
    """It never holds up a stop, and a unit has one process more, not two."""
    active, _ = site.roles()
    site[active].run("systemctl", "restart", "vsmd")
    site.wait_whole()
    assert site[active].run("pgrep", "-c", "-x", "vsmd-guardian").strip() == "1"
    site[active].run("systemctl", "stop", "vsmd")
    assert site[active].run("pgrep", "-c", "-x", "vsmd-guardian", check=False).strip() == "0"
    site[active].run("systemctl", "start", "vsmd")
    site.wait_whole()
