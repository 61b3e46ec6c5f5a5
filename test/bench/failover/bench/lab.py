"""Two nodes and the switch between them, new for every trial.

The switch is our own network namespace (the benchmark runs in a private one) with one bridge for
control and one for mgmt; a node is a namespace with control0 and mgmt0. Bridges are made first, so
that the two ends of a cable never carry the same interface number: equal numbers make the kernel
report a carrier loss up to a second late. Must never leave a node behind: close() removes it.
"""

import itertools
import os
import subprocess

from bench import kernel

CONTROL, MGMT = "control0", "mgmt0"
ADDRESS = "10.98.2.100"  # the one that moves
ADDRESS_PREFIX = 24
_numbers = itertools.count(1)


class Node:
    """Namespace, switch ports and addresses of one end ("a" is to be active, "b" standby)."""

    def __init__(self, number, letter, work):
        last = 1 if letter == "a" else 2
        self.letter = letter
        self.name = f"n{number}{letter}"
        self.ports = (f"n{number}{letter}-c", f"n{number}{letter}-m")
        self.control_mac = f"02:00:00:00:01:{last:02x}"
        self.mgmt_mac = f"02:00:00:00:02:{last:02x}"
        self.control_address = f"10.98.1.{last}"
        self.peer_control_address = f"10.98.1.{3 - last}"
        self.mgmt_address = f"10.98.2.{last}"
        self.directory = os.path.join(work, self.name)
        self.run_directory = os.path.join(self.directory, "run")

    def path(self, name):
        return os.path.join(self.directory, name)


def _ip(lines, namespace=None):
    where = ["-n", namespace] if namespace else []
    subprocess.run(
        ["ip", *where, "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True
    )


def prepare_switch(work):
    """Once a run, in the private namespaces: the two bridges. Returns the folder to work in.

    `work` is a folder on a real disk; it moves to /mnt, because /run and /var/tmp are covered by
    empty ones: daemons with fixed paths there (FRR) leave nothing on the machine.
    """
    kernel.mount(work, "/mnt", None, kernel.MS_BIND)
    for covered in ("/run", "/var/tmp"):
        kernel.mount("tmpfs", covered, "tmpfs")
    os.chmod("/var/tmp", 0o1777)
    os.makedirs("/run/netns", exist_ok=True)
    _quiet_ipv6()
    lines = ["link set lo up"]
    for bridge in ("br-control", "br-mgmt"):
        lines += [
            f"link add {bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
            f"link set {bridge} up",
        ]
    _ip(lines)
    return "/mnt"


def _quiet_ipv6():
    for scope in ("default", "all"):
        path = f"/proc/sys/net/ipv6/conf/{scope}/disable_ipv6"
        if os.path.exists(path):
            with open(path, "w", encoding="ascii") as knob:
                knob.write("1")


class Lab:
    """Lives for one trial; use it as a context manager."""

    def __init__(self, work):
        number = next(_numbers)
        self.a = Node(number, "a", work)
        self.b = Node(number, "b", work)
        for node in (self.a, self.b):
            os.makedirs(node.run_directory)
            self._add(node)

    def _add(self, node):
        subprocess.run(["ip", "netns", "add", node.name], check=True)
        with kernel.inside(node.name):
            _quiet_ipv6()
        control, mgmt = node.ports

        def there(mac):
            return f"address {mac} netns {node.name}"

        _ip(
            [
                f"link add {control} type veth peer name {CONTROL} {there(node.control_mac)}",
                f"link add {mgmt} type veth peer name {MGMT} {there(node.mgmt_mac)}",
                f"link set {control} master br-control up",
                f"link set {mgmt} master br-mgmt up",
            ]
        )
        _ip(
            [
                "link set lo up",
                f"link set {CONTROL} up",
                f"link set {MGMT} up",
                f"addr add {node.control_address}/24 dev {CONTROL}",
                f"addr add {node.mgmt_address}/24 dev {MGMT}",
            ],
            node.name,
        )

    def close(self):
        for node in (self.a, self.b):
            subprocess.run(
                ["ip", "-batch", "-"],
                text=True,
                check=False,
                stderr=subprocess.DEVNULL,
                input="".join(f"link del {port}\n" for port in node.ports),
            )
            subprocess.run(["ip", "netns", "del", node.name], check=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
