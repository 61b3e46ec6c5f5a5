"""Cables that delay, double and damage frames.

Such a cable is carried by hand: the switch's end leaves its bridge, a pair of interfaces takes its
place there, and a thread carries every frame between the two, as soon as its time has come. Kernels
have a queueing discipline for that (netem), but many are built without it.
"""
import heapq
import itertools
import os
import random
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass

from .capture import open_in

SOL_PACKET, PACKET_AUXDATA = 263, 8
VLAN_VALID = 1 << 4  # TP_STATUS_VLAN_VALID
AUXDATA = struct.Struct("=IIIHHHH")  # tpacket_auxdata: …, vlan_tci, vlan_tpid
HEADER = 14
TAG = 4
MAGIC, WIRE_VERSION = b"VSHA", 1


@dataclass
class Quality:
    """What one direction of a cable does to frames."""

    delay_ms: float = 0
    jitter_ms: float = 0
    reorder: bool = False
    duplicate: float = 0  # percent
    corrupt: float = 0
    wire_version: int = WIRE_VERSION  # what frames of the daemons carry


class _Direction:
    """Frames from one interface to another."""

    def __init__(self, source, target):
        self.source = source
        self.target = target
        self.quality = Quality()
        self.latest = 0.0  # when the latest frame that keeps its order leaves


class Relay:
    """Carries the frames of all such cables of a lab, until close()."""

    def __init__(self, namespace, seed=1):
        self._namespace = namespace
        self._random = random.Random(seed)
        self._directions = {}  # (cable, way): _Direction
        self._waiting = []  # (due, number, direction, frame)
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._wake_read, self._wake_write = os.pipe()
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def carry(self, cable, node_side, bridge_side):
        """From now on, frames between these two interfaces; `out` is from the node."""
        near, far = (_open(self._namespace, name) for name in (node_side, bridge_side))
        with self._lock:
            self._directions[cable, "out"] = _Direction(near, far)
            self._directions[cable, "in"] = _Direction(far, near)
        self._wake()

    def set(self, cable, way, **changes):
        with self._lock:
            for key, value in changes.items():
                setattr(self._directions[cable, way].quality, key, value)

    def drop(self, cable):
        """Frames that still wait are lost, as with a cable that is taken out."""
        with self._lock:
            gone = [self._directions.pop((cable, way)) for way in ("in", "out")]
            self._waiting = [entry for entry in self._waiting if entry[2] not in gone]
            heapq.heapify(self._waiting)
            for one in gone:
                one.source.close()
        self._wake()

    def close(self):
        self._closed = True
        self._wake()
        self._thread.join(timeout=2)
        for one in self._directions.values():
            one.source.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    # -- the thread --------------------------------------------------------------------------------
    def _wake(self):
        os.write(self._wake_write, b"x")

    def _run(self):
        while not self._closed:
            with self._lock:
                sources = {one.source: one for one in self._directions.values()}
                due = self._waiting[0][0] if self._waiting else None
            pause = None if due is None else max(0.0, due - time.monotonic())
            try:
                ready, _, _ = select.select([*sources, self._wake_read], [], [], pause)
            except (OSError, ValueError):
                continue  # a cable was taken out meanwhile
            if self._wake_read in ready:
                os.read(self._wake_read, 4096)
            with self._lock:
                for one in ready:
                    if one is not self._wake_read and one.fileno() >= 0:
                        self._take(sources[one])
                self._send_what_is_due()

    def _take(self, direction):
        frame = _receive(direction.source)
        if frame is None:
            return
        quality = direction.quality
        if quality.wire_version != WIRE_VERSION:
            frame = _relabelled(frame, quality.wire_version)
        if self._happens(quality.corrupt):
            frame = self._damaged(frame)
        due = time.monotonic() + quality.delay_ms / 1000
        due += self._random.uniform(0, quality.jitter_ms / 1000)
        if not quality.reorder:
            due = direction.latest = max(due, direction.latest)
        for _ in range(2 if self._happens(quality.duplicate) else 1):
            heapq.heappush(self._waiting, (due, next(self._numbers), direction, frame))

    def _send_what_is_due(self):
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            _, _, direction, frame = heapq.heappop(self._waiting)
            try:
                direction.target.send(frame)
            except OSError:
                pass  # the interface is down: the frame is lost

    def _happens(self, percent):
        return percent > 0 and self._random.uniform(0, 100) < percent

    def _damaged(self, frame):
        """One to eight bits are flipped, none of them in the addresses."""
        data = bytearray(frame)
        for _ in range(self._random.randint(1, 8) if len(data) > HEADER else 0):
            data[self._random.randrange(HEADER, len(data))] ^= 1 << self._random.randrange(8)
        return bytes(data)


def _relabelled(frame, version):
    """A frame of the daemons as a program of that version would have begun it."""
    tagged = frame[12:14] == b"\x81\x00"
    start = HEADER + (TAG if tagged else 0)
    position = start + len(MAGIC)
    if frame[start:position] != MAGIC or len(frame) <= position:
        return frame
    return frame[:position] + bytes([version]) + frame[position + 1 :]


def _open(namespace, interface):
    opened = open_in(namespace, interface)
    opened.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    return opened


def _receive(source):
    """A frame that somebody else sent, with the VLAN tag that the kernel took off; else None."""
    try:
        data, ancillary, _, address = source.recvmsg(65536, socket.CMSG_SPACE(AUXDATA.size))
    except OSError:
        return None
    if address[2] == socket.PACKET_OUTGOING:
        return None
    for level, kind, value in ancillary:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, *_, tag, protocol = AUXDATA.unpack(value[: AUXDATA.size])
            if status & VLAN_VALID:
                data = data[:12] + struct.pack("!HH", protocol or 0x8100, tag) + data[12:]
    return data
