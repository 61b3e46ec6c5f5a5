"""VEM-8: what an operator says of ports of modules, done on the real interfaces and kept there."""
import json
import subprocess

from lab_tool.nodes import host_uuid, wait_for
from lab_tool.wires import vm_address
from test_configuration import STATUS, Operator


def ports_of(control, node="vsm-a"):
    """{'Eth3/1': ('down', 'Administratively down')} as the supervisor shows it."""
    answer = control.node(node).ask("show interface brief | json")
    if not answer or answer["exit"] != 0:
        return {}
    rows = json.loads(answer["output"])["TABLE_ethernet"]["ROW_ethernet"]
    return {row["interface"]: (row["state"], row["state_rsn_desc"]) for row in rows}


def wait_for_port(control, port, state, node="vsm-a", limit=10):
    wait_for(
        lambda: ports_of(control, node).get(port) == state,
        limit,
        f"{node}: {port} to be {state}, is {ports_of(control, node).get(port)}",
    )


UP = ("up", "none")
DOWN = ("down", "Administratively down")


def is_up(control, interface, node="vem-3"):
    """What the kernel of the module's host says."""
    namespace = control.lab.namespace(node)
    done = subprocess.run(
        ["ip", "-n", namespace, "-j", "link", "show", "dev", interface],
        capture_output=True,
        text=True,
        check=True,
    )
    return "UP" in json.loads(done.stdout)[0]["flags"]


