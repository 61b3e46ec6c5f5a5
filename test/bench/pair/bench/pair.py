"""A pair in a lab, asked without a shell in between."""

import contextlib
import json
import socket
from pathlib import Path

from lab_tool.binaries import find
from lab_tool.control import Control
from lab_tool.nodes import wait_for
from lab_tool.topology import Lab, Parameters

NAMES = ("vsm-a", "vsm-b")


class Session:
    """A connection to a control socket that stays open."""

    def __init__(self, path, timeout=35.0):
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._connection.settimeout(timeout)
        try:
            self._connection.connect(str(path))
        except OSError:
            self.close()
            raise

    def ask(self, command, mode=""):
        """The answer; ConnectionError when there is none."""
        request = {"command": command, "width": 80, "mode": mode}
        self._connection.sendall(json.dumps(request).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            part = self._connection.recv(65536)
            if not part:
                raise ConnectionError("the daemon closed the connection")
            answer += part
        return json.loads(answer)

    def close(self):
        self._connection.close()


class Pair:
    def __init__(self, timers, storage_mib=64, states=None, name="bench-pair", binaries=None):
        """`states`: the folder that the stores are in; in the lab's own by default. `binaries`: the
        folder of the daemons, when it is not that of VSM_HA_BIN."""
        self.lab = Lab(name)
        self.control = Control(self.lab, find(Path(binaries)) if binaries else None)
        self._states = states
        nodes = {name: {"storage": {"maximum_size_mib": storage_mib}} for name in NAMES}
        for name in NAMES if states else ():
            nodes[name]["directories"] = {"state": str(self.state_folder(name))}
        self.parameters = Parameters(vems=0, timers=timers, nodes=nodes)

    def __enter__(self):
        self.control.check_absent()
        try:
            self.control.up(self.parameters, start=False)
        except BaseException:
            self.control.down()
            raise
        return self

    def __exit__(self, *_):
        self.control.down()

    def state_folder(self, name):
        return Path(self._states or self.control.node(name).folder) / name / "state"

    def ask(self, name, command, mode="", timeout=35.0):
        """The answer, or None when there is none."""
        try:
            with contextlib.closing(self.connect(name, timeout)) as session:
                return session.ask(command, mode)
        except (OSError, ValueError):
            return None

    def connect(self, name, timeout=35.0):
        return Session(self.control.node(name).socket_path, timeout)

    def state(self, name):
        answer = self.ask(name, "show system redundancy status | json", timeout=1.0)
        return json.loads(answer["output"])["this_sup_internal_state"] if answer else None

    def active(self):
        """The name of the one that is active with an HA standby; None while there is none."""
        for name in NAMES:
            if self.state(name) == "Active with HA standby":
                return name
        return None

    def start(self, name):
        self.control.start(name)

    def start_both(self):
        for name in NAMES:
            self.start(name)
        self.become_ha()

    def become_ha(self):
        wait_for(lambda: self.active() is not None, 60, "the pair to be HA")
        return self.active()
