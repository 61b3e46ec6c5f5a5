"""Two supervisors on virtual machines, on one trunk with a VLAN for control and one for mgmt.

The first host has VLAN devices for both. The second has one for mgmt; its daemon tags control by
itself: both must understand each other. The modules run in namespaces of the same lab.
"""
import json
import time

from host_lab import image as host_image
from host_lab.image import command
from host_lab.site import SUPERVISORS, Site, unit_of
from lab_tool.control import Control
from lab_tool.topology import MGMT_ADDRESSES, LabError, Parameters, mac_of

from . import image
from .guest import BOOT_LIMIT, Guest

CONTROL_VLAN, MGMT_VLAN = 260, 261
# Emulated hosts on a busy machine: a heartbeat may be late by a second, and nobody minds.
HEARTBEAT_MS, LOSS_MS, HEADLESS_MS = 500, 6000, 30000
RETURN_LIMIT = BOOT_LIMIT + 100.0  # seconds: an emulated boot, and becoming the standby
MODULES = ("vem-3", "vem-4")
# A daemon that is emulated on a busy machine may well stand still for a while.
PATIENCE = "[Service]\nWatchdogSec=30s\n"
TRUNK = """[Unit]
Description=The trunk and its VLANs
Wants=network-pre.target
Before=network-pre.target network.target
After=systemd-modules-load.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/trunk
[Install]
WantedBy=multi-user.target
"""
SCRIPT = """#!/bin/sh -e
until [ -e /sys/class/net/eth0 ]; do
    sleep 0.1 # poll: the card is there when its driver is loaded
done
ip link set eth0 name trunk0
ip link set trunk0 up
for vlan in {vlans}; do
    ip link add link trunk0 name "${{vlan%:*}}" type vlan id "${{vlan#*:}}"
    ip link set "${{vlan%:*}}" up
done
"""


class VirtualPair(Site):
    def __init__(self, lab):
        super().__init__(lab)
        self.control = Control(lab)
        self.wires = self.control.wires
        self.figures = []  # (what, seconds)
        self._lines = {}  # of the modules' logs that were there before a test

    # -- building ----------------------------------------------------------------------------------
    def build(self, names=SUPERVISORS):
        """Wires, disks with product and configuration; both booted, and the modules started."""
        made = image.made()
        self.lab.parameters = Parameters(
            vems=len(MODULES),
            heartbeat_ms=HEARTBEAT_MS,
            multiplier=LOSS_MS // HEARTBEAT_MS,
            key=True,
        )
        self.lab.save()
        self.wires.build(MODULES)
        disks = self.folder / "disks"
        disks.mkdir(parents=True)
        command(["mount", "-t", "tmpfs", "-o", "size=4g,mode=755", "vsm-ha-vm", disks])
        host_image.install_product(disks / "product")
        layers = [disks / "product", made / "root"]
        for name in names:
            guest = Guest(self.lab, name, disks / name, layers, made, mac_of(name, "control"))
            guest.make_disk()
            self.machines[name] = guest
            self._furnish(name)
            guest.make_image()
        begun = time.monotonic()
        for name in names:
            self[name].start()
        for name in names:
            self[name].wait_booted()
        self.figures.append(("both machines booted, from power on", time.monotonic() - begun))
        for name in MODULES:
            self.control.start(name, self._module())

    def _furnish(self, name):
        first = name == SUPERVISORS[0]
        vlans = [f"mgmt0:{MGMT_VLAN}"] + ([f"control0:{CONTROL_VLAN}"] if first else [])
        self[name].write("/usr/local/sbin/trunk", SCRIPT.format(vlans=" ".join(vlans)), mode=0o755)
        self[name].write("/etc/systemd/system/trunk.service", TRUNK)
        self[name].write("/etc/systemd/system/vsmd.service.d/patience.conf", PATIENCE)
        tagged = {"name": "trunk0", "vlan": CONTROL_VLAN}
        own = {"authentication": {"keys": [{"id": 1, "file": "credential:vsm-ha.key"}]}}
        self.configure(name, own if first else {**own, "interfaces": {"control": tagged}})
        command(["systemctl", f"--root={self[name].root}", "enable", "trunk", unit_of(name)])

    @staticmethod
    def _module():
        control = {"name": "control0", "vlan": CONTROL_VLAN}
        return {"interfaces": {"control": control}, "timers": {"headless_after_ms": HEADLESS_MS}}

    # -- what is there -----------------------------------------------------------------------------
    def addresses(self, name):
        shown = self[name].run("ip", "-o", "address", "show", "dev", "mgmt0", check=False)
        wanted = [address.split("/")[0] for address in MGMT_ADDRESSES]
        return [one for one in wanted if f" {one}/" in shown]

    def is_attached(self, name, active):
        answer = self.control.node(name).ask("show vem status | json")
        listed = self[active].ask("vsmd", "show module | json")
        return bool(
            answer
            and json.loads(answer["output"])["state"] == "attached"
            and listed
            and f'"host-{name}"' in listed["output"]
        )

    def mark(self):
        super().mark()
        self._lines = {name: len(self.control.node(name).log()) for name in MODULES}

    def headless(self):
        logs = {name: self.control.node(name).log()[self._lines[name] :] for name in MODULES}
        return [name for name, log in logs.items() if "%VEM-4-HEADLESS" in "\n".join(log)]

    def wait_whole(self, limit=RETURN_LIMIT):
        super().wait_whole(limit)

    def explain(self):
        """As of machines; of one that does not answer, the end of its console."""
        parts = [f"{name}: {self.control.node(name).log()[-10:]}" for name in MODULES]
        for name, guest in self.machines.items():
            try:
                parts += [f"--- {name}: {self.state(name)}", *self.journal(name)[-25:]]
            except (OSError, ValueError, LabError) as error:
                console = (guest.folder / "console.log").read_text(errors="replace")
                parts.append(f"--- {name}: {error}; console: {console[-2000:]}")
        return "\n".join(parts)

    def mend(self):
        """Both hosts on, not paused, with cables as new, their units started, and a whole pair."""
        for guest in self.machines.values():
            if not guest.pid():
                guest.start()
        for guest in self.machines.values():
            guest.monitor("cont")
            guest.wait_booted()
            guest.heal()
        super().mend()

    # -- measuring ---------------------------------------------------------------------------------
    def timed(self, what, condition, since, limit=RETURN_LIMIT):
        """Waits for a condition; notes and returns the seconds that it took from `since` on."""
        self.wait(condition, what, limit)
        taken = time.monotonic() - since
        self.figures.append((what, taken))
        return taken
