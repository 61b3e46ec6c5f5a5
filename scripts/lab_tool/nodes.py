"""The daemons of a lab: their configuration, start and end, control sockets and logs.

A daemon runs below a shell of a few hundred kB that waits for it and writes down how it ended, so
that a crash is noticed although the tool has gone. Processes are named by pid and start
time: a pid that was given to somebody else is never signalled.
"""
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import yaml

from .topology import LabError, MGMT_ADDRESSES, Lab, is_vem, number_of, role_of
from .wires import start_time_of, state_of

# Runs "$@" with its output in $0/log; writes "PID START-TIME" at once, the exit status at the end.
KEEPER = """
cd "$0" || exit 1
"$@" >>log 2>&1 </dev/null &
echo "$! $(cut -d' ' -f22 /proc/$!/stat)" >pid.new && mv pid.new pid
wait "$!"
echo "$?" >exit.new && mv exit.new exit
"""
KEY = "5f" * 32
STOP_LIMIT = 10.0


class Node:
    """One daemon's place in a lab: vsmd in vsm-…, vemd in vem-…"""

    def __init__(self, lab: Lab, name):
        self.lab = lab
        self.name = name
        self.folder = lab.node_folder(name)

    # -- configuration -----------------------------------------------------------------------------
    def configuration(self, extra=None):
        lab = self.lab.parameters
        timers = {"profile": lab.timers, "heartbeat_interval_ms": lab.h_ms}
        common = {
            "instance": self.name,
            "directories": {"state": str(self.folder / "state"), "run": str(self.folder / "run")},
            "log": {"level": "info"},
            "timers": timers,
        }
        if lab.key:
            common["authentication"] = {"keys": [{"id": 1, "file": str(self.lab.folder / "key-1")}]}
        if is_vem(self.name):
            timers["headless_after_ms"] = lab.headless_ms
            result = {
                **common,
                "host": {
                    "uuid": host_uuid(self.name),
                    "name": f"host-{self.name}",
                },
                "domain": lab.domain,
                "interfaces": {"control": {"name": "control0"}},
            }
            if lab.traffic:
                result["ports"] = {"bridge": "br0", "members": ["eth1", "vm1", "vm2"]}
        else:
            timers["loss_interval_ms"] = lab.t_ms
            result = {
                **common,
                "hostname": "switch",
                "setup": {"role": role_of(self.name), "domain": lab.domain},
                "interfaces": {
                    "control": {"name": "control0"},
                    "mgmt": {"name": "mgmt0", "addresses": MGMT_ADDRESSES},
                },
            }
        return merge(merge(result, lab.nodes.get(self.name, {})), extra or {})

    def write_configuration(self, extra=None):
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.lab.parameters.key and not (self.lab.folder / "key-1").exists():
            path = self.lab.folder / "key-1"
            path.touch(mode=0o600)
            path.write_text(KEY + "\n")
        path = self.folder / f"{self.name}.yaml"
        path.write_text(yaml.safe_dump(self.configuration(extra), sort_keys=False))
        return path

    # -- the process -------------------------------------------------------------------------------
    def process(self):
        """The pid of the living daemon, or None; one that was killed lives no more, whatever the
        kernel still has of it."""
        if (self.folder / "killed").exists():
            return None
        try:
            pid, started = (int(word) for word in (self.folder / "pid").read_text().split())
        except (OSError, ValueError):
            return None
        alive = start_time_of(pid) == started and state_of(pid) not in ("Z", "X", None)
        return pid if alive else None

    def state(self):
        """running, frozen, stopped, killed (by the lab), crashed …, failed …, not started"""
        pid = self.process()
        if pid:
            return "frozen" if state_of(pid) in ("T", "t") else "running"
        if not (self.folder / "pid").exists():
            return "not started"
        if (self.folder / "killed").exists():
            return "killed"
        try:
            status = int((self.folder / "exit").read_text())
        except (OSError, ValueError):
            return "ended"
        if status > 128:
            return f"crashed (signal {status - 128})"
        return "stopped" if status == 0 else f"failed (exit status {status})"

    def start(self, binary, extra=None):
        if (self.folder / "killed").exists():
            self._wait_for_end(5, "SIGKILL")
        if self.process():
            raise LabError(f"{self.name} is running already")
        configuration = self.write_configuration(extra)
        for name in ("pid", "exit", "killed"):
            (self.folder / name).unlink(missing_ok=True)
        with open(self.folder / "log", "a", encoding="utf-8") as log:
            log.write("")  # so that who follows it finds it
        subprocess.Popen(
            self.lab.enter(self.name)
            + ["sh", "-c", KEEPER, str(self.folder), *confined()]
            + [str(binary), "--config", str(configuration)]
            + self._recording(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "VSM_HA_LAB": self.lab.name},
        )
        wait_for(lambda: (self.folder / "pid").exists(), 5, f"{self.name} to start")
        # What confines it comes before its program, and is none of its time.
        if confined():
            wait_for(lambda: self._has_begun(binary), 5, f"{self.name} to start its program")

    def _has_begun(self, binary):
        pid = self.process()
        return not pid or os.path.realpath(f"/proc/{pid}/exe") == os.path.realpath(binary)

    def _recording(self):
        """Supervisors record journals into the folder that VSM_HA_JOURNALS names, if it does."""
        folder = os.environ.get("VSM_HA_JOURNALS")
        if not folder or is_vem(self.name):
            return []
        Path(folder).mkdir(parents=True, exist_ok=True)
        return ["--journal", str(Path(folder).resolve() / f"{self.lab.name}-{self.name}.journal")]

    def _signal(self, number):
        pid = self.process()
        if not pid:
            raise LabError(f"{self.name} is not running ({self.state()})")
        os.kill(pid, number)
        return pid

    def stop(self):
        """A planned stop. A frozen daemon would never see the signal, so it is thawed first."""
        if self.state() == "frozen":
            self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        self._wait_for_end(STOP_LIMIT, "SIGTERM")

    def _wait_for_end(self, limit, why):
        """The exit status comes when all threads are gone: till then locks may be held."""
        wait_for((self.folder / "exit").exists, limit, f"{self.name} to end after {why}")

    def guardian(self):
        """The pid of the living guardian of a vsmd, or None."""
        pid = self.process()
        for child in children_of(pid) if pid else []:
            if name_of(child) == "vsmd-guardian" and state_of(child) not in ("Z", "X", None):
                return child
        return None

    def kill(self):
        """Nobody is left to tell of it, as when the host lost its power."""
        guardian = self.guardian()
        if guardian:
            os.kill(guardian, signal.SIGKILL)
        self.crash()
        self._wait_for_end(5, "SIGKILL")

    def crash(self):
        """The daemon alone dies; its guardian, if it has one, says so. The others know it long
        before the kernel has cleared all of the process away, so nobody waits for that here."""
        pid = self._signal(0)
        (self.folder / "killed").touch()
        os.kill(pid, signal.SIGKILL)

    def freeze(self):
        pid = self._signal(signal.SIGSTOP)
        wait_for(lambda: state_of(pid) in ("T", "t"), 5, f"{self.name} to freeze")

    def thaw(self):
        self._signal(signal.SIGCONT)

    def hang_up(self):
        """SIGHUP: read keys and what can change live again."""
        self._signal(signal.SIGHUP)

    def drop_addresses(self):
        """What a host without power no longer answers for."""
        subprocess.run(
            ["ip", "-n", self.lab.namespace(self.name), "addr", "flush", "dev", "mgmt0"]
            + ["scope", "global"],
            capture_output=True,
        )

    def tear_files(self):
        """What is stored is damaged: too little of each file is left to find an older state in."""
        for path in (self.folder / "state").glob("*"):
            if path.is_file():
                data = path.read_bytes()
                path.write_bytes(data[: min(len(data) // 2, 1024)])

    # -- what it says ------------------------------------------------------------------------------
    @property
    def socket_path(self):
        return self.folder / "run" / "control.sock"

    def ask(self, command, timeout=0.5, mode=""):
        """The daemon's {"exit", "output", "error"} to a command line, None when it gives none."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(timeout)
                connection.connect(str(self.socket_path))
                request = {"command": command, "width": 80, "mode": mode}
                connection.sendall(json.dumps(request).encode() + b"\n")
                answer = b""
                while not answer.endswith(b"\n"):
                    part = connection.recv(65536)
                    if not part:
                        break
                    answer += part
            return json.loads(answer)
        except (OSError, ValueError):
            return None

    def log(self):
        try:
            return (self.folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def held_addresses(self):
        """Which of the mgmt addresses are on mgmt0 now."""
        listing = subprocess.run(
            ["ip", "-n", self.lab.namespace(self.name), "-o", "addr", "show", "dev", "mgmt0"],
            capture_output=True,
            text=True,
        ).stdout
        wanted = [address.split("/")[0] for address in MGMT_ADDRESSES]
        return [one for one in wanted if f" {one}/" in listing]


def wait_for(condition, limit, what, interval=0.01):
    """The one way to wait here: until something holds, never for a while."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(f"waited {limit:g} s for {what}")
        time.sleep(interval)  # poll: the condition has a limit


def children_of(pid):
    """The pids of a process's children; none when it has gone."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def name_of(pid):
    """What ps shows in comm; empty when the process has gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def confined():
    """What comes before a daemon's program: with VSM_HA_CONFINE=1 it runs as confined as a unit."""
    if os.environ.get("VSM_HA_CONFINE") != "1":
        return []
    return ["/usr/bin/python3", "-B", str(Path(__file__).with_name("confine.py"))]


def host_uuid(name):
    """A module's host is the same one in every lab, and in the simulator."""
    return f"6c616276-656d-5000-8000-{number_of(name):012d}"


def merge(base, extra):
    """`extra` over `base`, folder by folder; null removes a key."""
    result = dict(base)
    for key, value in extra.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merge(result[key], value)
        else:
            result[key] = value
    return result
