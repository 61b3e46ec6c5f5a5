"""Names, numbers and addresses of a lab and its nodes, and what of it exists now.

A lab is found from the system (namespaces by name, processes by their namespace), so that `down`
works after the tool that made it was killed. Only the parameters of `up` are kept in a file,
lab.json.
"""
import json
import os
import re
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path("/run/vsm-ha-lab")
NETNS = Path("/run/netns")
MAXIMUM_VEMS = 64
PORTS = {
    "control": "ctl",
    "mgmt": "mgt",
}  # interface <port>0 in the node, <node>-<short> in the switch
MGMT_ADDRESSES = ["10.99.0.100/24", "fd99::100/64"]  # held by the active supervisor
STATION_ADDRESSES = ["10.99.0.1/24", "fd99::1/64"]  # someone who talks to the active
NODE = re.compile(r"vsm-[a-z]|vem-([3-9]|[1-9][0-9])")
NAMESPACE = r"wire|station|vsm-[a-z]|vem-\d+|vem-\d+-vm[12]"


class LabError(Exception):
    """A mistake of the user or an unmet condition: printed as one sentence."""


@dataclass
class Parameters:
    """What `up` was asked for; everything else follows from it."""

    vems: int = 3
    timers: str = "fast"
    heartbeat_ms: int = 0  # 0: the profile's default
    multiplier: int = 0  # T = multiplier * h; 0: the profile's default
    traffic: bool = False
    key: bool = False  # authenticate with a pre-shared key
    domain: int = 100
    nodes: dict = field(default_factory=dict)  # node -> what is merged over its configuration

    def check(self):
        if not 0 <= self.vems <= MAXIMUM_VEMS:
            raise LabError(f"vems is {self.vems}: 0 to {MAXIMUM_VEMS} can be built")
        if self.timers not in ("fast", "nx-os"):
            raise LabError(f"timers is '{self.timers}': fast or nx-os")
        if self.timers == "nx-os" and (
            self.heartbeat_ms or self.multiplier not in (0, *range(6, 31))
        ):
            raise LabError("with nx-os timers a heartbeat is 1 s and the multiplier 6 to 30")
        if self.timers == "fast" and not 5 <= self.h_ms <= 1000:
            raise LabError(f"heartbeat is {self.h_ms} ms: 5 to 1000 with fast timers")
        if self.timers == "fast" and self.multiplier and self.multiplier < 3:
            raise LabError(f"multiplier is {self.multiplier}: at least 3")

    @property
    def h_ms(self):
        return 1000 if self.timers == "nx-os" else self.heartbeat_ms or 50

    @property
    def t_ms(self):
        return self.h_ms * (self.multiplier or (15 if self.timers == "nx-os" else 3))

    @property
    def headless_ms(self):
        return 15 * self.h_ms


class Lab:
    def __init__(self, name):
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", name):
            raise LabError(f"'{name}' is no lab name: a letter, then up to 19 of a-z 0-9 -")
        self.name = name
        self.folder = ROOT / name
        self.parameters = Parameters()

    # -- what exists -------------------------------------------------------------------------------
    def namespaces(self):
        """Nodes (and wire, station, VMs) of this lab that have a namespace now."""
        own = re.compile(rf"{re.escape(self.name)}-({NAMESPACE})")
        try:
            found = [own.fullmatch(entry) for entry in os.listdir(NETNS)]
        except FileNotFoundError:
            return []
        return sorted((match.group(1) for match in found if match), key=node_order)

    def nodes(self):
        return [name for name in self.namespaces() if NODE.fullmatch(name)]

    def exists(self):
        return self.folder.exists() or bool(self.namespaces())

    # -- parameters --------------------------------------------------------------------------------
    def save(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "lab.json").write_text(json.dumps(asdict(self.parameters)))

    def load(self):
        try:
            self.parameters = Parameters(**json.loads((self.folder / "lab.json").read_text()))
        except (OSError, ValueError, TypeError):
            raise LabError(f"no lab '{self.name}' is up; start one with: scripts/lab up") from None
        return self

    def remove_files(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            ROOT.rmdir()  # the last lab takes the common folder along
        except OSError:
            pass

    # -- names -------------------------------------------------------------------------------------
    def namespace(self, node):
        return f"{self.name}-{node}"

    def enter(self, node):
        """The words that run a command in a node. Not `ip netns exec`: its private mounts would
        keep the namespaces of other labs alive."""
        return ["nsenter", f"--net={NETNS}/{self.namespace(node)}", "--"]

    def node_folder(self, node):
        return self.folder / node


def node_order(name):
    """wire first, then supervisors, then modules by number."""
    kind = {"wire": 0, "station": 1, "vsm": 2}.get(name.split("-")[0], 3)
    digits = re.sub(r"\D", " ", name).split()
    return (kind, [int(d) for d in digits], name)


def check_node(node):
    if not NODE.fullmatch(node):
        raise LabError(f"'{node}' is no node: vsm-a, vsm-b, vsm-c …, or vem-3, vem-4 …")
    return node


def is_vem(node):
    return node.startswith("vem-")


def number_of(node):
    """1 and 2 for the pair, 3… for modules, 193… for further supervisors: in MAC addresses."""
    if is_vem(node):
        return int(node[4:])
    letter = ord(node[4]) - ord("a")
    return letter + 1 if letter < 2 else 0xC0 + letter - 1


def role_of(node):
    """The role a supervisor has unless it is started with another."""
    return "primary" if number_of(node) == 1 else "secondary"


def default_nodes(parameters):
    return ["vsm-a", "vsm-b"] + [f"vem-{3 + i}" for i in range(parameters.vems)]


def mac_of(node, port):
    return f"02:00:00:00:{1 if port == 'control' else 2:02x}:{number_of(node):02x}"


def switch_port(node, port):
    """The switch's end of a node's cable."""
    return f"{node}-{PORTS[port]}"


def ports_of(which):
    if which == "all":
        return list(PORTS)
    if which not in PORTS:
        raise LabError(f"'{which}' is no cable: control, mgmt or all")
    return [which]
