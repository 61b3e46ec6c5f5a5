"""vsm-ha: a primary and a secondary vsmd; the mgmt address is held by the active only (SW-5)."""

import json
import os
import socket

from bench import lab as lab_module
from bench.peers import base
from bench.processes import Daemon

ETHERTYPE = 0x88B5
TYPE_OFFSET, HEARTBEAT_REQUEST = 5, 2  # docs/wire-format.md

CONFIGURATION = """\
instance: {instance}
hostname: {instance}
setup: {{role: {role}, domain: 100}}
interfaces:
  control: {{name: control0}}
  mgmt: {{name: mgmt0, addresses: [{address}/{prefix}]}}
timers: {{profile: fast, heartbeat_interval_ms: {interval_ms}, loss_interval_ms: {loss_ms}}}
directories: {{state: {state}, run: {run}}}
{priority_line}
log: {{level: info}}
"""


def binary():
    """The vsmd to measure: of VSM_HA_BIN, else of the release build."""
    given = os.environ.get("VSM_HA_BIN")
    if given:
        return os.path.join(given, "vsmd")
    return os.path.join(os.environ["VSM_HA_ROOT"], "build/release/daemons/vsmd/vsmd")


class VsmHa(base.Pair):
    name = "vsm-ha"
    lowest_interval_ms = 5

    @staticmethod
    def default_priority(interval_ms):
        return 20 if interval_ms < 1000 else 0

    def start_node(self, node):
        role = "primary" if node.letter == "a" else "secondary"
        path = node.path("vsmd.yaml")
        base.write(
            path,
            CONFIGURATION.format(
                instance=f"vsm-{node.letter}",
                role=role,
                address=lab_module.ADDRESS,
                prefix=lab_module.ADDRESS_PREFIX,
                interval_ms=self.interval_ms,
                priority_line=(
                    f"scheduling: {{realtime_priority: {self.realtime_priority}}}"
                    if self.realtime_priority is not None
                    else ""
                ),
                loss_ms=self.interval_ms * self.multiplier,
                state=node.path("state"),
                run=os.path.join(node.run_directory, "vsm-ha"),
            ),
        )
        self.daemons[node.letter].append(Daemon(node, "vsmd", [binary(), "--config", path]))

    def standby_ready(self):
        return "HA standby" in self.ask(self.lab.b, "show system redundancy status")

    @staticmethod
    def ask(node, command):
        """What a node answers to a command; empty when it does not answer."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.settimeout(2)
                client.connect(os.path.join(node.run_directory, "vsm-ha", "control.sock"))
                client.sendall(json.dumps({"command": command, "width": 80}).encode() + b"\n")
                answer = b""
                while not answer.endswith(b"\n"):
                    part = client.recv(65536)
                    if not part:
                        break
                    answer += part
            return json.loads(answer).get("output", "")
        except (OSError, ValueError):
            return ""

    def is_heartbeat(self, frame):
        return frame.ethertype == ETHERTYPE and frame.payload[TYPE_OFFSET] == HEARTBEAT_REQUEST

    @staticmethod
    def version():
        return base.first_line([binary(), "--version"])
