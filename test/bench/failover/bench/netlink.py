"""The watcher of addresses and the hand on the bridge's ports, over our own rtnetlink sockets.

A listener is opened before a fault; the time of an event is CLOCK_MONOTONIC right after the read
that returned it. Must never run a command: a fork would cost more than what is measured.
"""

import collections
import os
import select
import socket
import struct
import time

from bench import kernel

NETLINK_ROUTE = 0
RTMGRP_IPV4_IFADDR = 0x10
NLMSG_ERROR = 2
RTM_NEWLINK, RTM_SETLINK, RTM_NEWADDR, RTM_DELADDR = 16, 19, 20, 21
NLM_F_REQUEST, NLM_F_ACK = 1, 4
IFA_ADDRESS, IFA_LOCAL = 1, 2
IFLA_PROTINFO, IFLA_BRPORT_STATE = 12, 1
NLA_F_NESTED = 0x8000
BRIDGE_PORT_DISABLED, BRIDGE_PORT_FORWARDING = 0, 3

HEADER = struct.Struct("=IHHII")
ADDRESS_HEADER = struct.Struct("=BBBBi")
LINK_HEADER = struct.Struct("=BxHiII")
ATTRIBUTE = struct.Struct("=HH")

AddressEvent = collections.namedtuple("AddressEvent", "at_ns added address")


def padded(length):
    return (length + 3) & ~3


def messages(data):
    """(type, body) of every netlink message in one datagram; stops at the first broken one."""
    offset = 0
    while offset + HEADER.size <= len(data):
        length, kind, _flags, _sequence, _port = HEADER.unpack_from(data, offset)
        if length < HEADER.size or offset + length > len(data):
            return
        yield kind, data[offset + HEADER.size : offset + length]
        offset += padded(length)


def attributes(data):
    """{type: payload} of a run of attributes; stops at the first broken one."""
    found = {}
    offset = 0
    while offset + ATTRIBUTE.size <= len(data):
        length, kind = ATTRIBUTE.unpack_from(data, offset)
        if length < ATTRIBUTE.size or offset + length > len(data):
            break
        found[kind & 0x3FFF] = data[offset + ATTRIBUTE.size : offset + length]
        offset += padded(length)
    return found


def attribute(kind, payload):
    length = ATTRIBUTE.size + len(payload)
    return ATTRIBUTE.pack(length, kind) + payload + bytes(padded(length) - length)


class AddressListener:
    """Every IPv4 address that comes or goes in one namespace, from construction on."""

    def __init__(self, namespace):
        with kernel.inside(namespace):
            self._socket = socket.socket(
                socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_ROUTE
            )
            self._socket.bind((0, RTMGRP_IPV4_IFADDR))
        self._socket.setblocking(False)

    def fileno(self):
        return self._socket.fileno()

    def read(self):
        """What is queued now, stamped with the time of the read."""
        events = []
        while True:
            try:
                data = self._socket.recv(65536)
            except BlockingIOError:
                return events
            at_ns = time.monotonic_ns()
            for kind, body in messages(data):
                if kind in (RTM_NEWADDR, RTM_DELADDR):
                    found = attributes(body[ADDRESS_HEADER.size :])
                    raw = found.get(IFA_LOCAL, found.get(IFA_ADDRESS, b""))
                    if len(raw) == 4:
                        events.append(
                            AddressEvent(at_ns, kind == RTM_NEWADDR, socket.inet_ntoa(raw))
                        )

    def close(self):
        self._socket.close()


class PortSwitch:
    """Lets bridge ports of our own namespace forward or not; no end sees a carrier change."""

    def __init__(self):
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_ROUTE
        )
        self._socket.bind((0, 0))

    def request(self, ports, state):
        """The message that puts all `ports` into `state`: made beforehand, sent at the fault."""
        whole = b""
        for sequence, port in enumerate(ports, 1):
            nested = attribute(IFLA_BRPORT_STATE, bytes([state]))
            body = LINK_HEADER.pack(socket.AF_BRIDGE, 0, socket.if_nametoindex(port), 0, 0)
            body += attribute(IFLA_PROTINFO | NLA_F_NESTED, nested)
            whole += (
                HEADER.pack(
                    HEADER.size + len(body), RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK, sequence, 0
                )
                + body
            )
        return whole

    def send(self, request):
        """The kernel carries it out before this returns."""
        self._socket.send(request)

    def confirm(self, count):
        """Reads `count` acknowledgements; raises what the kernel refused."""
        self._socket.settimeout(2.0)
        while count > 0:
            for kind, body in messages(self._socket.recv(65536)):
                if kind != NLMSG_ERROR:
                    continue
                (error,) = struct.unpack_from("=i", body)
                if error != 0:
                    raise OSError(-error, f"bridge port: {os.strerror(-error)}")
                count -= 1

    def close(self):
        self._socket.close()


def wait_readable(sources, deadline_ns):
    """Those of `sources` that have something to read, or none at the deadline."""
    left = (deadline_ns - time.monotonic_ns()) / 1e9
    if left <= 0:
        return []
    ready, _, _ = select.select(sources, [], [], left)
    return ready
