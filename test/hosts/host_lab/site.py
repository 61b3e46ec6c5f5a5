"""Two supervisors and two modules, each on a machine of its own, and what tests ask of them."""
import json
import re
import shutil
from pathlib import Path

import yaml
from lab_tool.binaries import binaries
from lab_tool.nodes import KEY, Node, merge, wait_for
from lab_tool.scenario import DEMO, SEVERE
from lab_tool.scenario_file import load
from lab_tool.topology import MGMT_ADDRESSES, PORTS, LabError, Parameters, is_vem
from lab_tool.wires import Wires

from . import image
from .image import command
from .machine import Machine
from .packages import COMMON

FOLDER = Path("/run/vsm-ha-hosts")
NSPAWN = Path("/run/systemd/nspawn")  # what systemd-nspawn keeps of machines that were killed
SUPERVISORS = ("vsm-a", "vsm-b")
MODULES = ("vem-3", "vem-4")
# Long enough for a busy machine to keep up, short enough for a test to wait for.
HEARTBEAT_MS, LOSS_MS, HEADLESS_MS = 50, 1000, 3000
LIMIT = 30.0  # seconds until what must happen by itself has happened
POLL = 0.05
STATUS = "show system redundancy status | json"
ACTIVE, STANDBY, ALONE = "Active with HA standby", "HA standby", "Active with no standby"


