"""What the units leave a daemon, seen from inside a booted host."""
import stat

import pytest
from host_lab.site import unit_of

BOTH = pytest.mark.parametrize("name", ["vsm-a", "vem-3"])


def status_fields(machine, unit):
    text = machine.run("cat", f"/proc/{machine.main_pid(unit)}/status")
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def owner(machine, path):
    return machine.run("stat", "--format=%U:%G %a", path).strip()


@BOTH
def test_a_daemon_is_its_own_user_with_two_capabilities(site, name):
    machine, unit = site[name], unit_of(name)
    fields = status_fields(machine, unit)
    user = machine.run("id", "-u", "vsm-ha").strip()
    assert fields["Uid"].split() == [user] * 4
    assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 1 << 13 | 1 << 12
    assert fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2"
    assert owner(machine, f"/run/vsm-ha/{unit}/control.sock") == "vsm-ha:vsm-operator 660"
    assert owner(machine, f"/var/lib/vsm-ha/{unit}") == "vsm-ha:vsm-operator 700"
    assert owner(machine, "/etc/credstore/vsm-ha.key") == "root:root 600"
    # Heartbeats below a second ask for real-time priority; a limit allows it where it can be set.
    limits = machine.run("cat", f"/proc/{machine.main_pid(unit)}/limits")
    allowed = "Max realtime priority     20" in limits
    assert allowed == ("SCHED_RR" in machine.run("chrt", "--pid", str(machine.main_pid(unit))))


def test_operators_have_the_rights_of_their_groups(site):
    """Nobody may ask without the one group, nobody change anything without the other."""
    active, _ = site.roles()
    machine = site[active]
    groups = {"carol": "", "alice": "vsm-operator", "bob": "vsm-operator,vsm-admin"}
    for user, names in groups.items():
        machine.run("useradd", "--groups", names, user, check=False)

    def ask(user, command):
        words = ["setpriv", "--reuid", user, "--regid", user, "--init-groups"]
        return machine.run(*words, "vsmsh", "-c", command, check=False)

    change = "clear active-active accounting logs"
    assert "ermission denied" in ask("carol", "show version")
    assert "kickstart: version" in ask("alice", "show version")
    assert "% Permission denied for the role" in ask("alice", change)
    assert "ermission denied" not in ask("bob", change)


def test_state_of_a_daemon_that_ran_as_root_is_taken_over(site):
    """The upgrade of an installation that is older than the user."""
    _, standby = site.roles()
    machine = site[standby]
    machine.run("systemctl", "stop", "vsmd")
    machine.run("chown", "-R", "root:root", "/var/lib/vsm-ha", "/run/vsm-ha")
    before = machine.run("ls", "/var/lib/vsm-ha/vsmd")
    machine.run("systemctl", "start", "vsmd")
    site.wait_whole()
    assert owner(machine, "/var/lib/vsm-ha/vsmd/state.mdb").startswith("vsm-ha:vsm-operator")
    assert machine.run("ls", "/var/lib/vsm-ha/vsmd") == before
    assert not site.has_logged(standby, "ermission denied")


def test_the_target_stops_and_starts_what_is_enabled(site):
    _, standby = site.roles()
    machine = site[standby]
    machine.run("systemctl", "start", "vsm-ha.target")
    machine.run("systemctl", "stop", "vsm-ha.target")
    site.wait(lambda: machine.property("vsmd", "ActiveState") == "inactive", "the unit to stop")
    machine.run("systemctl", "start", "vsm-ha.target")
    assert machine.property("vsmd", "ActiveState") == "active"
    site.wait_whole()


def test_a_unit_without_keys_to_pass_starts_all_the_same(site):
    """A credential that is not there is not missed, unless the configuration names it."""
    machine = site["vem-4"]
    path = machine.root / "etc/credstore/vsm-ha.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = path.rename(path.with_suffix(".away"))
    site.expected_errors = {"SYSTEM_MSG"}
    machine.run("systemctl", "restart", "vemd", check=False)
    assert machine.property("vemd", "ExecMainStatus") == "2"
    assert "vsm-ha.key: no such file" in machine.property("vemd", "StatusText")
    kept.rename(path)
    machine.run("systemctl", "reset-failed", "vemd")
    machine.run("systemctl", "start", "vemd")
    site.wait_whole()
