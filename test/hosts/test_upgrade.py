"""Changes answered as done survive an upgrade of the pair, and the death of its active."""
import pytest
from host_lab.client import Client
from host_lab.site import ALONE, MODULES, unit_of


@pytest.fixture
def client(site):
    """Changes the configuration for as long as the test goes on; its lines go afterwards."""
    with Client(site) as client:
        client.wait_for_more()
        yield client
    undo = "".join(f"no interface ethernet {port}\n" for port in client.acknowledged)
    site.mend()
    site[site.active()].run("vsmsh", "-i", "vsmd", text=f"configure terminal\n{undo}")


def upgrade(site, name):
    """What an administrator does on one host: install, restart, wait until it is in its place."""
    site.reinstall(name)
    before = site[name].main_pid(unit_of(name))
    site[name].run("systemctl", "restart", unit_of(name))
    site.wait_whole()
    assert site[name].main_pid(unit_of(name)) != before


def test_a_pair_is_upgraded_while_a_client_changes_its_configuration(site, client):
    """SW-1, SYNC-2: the standby first, a switchover, then the other one, at last the modules."""
    first, second = site.roles()
    upgrade(site, second)
    client.wait_for_more()
    site[first].run("vsmsh", "-i", "vsmd", "-c", "system switchover")
    site.wait(lambda: site.active() == second, "the upgraded one to be active")
    site.wait_whole()
    client.wait_for_more()
    upgrade(site, first)
    client.wait_for_more()
    assert site.roles() == (second, first)
    for name in MODULES:
        upgrade(site, name)
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
