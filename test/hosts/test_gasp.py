"""A supervisor that dies under systemd: its guardian tells the other, systemd starts it again."""
import pytest


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
