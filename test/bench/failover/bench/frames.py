"""Arrival times of the peer's protocol frames at the standby, stamped by the kernel.

The socket only collects while a trial runs and is read after it, so watching costs the standby
nothing it would notice. Must never send.
"""

import collections
import socket
import struct

from bench import kernel

ETH_P_ALL = 0x0003
SOL_PACKET = 263
PACKET_IGNORE_OUTGOING = 23
SO_TIMESTAMPNS = 35
TIMESPEC = struct.Struct("=qq")

Frame = collections.namedtuple("Frame", "at_ns ethertype ip_protocol udp_port payload")


def parse(data):
    """(ethertype, ip protocol or None, udp port or None, all after the EtherType) of a frame."""
    if len(data) < 14:
        return None
    ethertype = int.from_bytes(data[12:14], "big")
    protocol = port = None
    if ethertype == 0x0800 and len(data) >= 34:
        protocol = data[23]
        start = 14 + 4 * (data[14] & 0x0F)
        if protocol == 17 and len(data) >= start + 4:
            port = int.from_bytes(data[start + 2 : start + 4], "big")
    return ethertype, protocol, port, data[14:]


class FrameListener:
    """All frames arriving on the named interfaces of one namespace, from construction on."""

    def __init__(self, namespace, interfaces):
        self.sockets = []
        with kernel.inside(namespace):
            for interface in interfaces:
                one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
                one.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
                one.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
                one.bind((interface, ETH_P_ALL))
                one.setblocking(False)
                self.sockets.append(one)

    def read(self):
        """Everything collected so far in order of arrival; times are CLOCK_MONOTONIC."""
        ahead_ns = kernel.wall_minus_monotonic_ns()
        collected = []
        for one in self.sockets:
            while True:
                try:
                    data, control, _flags, _address = one.recvmsg(256, 256)
                except BlockingIOError:
                    break
                parsed = parse(data)
                stamp = next(
                    (
                        TIMESPEC.unpack(value)
                        for level, kind, value in control
                        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS
                    ),
                    None,
                )
                if parsed and stamp:
                    collected.append(Frame(stamp[0] * 1_000_000_000 + stamp[1] - ahead_ns, *parsed))
        return sorted(collected)

    def close(self):
        for one in self.sockets:
            one.close()
