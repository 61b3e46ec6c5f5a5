"""One host: a systemd of its own, in the network namespace of a node of the lab.

It has a disk (a layer above the image, which survives everything but the end of the run), a power
supply (a shell that starts the machine, and again when it reboots) and its own control groups, so
that its power can be cut: all of its processes are gone at once, wherever they are.
"""
import json
import os
import signal
import socket
import subprocess
import time
import uuid
from pathlib import Path

from lab_tool.nodes import wait_for
from lab_tool.topology import LabError
from lab_tool.wires import state_of

from .image import command

GROUP = "vsm-ha-hosts"
UNIFIED = Path("/sys/fs/cgroup/unified")  # beside hierarchies of version 1
if not UNIFIED.is_dir():
    UNIFIED = Path("/sys/fs/cgroup")
NAMED = Path("/sys/fs/cgroup/systemd")  # systemd's own hierarchy, where there is one
MEMORY = Path("/sys/fs/cgroup/memory")  # that of memory, where it is one of version 1
REBOOT = 133  # how systemd-nspawn ends when the machine wants to be started again
BOOT_LIMIT, STOP_LIMIT = 40.0, 30.0
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"

# The power supply. $0 is the machine's folder, $1 its control groups, the rest starts it. Each
# start is a process of its own that enters the groups, so that the supply is not in them.
SUPPLY = """
cd "$0" || exit 1
export groups="$1"
shift
while :; do
    sh -c 'for group in $groups; do echo 0 >"$group/cgroup.procs" || exit 1; done
           echo $$ >pid.new && mv pid.new pid
           exec "$@"' sh "$@"
    status=$?
    rm -f pid
    echo "The machine ended with $status"
    [ $status = %d ] || break
done
""" % REBOOT


