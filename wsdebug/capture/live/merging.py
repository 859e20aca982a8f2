"""Packets of several interfaces in the order of their time."""

from __future__ import annotations

import struct

_STAMP = struct.Struct("<12x2I").unpack_from


def time_of(packet: bytes) -> int:
    """Nanoseconds since 1970, of an enhanced packet block."""
    high, low = _STAMP(packet)
    return int(high << 32 | low)


class Merger:
    """Keeps packets back for one round, so that those which another interface hands over a little
    later still find their place. A round must last as long as an interface may take.

    It believes no clock but for the order: what came in one round leaves in the next.
    """

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._newest = (0, 0)

    def add(self, packets: list[bytes]) -> None:
        """Enhanced packet blocks of one interface, in their order."""
        self._waiting += packets

    def round(self) -> list[bytes]:
        """What is due, in order."""
        waiting = self._waiting
        # Each interface is in order already, and sorting finds such runs.
        waiting.sort(key=_STAMP)
        due = len(waiting)
        while due and _STAMP(waiting[due - 1]) > self._newest:
            due -= 1
        self._waiting = waiting[due:]
        if self._waiting:
            self._newest = _STAMP(self._waiting[-1])
        return waiting[:due]

    def rest(self) -> list[bytes]:
        """Everything, at the end."""
        rest, self._waiting = sorted(self._waiting, key=_STAMP), []
        return rest
