"""Two network namespaces and a cable between them that loses, delays and doubles frames.

The cable is a thread between two TAP devices: it needs no module of the kernel (as `tc netem` does)
and hands on no segment larger than a wire would.
"""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import itertools
import os
import random
import select
import struct
import subprocess
import threading
import time
from collections.abc import Iterator

from captures.make.recording import need

SERVER, CLIENT = "192.0.2.7", "192.0.2.20"
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
LOST, LATE, TWICE = 0.05, 0.08, 0.03
"""Shares of the frames."""
DELAY, LATENESS = 0.005, 0.02
"""Seconds each frame takes, and how much more one takes that is late: later ones overtake it."""


class Cable:
    """Both ends of it, and what became of the TCP frames that went in."""

    def __init__(self, name: str) -> None:
        """`name` keeps cables of several recordings apart."""
        self.inside = ["ip", "netns", "exec", f"{name}-server"]
        self.server = ["ip", "netns", "exec", f"{name}-server"]
        self.client = ["ip", "netns", "exec", f"{name}-client"]
        self.interface = f"{name}s"
        """Where it is recorded: an interface of the namespace that `inside` enters."""
        self.counts = dict.fromkeys(("carried", "lost", "late", "twice"), 0)
        self._chance = random.Random(6455)
        self._underway: list[tuple[float, int, int, bytes]] = []
        self._number = itertools.count()
        self.unplugged = threading.Event()

    def set_up(self, cleanup: contextlib.ExitStack) -> None:
        """What must be there before frames are carried; `cleanup` takes it away."""

    def unplug(self) -> None:
        """Ends `carry`."""
        self.unplugged.set()

    def carry(self, ends: tuple[int, int]) -> None:
        """Moves frames between the two ends until it is unplugged."""
        other = {ends[0]: ends[1], ends[1]: ends[0]}
        while not self.unplugged.is_set():
            for end in select.select(ends, [], [], 0.001)[0]:
                self._take(other[end], os.read(end, 65536))
            while self._underway and self._underway[0][0] <= time.monotonic():
                _, _, end, data = heapq.heappop(self._underway)
                with contextlib.suppress(OSError):  # the device is not up yet
                    os.write(end, data)

    def _take(self, end: int, data: bytes) -> None:
        """Decides on one frame; what is not IPv4 with TCP (ARP) is left alone."""
        delay = DELAY
        if data[12:14] == b"\x08\x00" and data[23] == 6:
            if self._happens("lost", LOST):
                return
            delay += LATENESS * self._happens("late", LATE)
            if self._happens("twice", TWICE):
                self._send(end, data, delay + DELAY)
            self.counts["carried"] += 1
        self._send(end, data, delay)

    def _happens(self, what: str, share: float) -> bool:
        happens = self._chance.random() < share
        self.counts[what] += happens
        return happens

    def _send(self, end: int, data: bytes, delay: float) -> None:
        heapq.heappush(self._underway, (time.monotonic() + delay, next(self._number), end, data))


@contextlib.contextmanager
def cable(name: str, kind: type[Cable] = Cable) -> Iterator[Cable]:
    """server (192.0.2.7) - cable - client (192.0.2.20), gone after the block."""
    need("ip")
    laid = kind(name)
    with contextlib.ExitStack() as cleanup:
        ends = []
        for side, letter, address in (("server", "s", SERVER), ("client", "c", CLIENT)):
            space, device = f"{name}-{side}", f"{name}{letter}"
            ip(f"netns add {space}")
            cleanup.callback(ip, f"netns del {space}")
            ends.append(os.open("/dev/net/tun", os.O_RDWR))
            cleanup.callback(os.close, ends[-1])
            wanted = struct.pack("16sH22x", device.encode(), IFF_TAP | IFF_NO_PI)
            fcntl.ioctl(ends[-1], TUNSETIFF, wanted)
            ip(f"link set {device} netns {space}")
            ip(f"-n {space} addr add {address}/24 dev {device}")
            ip(f"-n {space} link set {device} up")
        laid.set_up(cleanup)
        thread = threading.Thread(target=laid.carry, args=(tuple(ends),))
        thread.start()
        cleanup.callback(thread.join)
        cleanup.callback(laid.unplug)
        yield laid


def ip(line: str) -> None:
    subprocess.run(["ip", *line.split()], check=True, timeout=10)
