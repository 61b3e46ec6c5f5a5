"""One virtual machine, with the disk that a machine of test/hosts would have.

It is emulated (no hardware support is needed), a few times slower than the host. Its one network
card is a port of the lab's control switch, and it has a watchdog device that systemd feeds.
Commands inside go to the agent that the guest runs.
"""
import base64
import json
import os
import signal
import socket
import subprocess
import time

from host_lab.image import command
from host_lab.machine import PATH, Machine
from lab_tool.nodes import wait_for
from lab_tool.topology import LabError
from lab_tool.wires import state_of

BOOT_LIMIT = 600.0  # seconds: 12 on an idle machine, more than 200 have been seen on a busy one
MEMORY_MIB = 256
# The processor's own clock is measured at boot, which goes wrong when the emulator has to wait for
# its turn meanwhile: then the guest's time runs several times too fast.
KERNEL_WORDS = (
    "console=ttyS0 quiet panic=1 reboot=t net.ifnames=0 mitigations=off notsc clocksource=acpi_pm "
    "no_timer_check random.trust_cpu=on systemd.show_status=0"
)


class Channel:
    """JSON requests and answers on a socket of qemu: its monitor, or the agent in the guest."""

    def __init__(self, path, timeout):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        self._socket.connect(str(path))
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def line(self):
        while b"\n" not in self._buffer:
            part = self._socket.recv(1 << 16)
            if not part:
                raise OSError("the machine ended")
            self._buffer += part
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line.rpartition(b"\xff")[2]

    def ask(self, word, **arguments):
        request = {"execute": word, "arguments": arguments}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            answer = json.loads(self.line() or b"{}")
            if "error" in answer:
                raise LabError(f"{word}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def synchronize(self):
        """Past the answers to who asked before and did not wait."""
        number = int.from_bytes(os.urandom(4), "big")
        request = {"execute": "guest-sync-delimited", "arguments": {"id": number}}
        self._socket.sendall(b"\xff" + json.dumps(request).encode() + b"\n")
        while json.loads(self.line() or b"{}").get("return") != number:
            pass


class Guest(Machine):
    """As Machine, where that makes sense: the same verbs, another kind of host."""

    def __init__(self, lab, name, folder, layers, kernel, mac):
        super().__init__(lab, name, folder, layers)
        self._kernel = kernel
        self._mac = mac
        self._tap = f"{name}-trk"
        self._qemu = None

    # -- power -------------------------------------------------------------------------------------
    def make_image(self):
        """What was written so far becomes the disk; from here on only the guest writes to it."""
        disk = self.folder / "disk"
        command(["truncate", "-s", "1G", disk])
        features = ["-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1"]
        command(["mke2fs", "-q", "-t", "ext4", *features, "-d", self.root, disk])
        command(["umount", self.root])
        wire = ["ip", "-n", self.lab.namespace("wire")]
        command([*wire, "tuntap", "add", self._tap, "mode", "tap"])
        command([*wire, "link", "set", self._tap, "master", "br-control", "up"])

    def pid(self):
        alive = self._qemu and state_of(self._qemu.pid) not in (None, "Z", "X")
        return self._qemu.pid if alive else None

    def leader(self):
        return self.pid()

    def power_on(self):
        self.start()
        self.wait_booted()

    def start(self):
        """Power on, and no waiting."""
        if self.pid():
            raise LabError(f"{self.name} is on")
        for name in ("monitor", "agent"):
            (self.folder / name).unlink(missing_ok=True)
        with open(self.folder / "qemu.log", "a", encoding="utf-8") as log:
            self._qemu = subprocess.Popen(
                self.lab.enter("wire") + ["qemu-system-x86_64", *self._words()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # not a session: its share of the processor is the run's
            )

    def _words(self):
        device = "virtio-net-pci,netdev=trunk,id=card,romfile=,speed=1000,duplex=full"
        return [
            *("-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "1", "-m", str(MEMORY_MIB)),
            *("-M", "pc,usb=off,vmport=off", "-nodefaults", "-no-user-config"),
            *("-display", "none", "-serial", f"file:{self.folder / 'console.log'}"),
            *("-kernel", str(self._kernel / "kernel"), "-initrd", str(self._kernel / "initrd")),
            *("-append", KERNEL_WORDS),
            *("-qmp", f"unix:{self.folder / 'monitor'},server=on,wait=off"),
            *("-drive", f"if=virtio,file={self.folder / 'disk'},format=raw,cache=unsafe"),
            *("-netdev", f"tap,id=trunk,ifname={self._tap},script=no,downscript=no"),
            *("-device", f"{device},mac={self._mac}"),
            *("-device", "virtio-rng-pci", "-device", "virtio-serial-pci"),
            *("-device", "i6300esb", "-action", "watchdog=reset"),
            *("-chardev", f"socket,id=agent,path={self.folder / 'agent'},server=on,wait=off"),
            *("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
        ]

    def wait_booted(self, after=None):
        """Until the agent answers, from another boot than the one named by `after`."""

        def is_up():
            if not self.pid():
                raise LabError(f"{self.name} ended, see {self.folder / 'qemu.log'}")
            try:
                return self.boot() != after
            except (OSError, ValueError, LabError):
                return False

        wait_for(is_up, BOOT_LIMIT, f"{self.name} to boot", 0.2)

    def boot(self, timeout=10.0):
        """The identifier that the guest's kernel has from this boot to the next."""
        return self.run("cat", "/proc/sys/kernel/random/boot_id", limit=timeout).strip()

    def cut_power(self):
        """The emulator is killed: what the guest had not written to its disk is gone."""
        if self.pid():
            os.kill(self.pid(), signal.SIGKILL)
            self._qemu.wait(10)

    def power_off(self):
        self.cut_power()

    def monitor(self, word, **arguments):
        """A command of qemu's monitor: `stop`, `cont`, `set_link` …"""
        with Channel(self.folder / "monitor", 10.0) as channel:
            channel.line()
            channel.ask("qmp_capabilities")
            return channel.ask(word, **arguments)

    def set_link(self, up):
        """Plugs or pulls the cable of the card: the guest sees its carrier."""
        self.monitor("set_link", name="card", up=up)

    def impair(self, *words):
        """What the guest sends on its trunk is delayed, lost or reordered, in netem's words."""
        self.run("tc", "qdisc", "replace", "dev", "trunk0", "root", "netem", *words)

    def heal(self):
        """Goes on, with its cable plugged in and nothing between it and the card."""
        self.monitor("cont")
        self.set_link(True)
        self.run("tc", "qdisc", "del", "dev", "trunk0", "root", check=False)
        self.run("ip", "link", "set", "control0", "up", check=False)

    # -- inside ------------------------------------------------------------------------------------
    def run(self, *words, check=True, limit=60.0, text=None):
        request = {"path": "/usr/bin/env", "arg": [f"PATH={PATH}", *words], "capture-output": True}
        if text is not None:
            request["input-data"] = base64.b64encode(text.encode()).decode()
        deadline = time.monotonic() + limit
        with Channel(self.folder / "agent", min(limit, 10.0)) as channel:
            channel.synchronize()
            pid = channel.ask("guest-exec", **request)["pid"]
            while not (done := channel.ask("guest-exec-status", pid=pid))["exited"]:
                if time.monotonic() > deadline:
                    raise LabError(f"{self.name}: {' '.join(words)}: no end within {limit:g} s")
                time.sleep(0.02)  # poll: the command has a limit
        printed = "".join(
            base64.b64decode(done.get(stream, "")).decode(errors="replace")
            for stream in ("out-data", "err-data")
        )
        if check and done.get("exitcode"):
            raise LabError(f"{self.name}: {' '.join(words)}: {printed.strip()[-1500:]}")
        return printed

    def begin(self, *words):
        """Starts a command that may well end the guest: nobody waits for it."""
        arguments = {"path": "/usr/bin/env", "arg": [f"PATH={PATH}", *words]}
        with Channel(self.folder / "agent", 10.0) as channel:
            channel.synchronize()
            channel.ask("guest-exec", **arguments)

    def ask(self, instance, request, timeout=10.0):
        """What the shell prints for a command, as the daemon's answer; None without one."""
        try:
            printed = self.run("vsmsh", "-i", instance, "-c", request, limit=timeout)
        except (OSError, ValueError, LabError):
            return None
        return {"exit": 0, "output": printed, "error": ""}

    def _journal(self, *words):
        return self.run("journalctl", "--quiet", "--all", *words).splitlines()
