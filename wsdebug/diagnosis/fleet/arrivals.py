"""When servers accepted TCP connections and when they refused them, in flat memory.

A port scan is half a million refusals, so there is no object for each: 18 bytes of address and
port and two numbers. They are sorted when the capture is over.
"""

from __future__ import annotations

import ipaddress
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from heapq import nlargest
from itertools import groupby
from typing import overload

import msgspec

from wsdebug.display.endpoints import socket_name

_KEY = 18
"""Bytes of an address, padded to that of IPv6, and a port."""
LATEST = (1 << 63) - 1
"""What a number takes at most: a file may claim any time."""


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """A SYN and what came of it; `time` in ns."""

    time: int
    packet: int
    accepted: bool


class Row(Sequence[Arrival]):
    """Arrivals as numbers, made into objects when asked for: 16 bytes of each in memory."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        """Of each the time, and twice the packet, one more where it was accepted."""
        self._numbers = array("q", numbers)

    @property
    def times(self) -> array[int]:
        """When each came."""
        return self._numbers[::2]

    @property
    def packets(self) -> array[int]:
        """Twice the packet of each, one more where it was accepted."""
        return self._numbers[1::2]

    def __len__(self) -> int:
        return len(self._numbers) // 2

    @overload
    def __getitem__(self, index: int) -> Arrival: ...

    @overload
    def __getitem__(self, index: slice) -> list[Arrival]: ...

    def __getitem__(self, index: int | slice) -> Arrival | list[Arrival]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        at = 2 * range(len(self))[index]
        time, packet = self._numbers[at : at + 2]
        return Arrival(time, packet >> 1, bool(packet & 1))


class Door(msgspec.Struct, frozen=True):
    """One address and port, with all that knocked there, in the order of time."""

    server: str
    port: int
    arrivals: Row

    @property
    def refuses_all(self) -> bool:
        """Nobody was let in."""
        return not any(packet & 1 for packet in self.arrivals.packets)


class Arrivals:
    """Takes them in any order."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._keys = bytearray()
        self._rows = array("q")
        self.left_out = 0

    def add(self, address: bytes, port: int, time: int, packet: int, *, accepted: bool) -> None:
        """Keep one (as `Arrival`); beyond the limit it is counted only."""
        rows = self._rows
        if len(rows) >= 2 * self._most:
            self.left_out += 1
            return
        self._keys += _key(address, port)
        rows.append(time if 0 <= time <= LATEST else 0 if time < 0 else LATEST)
        rows.append(packet << 1 | accepted)

    def __len__(self) -> int:
        """Attempts remembered."""
        return len(self._rows) // 2

    def moments(self) -> Iterator[tuple[int, int]]:
        """Time and packet of each."""
        rows = self._rows
        return ((rows[at], rows[at + 1] >> 1) for at in range(0, len(rows), 2))

    def doors(self, most: int, wanted: set[str]) -> tuple[list[Door], int]:
        """The `wanted` servers, the `most` others that refused the most and let nobody in, and
        how many more of those there are. A port that was open at another address is left out of
        them: who asks for `localhost` is refused at one address and goes to the next.
        """
        kept: list[Door] = []
        refusing: list[Door] = []
        open_ports: set[int] = set()
        for door in self._grouped():
            if not door.refuses_all:
                open_ports.add(door.port)
            if door.server in wanted:
                kept.append(door)
            elif door.refuses_all:
                refusing.append(door)
        closed = [door for door in refusing if door.port not in open_ports]
        worst = nlargest(most, closed, key=lambda door: len(door.arrivals))
        return [*kept, *worst], len(closed) - len(worst)

    def _grouped(self) -> Iterator[Door]:
        rows = self._rows
        # By time and then by door, each door's key once in memory, and no pairs of the two.
        known = dict[bytes, bytes]().setdefault
        places = range(0, len(self._keys), _KEY)
        keys = [known(key, key) for key in (bytes(self._keys[at : at + _KEY]) for at in places)]
        order = sorted(range(len(keys)), key=rows[::2].__getitem__)
        order.sort(key=keys.__getitem__)
        for key, indexes in groupby(order, keys.__getitem__):
            found = array("q")
            for index in indexes:
                found += rows[2 * index : 2 * index + 2]
            yield _door(key, found)


@lru_cache(maxsize=64)  # many knock at few doors
def _key(address: bytes, port: int) -> bytes:
    return address.rjust(_KEY - 2, b"\0") + port.to_bytes(2, "big")


def _door(key: bytes, arrivals: array[int]) -> Door:
    raw, port = key[:-2], int.from_bytes(key[-2:], "big")
    # Addresses below ::100:0 are no IPv6 addresses of hosts but padded IPv4 ones, ::1 apart.
    is_ipv4 = not any(raw[:12]) and raw[12] != 0
    address = str(ipaddress.ip_address(raw[12:] if is_ipv4 else raw))
    return Door(socket_name(address, port), port, Row(arrivals))
