"""`interface mgmt0` and `interface control0` on a real pair: addresses and `shutdown`."""
import subprocess

from lab_tool.nodes import wait_for
from test_configuration import STATUS, Operator, pair

TRACE = "show system internal redundancy trace"


def addresses(control, node, interface="mgmt0"):
    done = subprocess.run(
        [*control.lab.enter(node), "ip", "-o", "address", "show", "dev", interface],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split()[3] for line in done.stdout.splitlines() if "scope link" not in line]


def is_up(control, node, interface):
    done = subprocess.run(
        [*control.lab.enter(node), "ip", "-o", "link", "show", "dev", interface],
        capture_output=True,
        text=True,
        check=True,
    )
    return ",UP" in done.stdout.split(">")[0]


def held(control, node, address):
    return address in addresses(control, node)


def test_the_configured_management_address_moves_with_the_active(make_lab):
    """SW-5: changed live, kept over a restart, the file's again after `no`."""
    control, operator = pair(make_lab)
    assert held(control, "vsm-a", "10.99.0.100/24")
    operator.configure("vsm-a", "interface mgmt0", "ip address 10.99.0.101/24")
    wait_for(lambda: held(control, "vsm-a", "10.99.0.101/24"), 10, "the new address")
    wait_for(lambda: not held(control, "vsm-a", "10.99.0.100/24"), 10, "the old one to go")
    assert held(control, "vsm-a", "fd99::100/64")
    assert "  Internet Address is 10.99.0.101/24\n" in operator.run(
        "vsm-a", "show interface mgmt0"
    )
    assert "\nmgmt0     --           up     10.99.0.101 " in operator.run(
        "vsm-a", "show interface brief"
    )
    assert not addresses(control, "vsm-b")
    operator.run("vsm-a", "copy running-config startup-config")
    control.kill("vsm-a")
    wait_for(lambda: held(control, "vsm-b", "10.99.0.101/24"), 20, "the address to move")
    control.start("vsm-a")
    operator.wait("vsm-b", STATUS, "Active with HA standby")
    assert not held(control, "vsm-a", "10.99.0.101/24")
    operator.configure("vsm-b", "interface mgmt0", "no ip address")
    wait_for(lambda: held(control, "vsm-b", "10.99.0.100/24"), 10, "the file's address")
    assert not held(control, "vsm-b", "10.99.0.101/24")


def test_control_shut_down_is_degraded_and_comes_back(make_lab):
    """HB-3, HB-4: the standby hears of it, nobody fails over, the local console mends it."""
    control, operator = pair(make_lab)
    operator.configure("vsm-a", "interface control0", "shutdown")
    wait_for(lambda: not is_up(control, "vsm-a", "control0"), 10, "control0 to go down")
    wait_for(lambda: "degraded" in operator.run("vsm-a", TRACE).lower(), 20, "degraded mode")
    assert is_up(control, "vsm-b", "control0")
    assert "control0 is down (Administratively down)" in operator.run(
        "vsm-a", "show interface control0"
    )
    assert "  shutdown\n" in operator.run("vsm-b", "show running-config")
    refused = operator.run("vsm-a", "configure terminal", "interface mgmt0", "shutdown")
    assert "% control0 and mgmt0 cannot both be shut down" in refused
    operator.configure("vsm-a", "interface control0", "no shutdown")
    wait_for(lambda: is_up(control, "vsm-a", "control0"), 10, "control0 to come up")
    operator.wait("vsm-a", STATUS, "Active with HA standby")
    assert operator.run("vsm-b", "show interface control0").startswith("control0 is up\n")


def test_mgmt_shut_down_has_no_address(make_lab):
    """And a supervisor that is killed meanwhile leaves nothing down for the next life."""
    control, operator = pair(make_lab)
    operator.configure("vsm-a", "interface mgmt0", "shutdown")
    wait_for(lambda: not is_up(control, "vsm-a", "mgmt0"), 10, "mgmt0 to go down")
    assert not addresses(control, "vsm-a")
    operator.wait("vsm-a", STATUS, "Active with HA standby")
    control.kill("vsm-a")
    wait_for(lambda: not is_up(control, "vsm-b", "mgmt0"), 20, "the next active to obey")
    assert not addresses(control, "vsm-b")
    control.start("vsm-a")
    wait_for(lambda: is_up(control, "vsm-a", "mgmt0"), 20, "mgmt0 of the standby to come up")
    operator.wait("vsm-b", STATUS, "Active with HA standby")
    operator.configure("vsm-b", "interface mgmt0", "no shutdown")
    wait_for(lambda: held(control, "vsm-b", "10.99.0.100/24"), 10, "the address")
    control.stop("vsm-a")
    operator.configure("vsm-b", "interface control0", "shutdown")
    wait_for(lambda: not is_up(control, "vsm-b", "control0"), 10, "control0 to go down")
    control.stop("vsm-b")
    assert is_up(control, "vsm-b", "control0")


def test_without_the_capability_it_is_refused_with_its_name(make_lab):
    """ANY-1: nothing changes."""
    control = make_lab(start=False, vems=0)
    alone = {"setup": {"role": "standalone"}, "interfaces": {"mgmt": {"addresses": None}}}
    binary = control._binary("vsm-a")  # pylint: disable=protected-access
    with subprocess.Popen(
        [
            *control.lab.enter("vsm-a"),
            *("setpriv", "--bounding-set", "-net_admin"),
            *(str(binary), str(control.node("vsm-a").write_configuration(alone))),
        ],
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            operator = Operator(control)
            operator.wait("vsm-a", STATUS, "Active with no standby")
            for lines in (
                ("interface control0", "shutdown"),
                ("interface mgmt0", "ip address 10.0.0.1/8"),
            ):
                answer = operator.run("vsm-a", "configure terminal", *lines)
                assert "needs the capability CAP_NET_ADMIN, which this process" in answer
            operator.configure("vsm-a", "interface control0", "no shutdown")
            running = operator.run("vsm-a", "show running-config")
            assert "  no shutdown\n" in running and "ip address" not in running
            assert is_up(control, "vsm-a", "control0")
        finally:
            process.terminate()
