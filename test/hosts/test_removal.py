"""Packages that are removed and purged on a host that runs, and installed again."""
import pytest
from host_lab.site import ALONE, packages_of, unit_of

# What the administrator put there.
KEPT = ["/etc/credstore/vsm-ha.key"]


def left_of(machine):
    """Files with our names, where a host has files that last; cores belong to their collector."""
    names = ["-name", "*vsm[-d_s]*", "-o", "-name", "*vemd*", "-o", "-name", "*vsm"]
    found = machine.run(
        *("find", "/etc", "/usr", "/var", "/run", "/tmp", "-xdev"),
        *("-path", "/run/host", "-prune", "-o", "-path", "/run/credentials", "-prune", "-o"),
        *("-path", "/var/lib/systemd/coredump", "-prune", "-o"),
        *("(", *names, ")", "-print"),
    )
    return sorted(set(found.splitlines()))


def put_back(site, name, packages):
    site.install(name, packages)
    site.configure(name)
    site[name].run("systemctl", "enable", "--now", unit_of(name))
    site.wait_whole()


def test_the_standby_takes_over_when_the_actives_package_is_removed(site, packages):
    """SW-5: it is stopped before its files go, as somebody would; what was filled in stays."""
    active, standby = site.roles()
    machine = site[active]
    machine.run("dpkg", "--remove", "vsm-ha")
    site.wait_state(standby, ALONE)
    assert site.has_logged(standby, "standby-ha -> active-alone on peer-leaving")
    assert site.addresses(active) == []
    assert machine.run("pgrep", "vsmd", check=False) == ""
    assert machine.property("vsmd", "LoadState") != "loaded"
    assert site.has_logged(active, "Deactivated successfully")
    assert "mgmt" in machine.run("cat", "/etc/vsm-ha/vsmd.yaml")
    assert machine.run("systemctl", "is-system-running") == "running\n"
    site.install(active, packages)
    assert machine.property("vsmd", "ActiveState") == "inactive", "what did not run stays so"
    machine.run("systemctl", "start", "vsmd")
    site.wait_whole()
    assert site.roles() == (standby, active)
    assert machine.run("systemctl", "is-enabled", "vsmd") == "enabled\n", "as it was before"
    assert site.headless() == []


@pytest.mark.parametrize("kind", ["supervisor", "module"])
def test_a_purge_leaves_nothing_and_an_installation_begins_anew(site, packages, kind):
    """OPS-1: the host is a new one then, and what it has to know it gets from the active."""
    active, standby = site.roles()
    name = standby if kind == "supervisor" else "vem-4"
    numbers = site.module_numbers()
    machine = site[name]
    assert len(left_of(machine)) > 10
    # Keys that a test has put there would stay, as those of an administrator do.
    machine.run("find", "/etc/vsm-ha", "-type", "f", "!", "-name", "*.yaml", "-delete")
    machine.run("dpkg", "--purge", *packages_of(name))
    try:
        assert machine.run("pgrep", unit_of(name), check=False) == ""
        assert left_of(machine) == KEPT
        assert machine.run("systemctl", "is-system-running") == "running\n"
    finally:  # the tests that follow need it
        put_back(site, name, packages)
    assert site.roles() == (active, standby)
    assert site.module_numbers() == numbers
    if kind == "supervisor":
        assert site.headless() == []
