"""Changes answered as done survive an upgrade of the pair to another version of the packages, and
the death of its active."""
import pytest
from host_lab.client import Client
from host_lab.site import ALONE, MODULES, packages_of, unit_of


@pytest.fixture
def client(site):
    """Changes the configuration for as long as the test goes on; its lines go afterwards."""
    with Client(site) as client:
        client.wait_for_more()
        yield client
    undo = "".join(f"no interface ethernet {port}\n" for port in client.acknowledged)
    site.mend()
    site[site.active()].run("vsmsh", "-i", "vsmd", text=f"configure terminal\n{undo}")


def upgrade(site, name, release):
    """What an administrator does on one host: installs, and waits until it is in its place."""
    machine, unit = site[name], unit_of(name)
    process = machine.main_pid(unit)
    filled_in = machine.run("cat", f"/etc/vsm-ha/{unit}.yaml")
    site.install(name, release)
    site.wait_whole()
    assert machine.main_pid(unit) != process, "the package restarts what runs"
    assert machine.run("cat", f"/etc/vsm-ha/{unit}.yaml") == filled_in
    assert f"As of {release.version}" in machine.run("cat", f"/etc/vsm-ha/{unit}.yaml.dpkg-dist")
    shown = machine.run("dpkg-query", "--show", "--showformat=${Version}\n", *packages_of(name))
    assert shown == f"{release.version}\n" * len(packages_of(name))
    assert site.has_logged(name, f"{unit} {release.version}")


def test_a_pair_is_upgraded_while_a_client_changes_its_configuration(
    site, client, packages, tmp_path
):
    """SW-1, SYNC-2: as docs/operations/upgrade.md has it, from one version to the next: the
    standby first, a switchover, then the other one, at last the modules."""
    release = packages.next_release(tmp_path / "next")
    first, second = site.roles()

    def shown(name):
        return site[name].run("vsmsh", "-i", "vsmd", "-c", "show version")

    assert all(packages.version in shown(name) for name in (first, second))
    site[first].run("vsmsh", "-i", "vsmd", "-c", "copy running-config startup-config")
    upgrade(site, second, release)
    assert packages.version in shown(first) and release.version in shown(second)
    client.wait_for_more()
    site[first].run("vsmsh", "-i", "vsmd", "-c", "system switchover")
    site.wait(lambda: site.active() == second, "the upgraded one to be active")
    site.wait_whole()
    client.wait_for_more()
    upgrade(site, first, release)
    assert release.version in shown(first)
    client.wait_for_more()
    assert site.roles() == (second, first)
    for name in MODULES:
        upgrade(site, name, release)
    client.wait_for_more()
    assert client.lost(first, second) == []
    assert site.headless() == []
    for name in (first, second):
        assert not site.has_logged(name, "on peer-lost")


def test_no_acknowledged_change_dies_with_the_active(site, client):
    """SYNC-2: the plug of the active's host is pulled in the middle of changes."""
    active, standby = site.roles()
    site.cut_power(active)
    site.wait_state(standby, ALONE)
    client.wait_for_more()
    assert client.lost(standby) == []
    site.give_power(active)
    site.wait_whole()
    client.wait_for_more()
    assert client.lost(active, standby) == []
    assert site.headless() == []
