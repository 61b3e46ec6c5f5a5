"""Namespaces, bridges and cables of a lab, and the faults put on the cables.

The switch is the namespace <LAB>-wire with one bridge for control and one for mgmt. Faults are
made there, at the bridge's port, so that no node can see them as its own carrier: one nft table
holds a set of ports cut in each direction, a set of pairs of ports that do not hear each other and,
for ports with loss, a chain with the probability. A cut and a loss on the same port therefore keep
out of each other's way. `in` and `out` are as the node sees them.
With `carrier` the switch's end is taken down instead, and the node loses its carrier.
A cable that delays, doubles or damages frames has a stand-in for its port in the bridge (relay.py);
the sets of the table name both, so that all faults compose.
"""
import os
import signal
import subprocess
import time

from .relay import Relay
from .topology import (
    LabError,
    PORTS,
    STATION_ADDRESSES,
    is_vem,
    mac_of,
    number_of,
    ports_of,
    switch_port,
)

TABLE = """
table bridge lab {
  set cut_in { type ifname; }
  set cut_out { type ifname; }
  set apart { type ifname . ifname; }
  map loss_in { type ifname : verdict; }
  map loss_out { type ifname : verdict; }
  chain cables {
    type filter hook forward priority 0; policy accept;
    oifname @cut_in drop
    iifname @cut_out drop
    iifname . oifname @apart drop
    oifname vmap @loss_in
    iifname vmap @loss_out
  }
}
"""
# The switch's ends get interface numbers that no node uses: a veth whose number equals its peer's
# reports carrier loss up to a second late.
FIRST_PORT_INDEX = 1000


