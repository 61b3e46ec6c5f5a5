"""Supervisors in containers with the rights that docs/operations/containers.md names, and no other.

What a container runtime does is done with namespaces of one's own: the supervisor is process 1, the
root file system cannot be written, and its interfaces are macvlans of parents that both share.
"""
import contextlib
import os
import signal
import subprocess
from pathlib import Path

from lab_tool.nodes import children_of, wait_for
from lab_tool.topology import PORTS, mac_of
from test_vsmd import in_state, logged

NAMES = ("vsm-a", "vsm-b")
RIGHTS = ("net_raw", "net_admin")
BITS = "0000000000003000"  # of these two, as /proc shows them
# $0 is the folder with configuration, state and control socket; the rest is what runs in it.
INSIDE = 'mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec "$@"'


def share_parents(control):
    """Each port of both nodes becomes a macvlan of one parent, as in containers of one host."""
    wire = ["ip", "-n", control.lab.namespace("wire"), "link"]
    for port in PORTS:
        parent, far = f"parent-{port}", f"far-{port}"
        subprocess.run([*wire, "add", parent, "type", "veth", "peer", "name", far], check=True)
        for end in (parent, far):
            subprocess.run([*wire, "set", end, "up"], check=True)
        for name in NAMES:
            control.wires.unplug(name, port)
            space, card = control.lab.namespace(name), f"{port}0"
            made = ["add", "link", parent, "name", card, "address", mac_of(name, port)]
            kind = ["netns", space, "type", "macvlan", "mode", "bridge"]
            subprocess.run([*wire, *made, *kind], check=True)
            subprocess.run(["ip", "-n", space, "link", "set", card, "up"], check=True)


@contextlib.contextmanager
def container(control, name, rights=RIGHTS):
    """A supervisor in a container until the end of the block; gives the runtime's process."""
    node = control.node(name)
    file = node.write_configuration()
    binary = os.path.realpath(control._binary(name))  # pylint: disable=protected-access
    allowed = ",".join(["-all", *(f"+{right}" for right in rights)])
    with open(node.folder / "log", "a", encoding="utf-8") as log:
        runtime = subprocess.Popen(
            [*control.lab.enter(name), "unshare", "--mount", "--mount-proc", "--pid", "--ipc"]
            + ["--uts", "--fork", "--kill-child", "sh", "-c", INSIDE, str(node.folder)]
            + ["setpriv", "--bounding-set", allowed, "--no-new-privs", binary, str(file)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield runtime
    finally:
        runtime.kill()
        runtime.wait(10)


def process_1(runtime):
    """Its pid outside of the container, and {field: value} of what the kernel says of it."""
    (pid,) = children_of(runtime.pid)
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return pid, {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def test_two_capabilities_are_enough(make_lab):
    """NET-2: a pair on macvlans, with the address on the active, and a farewell at the end."""
    control = make_lab(vems=0, multiplier=20)
    share_parents(control)
    one, other = (control.node(name) for name in NAMES)
    with container(control, "vsm-a") as first, container(control, "vsm-b"):
        in_state(one, "active-ha", limit=15)
        in_state(other, "standby-ha", limit=15)
        assert len(one.held_addresses()) == 2 and not other.held_addresses()
        pid, facts = process_1(first)
        assert facts["NSpid"].split()[-1] == "1" and facts["NoNewPrivs"] == "1"
        assert {facts[kind] for kind in ("CapBnd", "CapPrm", "CapEff")} == {BITS}
        mounts = Path(f"/proc/{pid}/mounts").read_text(encoding="utf-8").splitlines()
        root = next(line.split() for line in reversed(mounts) if line.split()[1] == "/")
        assert "ro" in root[3].split(",")
        os.kill(pid, signal.SIGTERM)
        assert first.wait(10) == 0
        logged(other, "standby-ha -> active-alone on peer-leaving", limit=10)
        wait_for(lambda: len(other.held_addresses()) == 2, 5, "the address to move")


def test_without_the_right_to_frames_it_says_so_and_ends(make_lab):
    """ANY-1"""
    control = make_lab(vems=0)
    with container(control, "vsm-a", rights=("net_admin",)) as runtime:
        assert runtime.wait(20) == 1
    assert "the capability CAP_NET_RAW is missing" in "\n".join(control.node("vsm-a").log())


def test_without_the_right_to_addresses_it_says_so_and_is_active(make_lab):
    """ANY-1, SW-5: the pair's decision does not depend on an address that cannot be set."""
    control = make_lab(vems=0)
    node = control.node("vsm-a")
    with container(control, "vsm-a", rights=("net_raw",)):
        in_state(node, "active-alone", limit=15)
        logged(node, "ADDRESS_FAILED", limit=10)
        logged(node, "needs the capability CAP_NET_ADMIN, which this process does not have")
        assert not node.held_addresses()
