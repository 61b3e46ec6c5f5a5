"""The units on booted systemd: start, stop, restart, kill, reload, as an administrator does it."""
import pytest
from host_lab.site import ACTIVE, ALONE, MODULES, STANDBY, unit_of

NUMBERS = {f"host-{name}": int(name[4:]) for name in MODULES}


def test_a_pair_is_elected_and_answers(site):
    """BOOT-4: what the units started is a pair; each host's shell and journal tell its part."""
    active, standby = site.roles()
    for name, own, other in ((active, ACTIVE, STANDBY), (standby, STANDBY, ACTIVE)):
        shown = site[name].run("vsmsh", "-c", "show system redundancy status")
        assert shown.index(own) < shown.rindex(other)
    assert NUMBERS == site.module_numbers()
    for name, last in ((active, "-> active-ha"), (standby, "-> standby-ha")):
        changes = [line for line in site[name].journal("vsmd") if "-5-STATE_CHANGE: sup-" in line]
        assert "discovering ->" in changes[0] and last in changes[-1], changes
    for name in MODULES:
        assert "attached" in site[name].run("vsmsh", "-c", "show vem status")
    for name, machine in site.machines.items():
        assert machine.run("systemctl", "is-system-running") == "running\n"
        assert machine.run("systemctl", "is-enabled", unit_of(name)) == "enabled\n"


def test_a_stopped_active_hands_over_at_once(site):
    """SW-5: the peer is told, and takes over without waiting for the loss interval."""
    active, standby = site.roles()
    site[active].run("systemctl", "stop", "vsmd")
    site.wait_state(standby, ALONE)
    assert site.has_logged(standby, "standby-ha -> active-alone on peer-leaving")
    assert site.addresses(active) == []
    assert site[active].property("vsmd", "Result") == "success"
    site[active].run("systemctl", "start", "vsmd")
    site.wait_whole()
    assert site.roles() == (standby, active)
    assert site.headless() == []


def test_a_stopped_standby_changes_nothing_for_the_active(site):
    active, standby = site.roles()
    site[standby].run("systemctl", "stop", "vsmd")
    site.wait_state(active, ALONE)
    assert len(site.addresses(active)) == 2
    site[standby].run("systemctl", "start", "vsmd")
    site.wait_whole()
    assert site.roles() == (active, standby)
    assert site.headless() == []


def test_a_restarted_active_returns_as_the_standby(site):
    active, standby = site.roles()
    site[active].run("systemctl", "restart", "vsmd")
    site.wait_whole()
    assert site.roles() == (standby, active)
    assert site.headless() == []


@pytest.mark.parametrize("which", ["active", "standby"])
def test_a_killed_supervisor_is_back_as_the_standby(site, which):
    """LOSS-2: systemd starts it again, and nobody has to do anything."""
    active, standby = site.roles()
    victim = active if which == "active" else standby
    site[victim].run("systemctl", "kill", "--signal=KILL", "vsmd")
    site.wait_log(victim, "status=9/KILL")
    site.wait_log(victim, "standby-syncing -> standby-ha")
    site.wait_whole()
    assert site.roles() == ((standby, active) if which == "active" else (active, standby))
    assert site[victim].property("vsmd", "NRestarts") == "1"
    assert site.headless() == []


def test_a_reload_takes_what_can_change_live(site):
    """OPS-3: the process stays; what is wrong is refused and names the place."""
    active, _ = site.roles()
    machine = site[active]
    process = machine.main_pid("vsmd")
    site.configure(active, {"log": {"level": "debug"}})
    machine.run("systemctl", "reload", "vsmd")
    site.wait_log(active, "%SYSMGR-5-CONFIG_RELOADED")
    site.expected_errors = {"CONFIG_REFUSED", "SYSTEM_MSG"}
    machine.write("/etc/vsm-ha/vsmd.yaml", "setup: [\n")
    machine.run("systemctl", "reload", "vsmd", check=False)
    site.wait_log(active, "%SYSMGR-3-CONFIG_REFUSED")
    site.wait_log(active, "/etc/vsm-ha/vsmd.yaml:2: this is not YAML")
    site.configure(active)
    machine.run("systemctl", "reload", "vsmd")
    site.wait(lambda: site.active() == active, "the active to answer as before")
    assert machine.main_pid("vsmd") == process
    assert site.is_whole()


def test_a_killed_module_keeps_its_number(site):
    """VEM-1: restarted by systemd, attached again as what it was."""
    machine = site["vem-3"]
    machine.run("systemctl", "kill", "--signal=KILL", "vemd")
    site.wait_log("vem-3", "status=9/KILL")
    site.wait_log("vem-3", "-> attached")
    site.wait_whole()
    assert machine.property("vemd", "NRestarts") == "1"
    machine.run("systemctl", "restart", "vemd")
    site.wait_whole()
    assert NUMBERS == site.module_numbers()


def test_switchover_by_the_shell(site):
    """SW-1: typed on the active's host; the pair has changed roles and the modules follow."""
    active, standby = site.roles()
    site[active].run("vsmsh", "-c", "system switchover")
    site.wait(lambda: site.active() == standby, "the other one to be active")
    site.wait_whole()
    assert site.roles() == (standby, active)
    assert site.headless() == []