def run(arguments, text=None, check=True):
    """A command, its output; a failure becomes one sentence with what it printed."""
    done = subprocess.run(arguments, input=text, capture_output=True, text=True)
    if check and done.returncode:
        raise LabError(f"{' '.join(arguments[:8])}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Wires:
    def __init__(self, lab):
        self.lab = lab
        self._apart = set()  # (from, to): ports of nodes that do not hear each other
        self._relay = None
        self._carried = set()  # ports that have a stand-in
        self._unplugged = set()  # (node, port)

    # -- building ----------------------------------------------------------------------------------
    def _ip(self, node, lines):
        run(["ip", "-n", self.lab.namespace(node), "-batch", "-"], "\n".join(lines) + "\n")

    def _sysctl(self, node, *settings):
        run(self.lab.enter(node) + ["sysctl", "-qw", *settings])

    def _nft(self, text):
        run(self.lab.enter("wire") + ["nft", "-f", "-"], text)

    def build(self, nodes):
        """The switch, the station and a namespace for each node, all cables plugged in."""
        run(["ip", "netns", "add", self.lab.namespace("wire")])
        self._sysctl("wire", "net.ipv6.conf.default.disable_ipv6=1")
        bridges = []
        for bridge in [f"br-{port}" for port in PORTS] + ["br-data"]:
            bridges += [
                f"link add {bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
                f"link set {bridge} up",
            ]
        self._ip("wire", bridges)
        self._nft(TABLE)
        self._add_station()
        for node in nodes:
            self.add_node(node)

    def _add_station(self):
        run(["ip", "netns", "add", self.lab.namespace("station")])
        self._sysctl("station", "net.ipv6.conf.default.accept_dad=0")
        self._cable(
            "station", "mgmt0", "station-mgt", "br-mgmt", FIRST_PORT_INDEX, "02:00:00:00:02:fe"
        )
        self._ip(
            "station", ["link set lo up"] + [f"addr add {a} dev mgmt0" for a in STATION_ADDRESSES]
        )

    def add_node(self, node):
        """A namespace with control0 and mgmt0, and for a module with traffic, br0 with two VMs."""
        run(["ip", "netns", "add", self.lab.namespace(node)])
        self._sysctl(
            node, "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.default.accept_ra=0"
        )
        self._ip(node, ["link set lo up"])
        for port in PORTS:
            self.plug(node, port)
        if is_vem(node) and self.lab.parameters.traffic:
            self._add_vms(node)

    def plug(self, node, port, mac=None):
        """A new cable: the interface appears in the node, up and with carrier."""
        index = FIRST_PORT_INDEX + 10 * number_of(node) + list(PORTS).index(port)
        self._unplugged.discard((node, port))
        self._cable(
            node,
            f"{port}0",
            switch_port(node, port),
            f"br-{port}",
            index,
            mac or mac_of(node, port),
        )

    def _cable(self, node, interface, end, bridge, index, mac):
        self._ip(
            "wire",
            [
                f"link add {end} index {index} type veth peer name {interface} address {mac} "
                f"netns {self.lab.namespace(node)}",
                f"link set {end} master {bridge} up",
            ],
        )
        self._ip(node, [f"link set {interface} up"])

    def unplug(self, node, port):
        """The interface goes away, as when its driver is unloaded."""
        self._set_plain(switch_port(node, port))
        self._ip("wire", [f"link del {switch_port(node, port)}"])
        self._unplugged.add((node, port))

    def set_link(self, node, port, up):
        """The node's own end, as its operator would: `ip link set control0 down`."""
        self._ip(node, [f"link set {port}0 {'up' if up else 'down'}"])

    def _add_vms(self, node):
        number = number_of(node)
        lines = [
            "link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
            "link set br0 up",
        ]
        for vm in ("vm1", "vm2"):
            space = self.lab.namespace(f"{node}-{vm}")
            run(["ip", "netns", "add", space])
            lines += [
                f"link add {vm} type veth peer name eth0 netns {space}",
                f"link set {vm} master br0 up",
            ]
        self._ip(node, lines)
        for vm in ("vm1", "vm2"):
            self._ip(
                f"{node}-{vm}",
                [
                    "link set lo up",
                    "link set eth0 up",
                    f"addr add {vm_address(node, vm)}/16 dev eth0",
                ],
            )
        self._cable(
            node,
            "eth1",
            f"{node}-dat",
            "br-data",
            FIRST_PORT_INDEX + 10 * number + 5,
            f"02:00:00:00:03:{number:02x}",
        )
        self._ip(node, ["link set eth1 master br0"])

    # -- faults ------------------------------------------------------------------------------------
    def cut(self, node, which, direction="both", carrier=False):
        ends = [switch_port(node, port) for port in ports_of(which)]
        if carrier:
            if direction != "both":
                raise LabError("a lost carrier is lost in both directions")
            self._ip("wire", [f"link set {end} down" for end in ends])
            return
        self._nft(
            "".join(
                f"add element bridge lab cut_{way} {{ {_quoted(ends)} }}\n"
                for way in _ways(direction)
            )
        )

    def separate(self, pairs, which):
        """No frame of the first goes to the second any more, for each of these pairs of nodes."""
        text = ""
        for source, target in pairs:
            for port in ports_of(which):
                pair = (switch_port(source, port), switch_port(target, port))
                self._apart.add(pair)
                text += f"add element bridge lab apart {{ {_paired(pair)} }}\n"
        self._nft(text)

    def loss(self, node, which, percent, direction="both"):
        if not 0 <= percent <= 100:
            raise LabError(f"loss is {percent}: 0 to 100 percent")
        text = ""
        share = round(percent * 10_000)
        rule = "drop" if share == 1_000_000 else f"numgen random mod 1000000 < {share} drop"
        for end in (switch_port(node, port) for port in ports_of(which)):
            for way in _ways(direction):
                chain = f"loss_{way}_{end.replace('-', '_')}"
                text += f"add chain bridge lab {chain}\nflush chain bridge lab {chain}\n"
                if share:
                    text += f"add rule bridge lab {chain} {rule}\n"
                for name in (end, stand_in(end)):
                    text += f'add element bridge lab loss_{way} {{ "{name}" : jump {chain} }}\n'
        self._nft(text)

    def set_quality(self, node, which, direction, **changes):
        """What of relay.Quality changes in this direction of these cables; the rest stays."""
        for port in ports_of(which):
            end = switch_port(node, port)
            if end not in self._carried:
                self._carry(end, f"br-{port}")
            for way in _ways(direction):
                self._relay.set(end, way, **changes)

    def _carry(self, end, bridge):
        """A stand-in takes the place of this port in its bridge, and the relay carries frames."""
        if self._relay is None:
            self._relay = Relay(self.lab.namespace("wire"))
        self._ip(
            "wire",
            [
                f"link add {stand_in(end)} type veth peer name {end}.r",
                f"link set {end}.r up",
                f"link set {end} nomaster",
                f"link set {stand_in(end)} master {bridge} up",
            ],
        )
        self._relay.carry(end, end, f"{end}.r")
        self._carried.add(end)

    def _set_plain(self, end):
        """The port is back in its bridge, and its cable does nothing special."""
        if end not in self._carried:
            return
        bridge = next(f"br-{port}" for port in PORTS if end.endswith(f"-{PORTS[port]}"))
        self._relay.drop(end)
        self._ip("wire", [f"link del {stand_in(end)}", f"link set {end} master {bridge}"])
        self._carried.discard(end)

    def heal(self, node, which):
        """All cables of `which` work again, whatever was done to them."""
        ends = [switch_port(node, port) for port in ports_of(which)]
        text = ""
        for way in ("in", "out"):
            # Adding first makes the deletion of what was not there no error.
            text += (
                f"add element bridge lab cut_{way} {{ {_quoted(ends)} }}\n"
                f"delete element bridge lab cut_{way} {{ {_quoted(ends)} }}\n"
            )
            for end in ends:
                chain = f"loss_{way}_{end.replace('-', '_')}"
                text += f"add chain bridge lab {chain}\nflush chain bridge lab {chain}\n"
        for pair in [pair for pair in self._apart if not set(pair).isdisjoint(ends)]:
            self._apart.discard(pair)
            text += f"delete element bridge lab apart {{ {_paired(pair)} }}\n"
        self._nft(text)
        for end in ends:
            self._set_plain(end)
        self._ip("wire", [f"link set {end} up" for end in ends])

    def heal_everything(self):
        """All cables of all nodes; interfaces that are gone or down come back."""
        for node, port in sorted(self._unplugged):
            self.plug(node, port)
        for node in self.lab.nodes():
            self.heal(node, "all")
            for port in PORTS:
                self.set_link(node, port, True)

    def faults(self):
        """{switch port: "cut in, loss out 30 %"} as the kernel has it."""
        import json

        found = {}

        def add(end, words):
            found[end] = f"{found[end]}, {words}" if end in found else words

        listing = run(self.lab.enter("wire") + ["nft", "-j", "list", "table", "bridge", "lab"])
        ends = [switch_port(node, port) for node in self.lab.nodes() for port in PORTS]
        stand_ins = {stand_in(end) for end in ends}
        for item in json.loads(listing)["nftables"]:
            if "set" in item:
                for end in item["set"].get("elem", []):
                    if item["set"]["name"] == "apart":
                        source, target = end["concat"]
                        if not {source, target} & stand_ins:
                            add(target, f"does not hear {source}")
                    elif end not in stand_ins:
                        add(end, f"cut {item['set']['name'][4:]}")
            elif "rule" in item and item["rule"]["chain"].startswith("loss_"):
                _, way, end = item["rule"]["chain"].split("_", 2)
                matches = [e["match"]["right"] for e in item["rule"]["expr"] if "match" in e]
                share = matches[0] if matches else 1_000_000
                add(end.replace("_", "-"), f"loss {way} {share / 10_000:g} %")
        for link in json.loads(run(["ip", "-n", self.lab.namespace("wire"), "-j", "link"])):
            if link.get("master", "").startswith("br-") and "UP" not in link["flags"]:
                add(link["ifname"], "no carrier")
        return found

    def close(self):
        """Ends what carries frames by hand; the lab itself stays."""
        if self._relay is not None:
            self._relay.close()
            self._relay = None

    # -- the end -----------------------------------------------------------------------------------
    def demolish(self):
        """Ends every process in the lab's namespaces, then the namespaces. Safe to repeat."""
        spaces = self.lab.namespaces()
        end_processes([self.lab.namespace(space) for space in spaces])
        # Cables first: a deleted namespace frees its links later, and the next lab would find them.
        if "wire" in spaces:
            names = run(
                ["ip", "-n", self.lab.namespace("wire"), "-o", "link", "show", "type", "veth"],
                check=False,
            )
            ends = [line.split(": ")[1].split("@")[0] for line in names.splitlines()]
            run(
                ["ip", "-n", self.lab.namespace("wire"), "-force", "-batch", "-"],
                "".join(f"link del {end}\n" for end in ends),
                check=False,
            )
        for space in reversed(spaces):
            run(["ip", "netns", "del", self.lab.namespace(space)], check=False)
        left = self.lab.namespaces()
        if left:
            raise LabError(f"these namespaces could not be removed: {' '.join(left)}")


def vm_address(node, vm):
    return f"10.98.{number_of(node)}.{vm[-1]}"


def end_processes(spaces, limit=5.0):
    """SIGKILL to everything in these namespaces until nothing is left."""
    deadline = time.monotonic() + limit
    inodes = set()
    for space in spaces:
        try:
            inodes.add(os.stat(f"/run/netns/{space}").st_ino)
        except OSError:
            pass
    while True:
        left = [pid for pid in processes_in(inodes) if pid != os.getpid()]
        if not left:
            return
        if time.monotonic() > deadline:
            raise LabError(f"these processes do not end: {left}")
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.005)  # poll: until nothing is left, with a limit


