"""Counts frames between nodes of a lab with packet sockets: what the wires really do."""
import select
import socket
import struct
import time

from lab_tool.capture import BROADCAST, bytes_mac, open_in
from lab_tool.topology import mac_of

SO_RCVBUFFORCE = 33
ETHERTYPE = 0x88B6  # the other experimental one: no daemon listens to it


class Probe:
    """One end: a node's interface."""

    def __init__(self, control, node, port="control"):
        self.mac = mac_of(node, port)
        self._socket = open_in(control.lab.namespace(node), f"{port}0")
        # All frames of a test fit: what is missing was lost on the wire.
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)

    def send(self, destination, number, data=b""):
        frame = bytes_mac(destination) + bytes_mac(self.mac) + struct.pack("!HI", ETHERTYPE, number)
        self._socket.send(frame + data.ljust(50, b"\0"))

    def received(self, count, limit=1.0):
        """Numbers of the frames that arrive until `count` came or `limit` seconds passed."""
        numbers = []
        deadline = time.monotonic() + limit
        while len(numbers) < count and (left := deadline - time.monotonic()) > 0:
            if not select.select([self._socket], [], [], left)[0]:
                break
            data, address = self._socket.recvfrom(2048)
            if address[2] != socket.PACKET_OUTGOING and data[12:14] == struct.pack("!H", ETHERTYPE):
                numbers.append(struct.unpack("!I", data[14:18])[0])
        return numbers

    def close(self):
        self._socket.close()


def arrivals(control, source, target, count, wanted, limit=1.0):
    """The numbers, in their order, of up to `wanted` frames that come of the `count` that were
    sent, and how long that took."""
    sender, receiver = Probe(control, source), Probe(control, target)
    begun = time.monotonic()
    try:
        for number in range(count):
            sender.send(receiver.mac, number)
        return receiver.received(wanted, limit), time.monotonic() - begun
    finally:
        sender.close()
        receiver.close()


def passed(control, source, target, port="control", count=20, broadcast=False, limit=0.3):
    """How many of `count` frames get from one node to another. 0 is known after `limit` seconds."""
    sender, receiver = Probe(control, source, port), Probe(control, target, port)
    try:
        for number in range(count):
            sender.send(BROADCAST if broadcast else receiver.mac, number)
        return len(receiver.received(count, limit))
    finally:
        sender.close()
        receiver.close()
