"""A pair in a lab, asked without a shell in between."""

import json
import socket
from pathlib import Path

from lab_tool.control import Control
from lab_tool.nodes import wait_for
from lab_tool.topology import Lab, Parameters

NAMES = ("vsm-a", "vsm-b")


class Pair:
    def __init__(self, timers, storage_mib=64, states=None):
        """`states`: the folder that the stores are in; in the lab's own by default."""
        self.lab = Lab("bench-pair")
        self.control = Control(self.lab)
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
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(timeout)
                connection.connect(str(self.control.node(name).socket_path))
                request = {"command": command, "width": 80, "mode": mode}
                connection.sendall(json.dumps(request).encode() + b"\n")
                answer = b""
                while not answer.endswith(b"\n"):
                    part = connection.recv(65536)
                    if not part:
                        return None
                    answer += part
            return json.loads(answer)
        except (OSError, ValueError):
            return None

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