def answers(control, source, target):
    """Whether one ping gets through."""
    return (
        subprocess.run(
            [*control.lab.enter(source), "ping", "-n", "-c", "1", "-W", "0.5", target],
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )


def domain(make_lab, **parameters):
    control = make_lab(start=True, vems=1, traffic=True, multiplier=20, **parameters)
    operator = Operator(control)
    operator.wait("vsm-a", STATUS, "Active with HA standby")
    for port in ("Eth3/1", "Eth3/2", "Eth3/3"):
        wait_for_port(control, port, UP)
    return control, operator


def configure_port(operator, node, line, port="3/2"):
    operator.configure(node, f"interface ethernet {port}", line)


def test_shutdown_stops_the_traffic_and_no_shutdown_brings_it_back(make_lab):
    """Ports are numbered as in the module's file: eth1, vm1, vm2."""
    control, operator = domain(make_lab)
    vm = vm_address("vem-3", "vm1")
    assert answers(control, "vem-3-vm2", vm)
    configure_port(operator, "vsm-a", "shutdown")
    wait_for_port(control, "Eth3/2", DOWN, limit=2)
    assert not is_up(control, "vm1") and is_up(control, "vm2")
    assert not answers(control, "vem-3-vm2", vm)
    shown = operator.run("vsm-a", "show interface ethernet 3/2")
    assert shown.startswith("Ethernet3/2 is down (Administratively down)\n  Since ")
    assert "on host host-vem-3\n  Configured: shutdown\n" in shown
    lines = operator.run("vsm-a", "show running-config interface ethernet 3/2")
    assert lines == "interface Ethernet3/2\n  shutdown\n"
    assert "vm1             true   shutdown    down" in operator.run("vem-3", "show vem status")
    configure_port(operator, "vsm-a", "no shutdown")
    wait_for_port(control, "Eth3/2", UP, limit=2)
    wait_for(lambda: answers(control, "vem-3-vm2", vm), 5, "traffic again")
    log = "\n".join(control.node("vsm-a").log())
    assert "ETHPORT-5-IF_DOWN_ADMIN_DOWN: Interface Ethernet3/2 is down" in log
    assert "ETHPORT-5-IF_UP: Interface Ethernet3/2 is up" in log


def test_it_survives_the_death_of_everybody(make_lab):
    """SYNC-2, VEM-6: whoever is killed, the port stays as it was ordered."""
    control, operator = domain(make_lab)
    configure_port(operator, "vsm-a", "shutdown")
    wait_for_port(control, "Eth3/2", DOWN)
    control.kill("vem-3")
    wait_for_port(control, "Eth3/2", ("down", "Module removed"))
    control.start("vem-3")
    wait_for_port(control, "Eth3/2", DOWN)
    control.kill("vsm-a")
    operator.wait("vsm-b", STATUS, "Active with no standby")
    wait_for_port(control, "Eth3/2", DOWN, node="vsm-b")
    assert ports_of(control, "vsm-b")["Eth3/3"] == UP
    # Without any supervisor a restarted module still keeps to it.
    control.kill("vsm-b")
    control.kill("vem-3")
    subprocess.run(
        ["ip", "-n", control.lab.namespace("vem-3"), "link", "set", "vm1", "up"], check=True
    )
    control.start("vem-3")
    wait_for(lambda: not is_up(control, "vm1"), 5, "vm1 to be down again")
    assert is_up(control, "vm2")


def test_it_survives_a_switchover_and_the_next_active_takes_it_back(make_lab):
    control, operator = domain(make_lab)
    configure_port(operator, "vsm-a", "shutdown")
    wait_for_port(control, "Eth3/2", DOWN)
    operator.run("vsm-a", "system switchover")
    operator.wait("vsm-b", STATUS, "Active with HA standby")
    wait_for_port(control, "Eth3/2", DOWN, node="vsm-b")
    operator.configure("vsm-b", "no interface ethernet 3/2")
    wait_for_port(control, "Eth3/2", UP, node="vsm-b")
    assert is_up(control, "vm1")


def test_what_happens_to_a_port_on_its_host_is_told(make_lab):
    """A port that nothing is configured for is its host's business."""
    control, _ = domain(make_lab)
    namespace = control.lab.namespace("vem-3")
    subprocess.run(["ip", "-n", namespace, "link", "set", "vm2", "down"], check=True)
    wait_for_port(control, "Eth3/3", DOWN)
    subprocess.run(["ip", "-n", namespace, "link", "set", "vm2", "up"], check=True)
    wait_for_port(control, "Eth3/3", UP)
    other = control.lab.namespace("vem-3-vm2")
    subprocess.run(["ip", "-n", other, "link", "set", "eth0", "down"], check=True)
    wait_for_port(control, "Eth3/3", ("down", "Link not connected"))
    subprocess.run(["ip", "-n", namespace, "link", "del", "vm2"], check=True)
    wait_for_port(control, "Eth3/3", ("down", "Interface missing"))


def test_ports_that_are_not_there(make_lab):
    """ANY-1: out of range is refused; a port that the module lacks is kept, and said to be so."""
    control, operator = domain(make_lab)
    for port, error in (("2/1", "range is (3:66)"), ("3/249", "range is (1:248)")):
        printed = operator.run("vsm-a", "configure terminal", f"interface ethernet {port}")
        assert error in printed, printed
    configure_port(operator, "vsm-a", "shutdown", "3/9")
    assert ports_of(control)["Eth3/9"] == ("down", "No such port")
    configure_port(operator, "vsm-a", "shutdown", "7/1")
    assert ports_of(control)["Eth7/1"] == ("down", "Module removed")
    assert "interface Ethernet3/9\n  shutdown\n" in operator.run("vsm-a", "show running-config")
    missing = operator.run("vsm-a", "show interface ethernet 3/10")
    assert missing == "% Ethernet3/10 does not exist: No such port\n"


def test_numbers_are_given_to_hosts_and_taken_back(make_lab):
    """VEM-1: `vem N` with `host id` reserves; nothing moves a module that is attached."""
    control = make_lab(vems=2, multiplier=20)
    operator = Operator(control)
    for name in ("vsm-a", "vem-3"):
        control.start(name)
    operator.wait("vsm-a", "show module", "host-vem-3")
    third, fourth = host_uuid("vem-3"), host_uuid("vem-4")
    taken = operator.run("vsm-a", "configure terminal", "vem 3", f"host id {fourth}")
    assert f"% Module 3 is attached and belongs to host {third} (host-vem-3)\n" in taken
    taken = operator.run("vsm-a", "configure terminal", "vem 9", f"host id {third}")
    assert f"% Host {third} (host-vem-3) is attached as module 3\n" in taken
    assert "% Module 3 is attached" in operator.run("vsm-a", "configure terminal", "no vem 3")
    operator.configure("vsm-a", "vem 7", f"host id {fourth}")
    assert f"vem 7\n  host id {fourth}\n" in operator.run("vsm-a", "show running-config")
    control.start("vem-4")
    operator.wait("vsm-a", "show module 7", "host-vem-4")
    control.stop("vem-4")
    operator.wait("vsm-a", "show module vem mapping", "absent")
    operator.configure("vsm-a", "no vem 7")
    assert fourth not in operator.run("vsm-a", "show running-config")
    assert "Invalid UUID" in operator.run("vsm-a", "configure terminal", "vem 7", "host id 12")
