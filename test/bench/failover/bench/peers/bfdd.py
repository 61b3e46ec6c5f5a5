"""FRR's bfdd (with the zebra it needs): one single-hop session over control0.

It moves no address; its end point is the session-down notice on bfdd's own control socket, which a
routing daemon would act on.
"""

import json
import os
import shutil
import socket
import struct
import time

from bench.peers import base
from bench.processes import Daemon, wait_until

BFD_UDP_PORT = 3784
HEADER = struct.Struct("!IHBB")  # length of the rest, id, type, version
NOTIFY, VERSION = 4, 1
PEER_STATE = 1

CONFIGURATION = """\
hostname {name}
bfd
 peer {peer} local-address {local} interface control0
  detect-multiplier {multiplier}
  receive-interval {interval_ms}
  transmit-interval {interval_ms}
 exit
exit
"""


class SessionDowns:
    """Takeover means: bfdd tells its clients that the session is down."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)
        flags = struct.pack("=Q", PEER_STATE)
        self._socket.sendall(HEADER.pack(len(flags), 1, NOTIFY, VERSION) + flags)
        self._socket.setblocking(False)
        self._pending = b""
        self.state = None

    def fileno(self):
        return self._socket.fileno()

    def read(self):
        try:
            self._pending += self._socket.recv(65536)
        except BlockingIOError:
            return []
        at_ns = time.monotonic_ns()
        downs = []
        while len(self._pending) >= HEADER.size:
            length = HEADER.unpack_from(self._pending)[0]
            if len(self._pending) < HEADER.size + length:
                break
            body = self._pending[HEADER.size : HEADER.size + length]
            self._pending = self._pending[HEADER.size + length :]
            state = json.loads(body.rstrip(b"\0")).get("state")
            if state is None:
                continue
            if state == "down" and self.state == "up":
                downs.append(at_ns)
            self.state = state
        return downs

    def close(self):
        self._socket.close()


class Bfdd(base.Pair):
    name = "bfdd"
    lowest_interval_ms = 10

    def start_node(self, node):
        directory = os.path.join(node.run_directory, "frr")
        os.makedirs(directory)
        shutil.chown(directory, "frr", "frr")
        base.write(node.path("zebra.conf"), f"hostname {node.name}\n")
        base.write(
            node.path("bfdd.conf"),
            CONFIGURATION.format(
                name=node.name,
                peer=node.peer_control_address,
                local=node.control_address,
                multiplier=self.multiplier,
                interval_ms=self.interval_ms,
            ),
        )
        zebra = self._daemon(node, "zebra")
        self.daemons[node.letter] = [zebra]
        wait_until(
            lambda: os.path.exists(os.path.join(directory, "zserv.api")),
            "zebra's socket",
            10,
            [zebra],
        )
        self.daemons[node.letter].insert(0, self._daemon(node, "bfdd"))

    def _daemon(self, node, name):
        words = f"/usr/lib/frr/{name} -f {node.path(name)}.conf --log stdout -A 127.0.0.1 -P 0"
        return Daemon(node, name, self.with_priority(words.split()))

    def _socket_path(self, node):
        return os.path.join(node.run_directory, "frr", "bfdd.sock")

    def active_ready(self):
        return os.path.exists(self._socket_path(self.lab.a))

    def standby_ready(self):
        if not os.path.exists(self._socket_path(self.lab.b)):
            return False
        for node in (self.lab.a, self.lab.b):
            probe = SessionDowns(self._socket_path(node))
            deadline = time.monotonic() + 0.2
            while probe.state is None and time.monotonic() < deadline:
                probe.read()
                time.sleep(0.005)  # poll: until the answer or the limit
            probe.close()
            if probe.state != "up":
                return False
        return True

    def takeovers(self):
        return SessionDowns(self._socket_path(self.lab.b))

    def is_heartbeat(self, frame):
        return frame.udp_port == BFD_UDP_PORT

    @staticmethod
    def version():
        return base.first_line(["/usr/lib/frr/bfdd", "--version"])