def processes_in(inodes):
    """Living processes (no zombies) whose network namespace is one of these."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            if os.stat(f"/proc/{entry}/ns/net").st_ino in inodes and state_of(int(entry)) not in (
                "Z",
                "X",
                None,
            ):
                found.append(int(entry))
        except OSError:
            continue
    return found


def state_of(pid):
    """The letter of /proc/PID/stat; None when there is no such process."""
    fields = stat_fields(pid)
    return fields[0] if fields else None


def start_time_of(pid):
    """In clock ticks since boot: with the pid, it names a process for good."""
    fields = stat_fields(pid)
    return int(fields[19]) if fields else None


def stat_fields(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()
    except (OSError, ProcessLookupError):
        return None


def _ways(direction):
    if direction not in ("in", "out", "both"):
        raise LabError(f"'{direction}' is no direction: in, out or both (as the node sees it)")
    return ("in", "out") if direction == "both" else (direction,)


def stand_in(end):
    """The name of the interface that stands in a bridge for a port whose frames are carried."""
    return f"{end}.b"


def _quoted(ends):
    """Ports and their stand-ins, whether these are there or not."""
    return ", ".join(f'"{name}"' for end in ends for name in (end, stand_in(end)))


def _paired(pair):
    """All that `_quoted` knows of the two, each with each."""
    source, target = pair
    return ", ".join(
        f'"{one}" . "{other}"'
        for one in (source, stand_in(source))
        for other in (target, stand_in(target))
    )
