"""Two switches and a trunk between them, in user space: the kernel needs no 802.1Q module.

Each switch takes the frames of the namespace behind it, writes the tag of a VLAN into them and
sends them over the trunk (a veth pair); the other one takes the tag off again.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct

from captures.make.lossy_link import Cable, ip

VLAN, PRIORITY = 42, 3
TAG = struct.pack("!HH", 0x8100, PRIORITY << 13 | VLAN)
ADDRESSES = 12
"""Bytes of a frame before its type: both hardware addresses."""
SOL_PACKET, PACKET_AUXDATA, EVERY_PROTOCOL = 263, 8, 0x0003


class Trunk(Cable):
    """Frames pass whole and in order; on the trunk each carries the tag."""

    def __init__(self, name: str) -> None:
        """`name` keeps trunks of several recordings apart."""
        super().__init__(name)
        self.inside, self.interface = [], f"{name}t0"
        self._name = name

    def set_up(self, cleanup: contextlib.ExitStack) -> None:
        """The trunk, and a socket of each switch on it."""
        near, far = self.interface, f"{self._name}t1"
        ip(f"link add {near} type veth peer name {far}")
        cleanup.callback(ip, f"link del {near}")
        self._ports = []
        for device in (near, far):
            ip(f"link set {device} up")
            port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
            cleanup.callback(port.close)
            port.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
            port.bind((device, 0))
            self._ports.append(port)

    def carry(self, ends: tuple[int, int]) -> None:
        """Tags what comes from a namespace, and untags what comes from the trunk."""
        access = dict(zip(ends, self._ports, strict=True))
        trunk = {port.fileno(): (port, end) for end, port in access.items()}
        while not self.unplugged.is_set():
            for ready in select.select([*access, *trunk], [], [], 0.05)[0]:
                if ready in access:
                    frame = os.read(ready, 65536)
                    self.counts["carried"] += 1
                    access[ready].send(frame[:ADDRESSES] + TAG + frame[ADDRESSES:])
                else:
                    _untagged(*trunk[ready])


def _untagged(port: socket.socket, end: int) -> None:
    """Hands on what came in on the VLAN. The kernel took the tag off and tells it beside."""
    frame, beside, _, source = port.recvmsg(65536, 256)
    came_in = source[2] != socket.PACKET_OUTGOING  # type: ignore[attr-defined]
    for level, kind, data in beside:
        if came_in and (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            (tag,) = struct.unpack_from("H", data, 16)
            if tag & 0x0FFF == VLAN:
                os.write(end, frame)
