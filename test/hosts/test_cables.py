"""Cables of hosts pulled and plugged: nobody logs in to repair anything."""
import pytest
from host_lab.site import ALONE, MODULES, SUPERVISORS


@pytest.mark.parametrize("carrier", [True, False], ids=["carrier", "silent"])
def test_without_control_the_pair_is_degraded_and_goes_on(site, carrier):
    """HB-3, HB-4: heartbeats go over mgmt, roles stay, and the cable mends it."""
    active, standby = site.roles()
    site.wires.cut(standby, "control", carrier=carrier)
    site.wait(lambda: site.status(active).get("degraded"), "the active to be degraded")
    site.wait_log(active, "%REDUNDANCY-4-DEGRADED_ENTER")
    assert site.active() == active
    site.wires.heal(standby, "control")
    site.wait(lambda: site.status(active).get("degraded") is False, "the active to be whole")
    site.wait_whole()
    assert site.roles() == (active, standby)
    assert not site.has_logged(standby, "-> active-alone")
    assert site.headless() == []


def test_without_mgmt_roles_stay(site):
    active, standby = site.roles()
    site.wires.cut(active, "mgmt", carrier=True)
    site.wait_log(active, "Port mgmt (mgmt0): interface mgmt0 has no carrier")
    assert site.roles() == (active, standby)
    site.wires.heal(active, "mgmt")
    site.wait_log(active, "Port mgmt (mgmt0): up")
    site.wait_whole()
    assert site.roles() == (active, standby)
    assert site.headless() == []


@pytest.mark.parametrize("victim", SUPERVISORS)
def test_a_split_brain_ends_by_itself(site, victim):
    """SB-1, SB-3: both cables of a host pulled: two actives; plugged: one of them gives way."""
    other = next(name for name in SUPERVISORS if name != victim)
    site.wires.cut(victim, "all", carrier=True)
    for name in SUPERVISORS:
        site.wait_state(name, ALONE)
    for name in MODULES:
        site.wait(lambda n=name: site.is_attached(n, other), f"{name} to follow the one it hears")
    site.wires.heal(victim, "all")
    site.wait_whole()
    assert site.roles() == (other, victim), "the one with fewer modules restarts"
    assert site.has_logged(victim, "%REDUNDANCY-5-ACTIVE_ACTIVE_RESOLVED")
    assert site.headless() == []


def test_a_module_without_its_cable_is_headless_until_it_is_back(site):
    """VEM-4: only this one, and it attaches again by itself."""
    site.wires.cut("vem-4", "control", carrier=True)
    site.wait(lambda: site.headless() == ["vem-4"], "the module to be headless")
    site.wires.heal("vem-4", "control")
    site.wait_whole()
    assert site.headless() == ["vem-4"]