class Machine:
    def __init__(self, lab, name, folder, layers):
        """`layers`: folders that make up the disk below the machine's own layer, upper first."""
        self.name = name
        self.lab = lab
        self.folder = folder
        self.root = folder / "root"
        self._layers = layers
        self._supply = None
        bases = [base for base in (UNIFIED, NAMED, MEMORY) if base.is_dir()]
        self._groups = [base / GROUP / lab.name / name for base in bases]

    # -- disk --------------------------------------------------------------------------------------
    def make_disk(self):
        for layer in ("root", "upper", "work"):
            (self.folder / layer).mkdir(parents=True)
        layers = f"lowerdir={':'.join(map(str, self._layers))}"
        own = f"upperdir={self.folder / 'upper'},workdir={self.folder / 'work'}"
        command(["mount", "-t", "overlay", "overlay", "-o", f"{layers},{own}", self.root])
        self.write("/etc/machine-id", uuid.uuid4().hex + "\n")
        self.write("/etc/hostname", self.name + "\n")

    def write(self, path, text, mode=0o644):
        """A file of the machine, running or not."""
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(mode)

    # -- power -------------------------------------------------------------------------------------
    def pid(self):
        """Of systemd-nspawn, as long as it lives."""
        try:
            pid = int((self.folder / "pid").read_text())
        except (OSError, ValueError):
            return None
        return pid if state_of(pid) not in (None, "Z", "X") else None

    def leader(self):
        """The pid outside of the machine's PID 1."""
        pid = self.pid()
        try:
            own = os.readlink("/proc/self/ns/pid")
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                if os.readlink(f"/proc/{child}/ns/pid") != own:
                    return int(child)
        except OSError:
            pass
        return None

    def power_on(self):
        """Starts it and returns when systemd has started everything that it is to start."""
        if self.pid():
            raise LabError(f"{self.name} is on")
        for group in self._groups:
            group.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "console.log", "a", encoding="utf-8") as console:
            self._supply = subprocess.Popen(
                ["sh", "-c", SUPPLY, str(self.folder), " ".join(map(str, self._groups))]
                + self.lab.enter(self.name)
                + ["systemd-nspawn", "--quiet", "--boot", f"--directory={self.root}"]
                + [f"--machine={self.lab.name}-{self.name}", f"--hostname={self.name}"]
                + ["--register=no", "--keep-unit", "--console=pipe"]
                + ["--link-journal=no", "--resolv-conf=off", "--timezone=off"]
                + ["--capability=CAP_NET_ADMIN,CAP_IPC_LOCK", "--rlimit=RLIMIT_CORE=infinity"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        self.wait_booted()

    def wait_booted(self, after=None):
        """Until it is up; `after`: the PID 1 that it had before a reboot."""

        def has_begun():
            leader = self.leader()
            private = f"/proc/{leader}/root/run/systemd/private"
            return leader not in (None, after) and os.path.exists(private)

        wait_for(has_begun, BOOT_LIMIT, f"{self.name} to begin to boot, see {self.folder}")
        self.run("systemctl", "is-system-running", "--wait", check=False, limit=BOOT_LIMIT)

    def reboot(self):
        before = self.leader()
        self.run("systemctl", "reboot", check=False)
        self.wait_booted(after=before)

    def power_off(self):
        """The clean way, as with its button."""
        if self.leader():
            os.kill(self.leader(), signal.SIGRTMIN + 4)
        self._wait_off()

    def cut_power(self):
        """Every process of the machine is gone at once. Its cables are not: see Site."""
        if self.pid():
            (self._groups[0] / "cgroup.kill").write_text("1")
        self._wait_off()

    def _wait_off(self):
        wait_for(lambda: self.pid() is None, STOP_LIMIT, f"{self.name} to be off")
        if self._supply:
            self._supply.wait(STOP_LIMIT)
            self._supply = None

    # -- inside ------------------------------------------------------------------------------------
    def run(self, *words, check=True, limit=30.0, text=None):
        """A command inside; its output. `check`: failing is an error that says what was printed."""
        done = subprocess.run(
            ["nsenter", "--target", str(self.leader()), "--all", "--wdns=/", "--", *words],
            input=text if text is not None else "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=limit,
            check=False,
            env={"PATH": PATH, "LC_ALL": "C.UTF-8", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"},
        )
        if check and done.returncode:
            raise LabError(f"{self.name}: {' '.join(words)}: {done.stdout.strip()[-1500:]}")
        return done.stdout

    def property(self, unit, name):
        return self.run("systemctl", "show", "--value", f"--property={name}", unit).strip()

    def main_pid(self, unit):
        """As the machine counts; 0 when it does not run."""
        return int(self.property(unit, "MainPID"))

    def outer_pid(self, unit):
        """The main process of a unit as this side counts."""
        inner = self.main_pid(unit)
        for procs in self._groups[0].rglob(f"{unit}.service/cgroup.procs"):
            for pid in procs.read_text().split():
                status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
                if f"\t{inner}\n" in status[status.index("NSpid:") :]:
                    return int(pid)
        raise LabError(f"{self.name}: no main process of {unit}")

    def starve(self, pid):
        """Leaves a process (as this side counts) next to no memory: as soon as it wants more, the
        kernel's memory killer ends it. A function that tells whether that has happened."""
        group = MEMORY / GROUP / self.lab.name / self.name / "starved"
        group.mkdir(exist_ok=True)
        (group / "memory.limit_in_bytes").write_text("4096")
        (group / "cgroup.procs").write_text(str(pid))
        return lambda: "oom_kill 1\n" in (group / "memory.oom_control").read_text()

    def ask(self, instance, request, timeout=1.0):
        """What a daemon answers on its control socket to a command or a whole request; None when
        it gives no answer."""
        if isinstance(request, str):
            request = {"command": request, "width": 80}
        path = f"/proc/{self.leader()}/root/run/vsm-ha/{instance}/control.sock"
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(timeout)
                connection.connect(path)
                connection.sendall(json.dumps(request).encode() + b"\n")
                answer = b""
                while not answer.endswith(b"\n") and (part := connection.recv(65536)):
                    answer += part
            return json.loads(answer)
        except (OSError, ValueError):
            return None

    # -- what it wrote -----------------------------------------------------------------------------
    def cursor(self):
        """Where the journal ends now, for `journal`."""
        entries = self._journal("--lines=1", "--output=json")
        return json.loads(entries[0])["__CURSOR"] if entries else None

    def journal(self, unit, after=None, field="MESSAGE"):
        """Messages of a unit, of all boots; read from outside, so also while the power is off."""
        since = [f"--after-cursor={after}"] if after else []
        lines = self._journal(*since, f"--unit={unit}", "--output=json")
        return [entry.get(field) or "" for entry in map(json.loads, lines)]

    def _journal(self, *words):
        folder = self.root / "var/log/journal"
        shown = ["journalctl", "--quiet", "--all", f"--directory={folder}", *words]
        return command(shown).splitlines()


def remove_groups(lab_name):
    """Ends what is left in the machines' control groups, then removes these."""
    for base in (UNIFIED, NAMED, MEMORY):
        top = base / GROUP / lab_name
        if not top.is_dir():
            continue
        deadline = time.monotonic() + STOP_LIMIT
        for kill in top.glob("*/cgroup.kill"):
            kill.write_text("1")
        while True:
            for group in sorted(top.rglob("*"), reverse=True):
                if group.is_dir():
                    _try_to_remove(group)
            _try_to_remove(top)
            if not top.exists():
                break
            if time.monotonic() > deadline:
                raise LabError(f"{top} still has processes")
            time.sleep(0.01)  # poll: the kernel removes what is empty, with a limit
        _try_to_remove(top.parent)


def _try_to_remove(group):
    try:
        group.rmdir()
    except OSError:
        pass
