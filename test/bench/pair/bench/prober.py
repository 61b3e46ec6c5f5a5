"""Pings the management address once a ms from the lab's station, and writes a line whenever another
host answers than before: "CLOCK_MONOTONIC-ns MAC". Runs in the station's namespace until killed.
"""

import select
import socket
import struct
import sys
import time

INTERVAL_NS = 1_000_000
ECHO, ANSWER = 8, 0
IDENTIFIER = 0x5653


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def request(number):
    head = struct.pack("!BBHHH", ECHO, 0, 0, IDENTIFIER, number & 0xFFFF) + bytes(8)
    return head[:2] + struct.pack("!H", checksum(head)) + head[4:]


def main(address, interface):
    sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    sender.setblocking(False)
    hearer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    hearer.bind((interface, 0))
    hearer.setblocking(False)
    answered_by, number, due = None, 0, time.monotonic_ns()
    while True:
        left = (due - time.monotonic_ns()) / 1e9
        if left <= 0:
            number += 1
            due += INTERVAL_NS
            try:
                sender.sendto(request(number), (address, 0))
            except OSError:
                pass  # nobody holds the address, or its neighbour entry is being asked for
            continue
        if not select.select([hearer], [], [], left)[0]:
            continue
        frame = hearer.recv(2048)
        now = time.monotonic_ns()
        if len(frame) < 42 or frame[23] != socket.IPPROTO_ICMP or frame[34] != ANSWER:
            continue
        if struct.unpack("!H", frame[38:40])[0] != IDENTIFIER:
            continue
        source = frame[6:12].hex(":")
        if source != answered_by:
            answered_by = source
            print(now, source, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