class Site:
    def __init__(self, lab):
        self.lab = lab
        self.wires = Wires(lab)
        self.folder = FOLDER / lab.name
        self.machines = {}
        self.expected_errors = set()
        self._cursors = {}
        (demo,) = load([DEMO], binaries()["vsm-sim"])
        self._harmless_errors = set(demo.harmless_errors)

    def __getitem__(self, name):
        return self.machines[name]

    # -- building ----------------------------------------------------------------------------------
    def build(self, packages, names=(*SUPERVISORS, *MODULES)):
        """Wires and machines, on each the packages, its file filled in, its unit enabled."""
        base = image.base()
        self.lab.parameters = Parameters(
            vems=len(MODULES), heartbeat_ms=HEARTBEAT_MS, multiplier=LOSS_MS // HEARTBEAT_MS
        )
        self.lab.save()
        self.wires.build(names)
        disks = self.folder / "disks"
        disks.mkdir(parents=True)
        command(["mount", "-t", "tmpfs", "-o", "size=2g,mode=755", "vsm-ha-hosts", disks])
        for name in names:
            machine = Machine(self.lab, name, disks / name, [base])
            machine.make_disk()
            self.machines[name] = machine
            machine.power_on()
            self.install(name, packages)
            self.configure(name)
            machine.run("systemctl", "enable", "--now", unit_of(name))

    def install(self, name, packages):
        """What this host is to have of these packages, first or as an upgrade; what dpkg said."""
        folder = self[name].root / "var/cache/vsm-ha-packages"
        folder.mkdir(exist_ok=True)
        files = [shutil.copy2(packages[one], folder) for one in packages_of(name)]
        inside = [f"/{Path(path).relative_to(self[name].root)}" for path in files]
        said = self[name].run("dpkg", "--force-confold", "--install", *inside)
        shutil.rmtree(folder)
        return said

    def configure(self, name, extra=None):
        """Writes the daemon's configuration and its key: `extra` over what it has for tests."""
        content = Node(self.lab, name).configuration(extra)
        content = merge(content, {"instance": None, "directories": None})
        key = {"id": 1, "file": "credential:vsm-ha.key"}
        content.setdefault("authentication", {"keys": [key]})
        if is_vem(name):
            content["timers"]["headless_after_ms"] = HEADLESS_MS
        self[name].write("/etc/credstore/vsm-ha.key", KEY + "\n", mode=0o600)
        self[name].write(f"/etc/vsm-ha/{unit_of(name)}.yaml", yaml.safe_dump(content))

    # -- what is there -----------------------------------------------------------------------------
    def state(self, name):
        """The redundancy state in the words of the product; empty without an answer."""
        return self.status(name).get("this_sup_internal_state", "")

    def status(self, name):
        """All that the supervisor says of the pair; empty without an answer."""
        answer = self[name].ask("vsmd", STATUS)
        return json.loads(answer["output"]) if answer and not answer["exit"] else {}

    def active(self):
        """The name of the one active; None when there are two or none."""
        states = {name: self.state(name) for name in SUPERVISORS}
        found = [name for name, state in states.items() if state.startswith("Active")]
        return found[0] if len(found) == 1 else None

    def is_attached(self, name, active):
        """Is this module attached, and on this supervisor's list?"""
        answer = self[name].ask("vemd", "show vem status | json")
        listed = self[active].ask("vsmd", "show module | json")
        return bool(
            answer
            and not answer["exit"]
            and json.loads(answer["output"])["state"] == "attached"
            and listed
            and f'"host-{name}"' in listed["output"]
        )

    def roles(self):
        """(active, standby) of a whole pair."""
        active = self.active()
        assert active, self.explain()
        return active, next(name for name in SUPERVISORS if name != active)

    def module_numbers(self):
        """{module's host: number} as the active has them."""
        answer = self[self.active()].ask("vsmd", "show module vem mapping | json")
        rows = json.loads(answer["output"])["TABLE_vem_map"]["ROW_vem_map"]
        return {row["host_name"]: row["modNo"] for row in rows}

    def addresses(self, name):
        return Node(self.lab, name).held_addresses()

    def is_whole(self):
        """One active with an HA standby, the address on the active alone, all modules attached."""
        states = {name: self.state(name) for name in SUPERVISORS}
        if sorted(states.values()) != sorted([ACTIVE, STANDBY]):
            return False
        active = next(name for name, state in states.items() if state == ACTIVE)
        return all(
            len(self.addresses(name)) == (len(MGMT_ADDRESSES) if name == active else 0)
            for name in SUPERVISORS
        ) and all(self.is_attached(name, active) for name in MODULES)

    def wait(self, condition, what, limit=LIMIT):
        try:
            wait_for(condition, limit, what, POLL)
        except LabError as error:
            raise AssertionError(f"{error}\n{self.explain()}") from None

    def wait_log(self, name, *words):
        self.wait(lambda: self.has_logged(name, *words), f"{name} to log {words}")

    def wait_state(self, name, state, limit=LIMIT):
        self.wait(lambda: self.state(name) == state, f"{name} to be '{state}'", limit)

    def wait_whole(self, limit=LIMIT):
        self.wait(self.is_whole, "a whole pair with its modules", limit)

    def explain(self):
        """What somebody wants to see of all machines when a test has failed."""
        parts = []
        for name, machine in self.machines.items():
            parts.append(f"--- {name}: {'on' if machine.leader() else 'off'}")
            if machine.leader():
                unit = unit_of(name)
                words = f"{machine.property(unit, 'ActiveState')} {self.state(name)}"
                parts.append(f"{words} {machine.property(unit, 'StatusText')}")
            parts += self.journal(name)[-25:]
        return "\n".join(parts)

    # -- the journal -------------------------------------------------------------------------------
    def mark(self):
        """From here on the journals are this test's."""
        self.expected_errors = set()
        for name, machine in self.machines.items():
            self._cursors[name] = machine.cursor()

    def journal(self, name, field="MESSAGE"):
        return self[name].journal(unit_of(name), self._cursors.get(name), field)

    def unexpected_errors(self):
        """Lines of severity 0…3 that the test has not announced in `expected_errors`."""
        found = []
        expected = self._harmless_errors | self.expected_errors
        for name in self.machines:
            for line in self.journal(name):
                match = SEVERE.search(line)
                if match and match.group(2) not in expected:
                    found.append(f"{name}: {line}")
        return found

    def has_logged(self, name, *words):
        """Is there a line of this test with all of these words?"""
        return any(all(word in line for word in words) for line in self.journal(name))

    def headless(self):
        """The modules that were without a supervisor for a moment since the test began."""
        return [name for name in MODULES if self.has_logged(name, "%VEM-4-HEADLESS")]

    # -- power and cables --------------------------------------------------------------------------
    def cut_power(self, name):
        """As pulling its plug: the processes are gone, and no cable has a carrier any more."""
        self[name].cut_power()
        for port in PORTS:
            self.wires.unplug(name, port)

    def give_power(self, name):
        """The disk is what it was; the interfaces are there before it boots."""
        for port in PORTS:
            self.wires.plug(name, port)
        self[name].power_on()

    def mend(self):
        """Every machine on, every cable plugged, every unit started: what a test may begin with."""
        self.wires.heal_everything()
        for name, machine in self.machines.items():
            if not machine.leader():
                machine.power_on()
            machine.run("systemctl", "reset-failed", unit_of(name))
            machine.run("systemctl", "start", unit_of(name))
        self.wait_whole()


def unit_of(name):
    return "vemd" if is_vem(name) else "vsmd"


def packages_of(name):
    return (COMMON, "vsm-ha-vem" if is_vem(name) else "vsm-ha")


def remove_files(lab_name):
    """Unmounts the disks of a site and removes what it kept, whatever of it is there."""
    folder = FOLDER / lab_name
    left = [*NSPAWN.glob(f"*/{lab_name}-*")]
    for root in folder.glob("disks/*/root"):
        place = root.stat()
        left.append(NSPAWN / "locks" / f"inode-{place.st_dev}:{place.st_ino}")
    mounted = Path("/proc/self/mounts").read_text(encoding="utf-8")
    for path in reversed(re.findall(rf"^\S+ ({re.escape(str(folder))}/\S*) ", mounted, re.M)):
        command(["umount", path])
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        FOLDER.rmdir()
    except OSError:
        pass
