"""Frames seen on a lab's bridges, and frames put on them.

Capture keeps every frame of the product that any node sends, whatever happens to it on its way:
faults sit behind the point of observation. Injector sends from the switch itself, so no bridge
learns a spoofed address from it.
"""
import ctypes
import os
import random
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass

from .topology import NETNS, PORTS, LabError, mac_of

ETH_P_ALL = 3
BROADCAST = "ff:ff:ff:ff:ff:ff"
MAGIC = b"VSHA"
TYPES = [
    "hello",
    "heartbeat-request",
    "heartbeat-response",
    "leaving",
    "module-beacon",
    "switch-request",
    "module-hello",
    "module-accept",
    "module-heartbeat",
    "module-heartbeat-reply",
    "module-detach",
    "channel-data",
    "channel-ack",
    "state-applied",
    "exchange-data",
    "exchange-ack",
]
OTHER_TYPES = ["gratuitous-arp", "neighbor-advertisement"]
STRANGER = "02:de:ad:00:00:{:02x}"
KINDS = [
    "replayed",
    "reflected",
    "corrupted",
    "truncated",
    "random",
    "wrong-length",
    "wrong-version",
    "foreign-domain",
    "unlearnt-mac",
    "wrong-port",
    "clashing-role",
]
CLONE_NEWNET = 0x40000000


def open_in(namespace, interface):
    """A packet socket on an interface of another namespace; this thread stays in its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net", encoding="ascii") as home, open(
        NETNS / namespace, encoding="ascii"
    ) as there:
        if libc.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
        try:
            opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            opened.bind((interface, 0))
        finally:
            libc.setns(home.fileno(), CLONE_NEWNET)
    return opened


@dataclass
class Seen:
    at: float
    port: str
    data: bytes

    @property
    def destination(self):
        return text_mac(self.data[:6])

    @property
    def source(self):
        return text_mac(self.data[6:12])

    @property
    def kind(self):
        """The frame's type by its name, "" for what is of no interest here."""
        payload = self.data[14:]
        if self.data[12:14] == b"\x08\x06" and payload[14:18] == payload[24:28]:
            return "gratuitous-arp"
        if (
            self.data[12:14] == b"\x86\xdd"
            and payload[6:7] == b"\x3a"
            and payload[40:41] == b"\x88"
        ):
            return "neighbor-advertisement"
        if payload[:4] != MAGIC or len(payload) < 6 or not 1 <= payload[5] <= len(TYPES):
            return ""
        return TYPES[payload[5] - 1]


class Capture:
    def __init__(self, lab, limit=200_000):
        self.frames = []
        self._limit = limit
        self._sockets = {}
        for port in PORTS:
            opened = open_in(lab.namespace("wire"), f"br-{port}")
            # Promiscuous, so that the bridge hands up what it forwards: struct packet_mreq, type 1.
            index = opened.getsockname()[0]
            number = socket_index(lab, index)
            opened.setsockopt(263, 1, struct.pack("IHH8s", number, 1, 0, b""))
            self._sockets[opened] = port
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        while True:
            ready, _, _ = select.select([*self._sockets, self._stop_read], [], [])
            if self._stop_read in ready:
                return
            for one in ready:
                try:
                    data, address = one.recvfrom(2048)
                except OSError:
                    continue
                if address[2] != socket.PACKET_OUTGOING and len(self.frames) < self._limit:
                    self.frames.append(Seen(time.monotonic(), self._sockets[one], data))

    def close(self):
        os.write(self._stop_write, b"x")
        self._thread.join(timeout=2)
        for one in self._sockets:
            one.close()
        os.close(self._stop_read)
        os.close(self._stop_write)

    def matching(self, since, port=None, source=None, kind=None, destination=None):
        """Frames of the product, and announcements of addresses, seen since an instant;
        `destination` is a MAC, "broadcast" or "unicast"."""

        def wanted(frame):
            return (
                (not port or frame.port == port)
                and (not source or frame.source == source)
                and (frame.kind == kind if kind else frame.kind)
                and (
                    not destination
                    or destination == frame.destination
                    or destination == ("broadcast" if frame.destination == BROADCAST else "unicast")
                )
            )

        return [frame for frame in self.frames[:] if frame.at >= since and wanted(frame)]

    def save(self, folder):
        """One pcap a port, for Wireshark with the project's dissector."""
        offset = time.time() - time.monotonic()
        for port in PORTS:
            with open(folder / f"{port}.pcap", "wb") as file:
                file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
                for frame in self.frames:
                    if frame.port == port:
                        at = frame.at + offset
                        file.write(
                            struct.pack(
                                "<IIII",
                                int(at),
                                int(at % 1 * 1e6),
                                len(frame.data),
                                len(frame.data),
                            )
                        )
                        file.write(frame.data)


