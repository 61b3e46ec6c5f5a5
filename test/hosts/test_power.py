"""Hosts that reboot, lose their power, and boot before their cables are there."""
import pytest
from host_lab.site import ALONE, MODULES, SUPERVISORS
from lab_tool.topology import PORTS


@pytest.mark.parametrize("which", ["active", "standby"])
def test_a_rebooted_host_is_back_as_the_standby(site, which):
    """SW-5: going down it tells its peer; the enabled unit does the rest."""
    active, standby = site.roles()
    host, other = (active, standby) if which == "active" else (standby, active)
    site[host].reboot()
    site.wait_whole()
    assert site.roles() == (other, host)
    assert site.headless() == []
    assert site.has_logged(other, "on peer-leaving")
    assert not site.has_logged(other, "on peer-lost")


@pytest.mark.parametrize("which", ["active", "standby"])
def test_a_host_without_power_comes_back_as_the_standby(site, which):
    """LOSS-2: the other one goes on alone until the power is back."""
    active, standby = site.roles()
    host, other = (active, standby) if which == "active" else (standby, active)
    site.cut_power(host)
    site.wait_state(other, ALONE)
    site.wait(lambda: len(site.addresses(other)) == 2, "the address on the survivor")
    site.give_power(host)
    site.wait_whole()
    assert site.roles() == (other, host)
    assert site.headless() == []


def test_a_module_without_power_comes_back_with_its_number(site):
    """VEM-1, VEM-3: removed after its heartbeats are missed, and the same module afterwards."""
    numbers = site.module_numbers()
    site.cut_power("vem-3")
    site.wait_log(site.active(), "%VEM_MGR-2-MOD_OFFLINE: Module 3")
    site.give_power("vem-3")
    site.wait_whole()
    assert site.module_numbers() == numbers
    assert site.headless() == []


def test_a_site_without_power_comes_back_with_what_was_saved(site):
    """SW-4: all hosts at once; the configuration that was saved is the one that they start with."""
    active, _ = site.roles()
    numbers = site.module_numbers()
    shell = ["vsmsh", "-i", "vsmd"]
    save = "end\ncopy running-config startup-config\n"
    site[active].run(*shell, text=f"configure terminal\nsnmp-server location cellar\n{save}")
    site[active].run(*shell, text="configure terminal\nsnmp-server contact nobody\n")
    for name in site.machines:
        site.cut_power(name)
    for name in site.machines:
        site.give_power(name)
    site.wait_whole()
    shown = site[site.active()].run(*shell, "-c", "show running-config")
    assert "snmp-server location cellar" in shown
    assert "snmp-server contact" not in shown
    assert site.module_numbers() == numbers
    undo = f"configure terminal\nno snmp-server location\n{save}"
    site[site.active()].run(*shell, text=undo)


@pytest.mark.parametrize("names", [SUPERVISORS, MODULES], ids=["supervisors", "modules"])
def test_hosts_that_boot_before_their_cables_are_there(site, names):
    """BOOT-1: the unit starts, says what is missing, and goes on when the interfaces appear."""
    for name in names:
        site.cut_power(name)
    site.expected_errors = {"ADDRESS_FAILED"}
    for name in names:
        site[name].power_on()
        site.wait_log(name, "control0")
    for name in names:
        for port in PORTS:
            site.wires.plug(name, port)
    site.wait_whole()