class Injector:
    """Malformed and misplaced frames, made from frames that were really sent."""

    def __init__(self, lab, capture, seed=1):
        self._lab = lab
        self._capture = capture
        self._random = random.Random(seed)

    def send(self, port, data):
        with open_in(self._lab.namespace("wire"), f"br-{port}") as opened:
            opened.send(data)

    def inject(self, kind, port, to, like=None, frame_type=None, count=1):
        """`count` frames of a kind to a node, each made from the latest frame `like` sent there."""
        if kind not in KINDS:
            raise LabError(f"'{kind}' is no kind of frame to inject: {', '.join(KINDS)}")
        like = to if kind == "reflected" else like
        # The kernels send frames of their own from the same addresses.
        seen = [
            frame
            for frame in self._capture.matching(0, port, mac_of(like, port), frame_type)
            if frame.kind in TYPES
        ]
        if not seen:
            raise LabError(f"no frame of {like} has been seen on {port} to make a {kind} one from")
        where = port
        if kind == "wrong-port":
            where = "mgmt" if port == "control" else "control"
        with open_in(self._lab.namespace("wire"), f"br-{where}") as opened:
            for number in range(count):
                opened.send(self._make(kind, seen[-1].data, mac_of(to, where), number))

    def _make(self, kind, data, to, number):
        head, payload = bytearray(data[:14]), bytearray(data[14:])
        head[:6] = bytes_mac(to)
        rnd = self._random
        if kind == "corrupted":
            for _ in range(rnd.randint(1, 8)):
                payload[rnd.randrange(len(payload))] ^= 1 << rnd.randrange(8)
        elif kind == "truncated":
            del payload[rnd.randrange(len(payload)) :]
        elif kind == "random":
            payload = bytearray(rnd.randbytes(rnd.randint(0, 1500)))
        elif kind == "wrong-length":
            payload[6:8] = struct.pack("!H", rnd.choice([0, 31, 32, 33, 1499, 1500, 1501, 65535]))
            payload += rnd.randbytes(rnd.choice([0, 1500 - len(payload)]))
        elif kind == "wrong-version":
            payload[4] = rnd.choice([0, 2, 99, 255])
        elif kind == "foreign-domain":
            payload[10:12] = struct.pack("!H", struct.unpack("!H", payload[10:12])[0] % 4095 + 1)
        elif kind == "unlearnt-mac":
            head[6:12] = bytes_mac(STRANGER.format(1))
        elif kind == "clashing-role":
            # Another supervisor with the same role: each frame is of another one.
            head[6:12] = bytes_mac(STRANGER.format(number + 1))
            payload[16:24] = rnd.randbytes(8)
        return bytes(head + payload)


def socket_index(lab, interface):
    """The number of an interface of the lab's switch."""
    import json
    import subprocess

    listing = subprocess.run(
        ["ip", "-n", lab.namespace("wire"), "-j", "link", "show", "dev", interface],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return json.loads(listing)[0]["ifindex"]


def text_mac(data):
    return ":".join(f"{octet:02x}" for octet in data)


def bytes_mac(text):
    return bytes(int(octet, 16) for octet in text.split(":"))
