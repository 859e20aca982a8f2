"""IP packets that came in parts: IPv4 and IPv6 fragments, in any order."""

from __future__ import annotations

import struct
from bisect import bisect_right, insort
from typing import NamedTuple, TypeAlias

from wsdebug.model.limits import Limits
from wsdebug.transport.ip import Fragment

_PATIENCE = 5_000_000_000
"""Nanoseconds of the capture. RFC 791 and RFC 8200 4.5 let a receiver wait up to a minute, but the
parts are sent in one go, and a fast sender uses an IPv4 identification again in seconds."""
_TWICE = 5_000_000
"""A whole packet's parts may be captured a second time within this."""
_LARGEST = 65_535
_MOST_REMEMBERED = 4_096
_PACKET_COST, _PART_COST = 600, 150
"""What keeping one takes besides its bytes, so that a million of empty ones reach the limit too."""


Numbers: TypeAlias = tuple[int, ...]


class Whole(NamedTuple):
    """A packet put together: a plain IP packet, and the numbers of the captured ones."""

    data: bytes
    wire_length: int
    parts: Numbers


class _Gathering:
    """The parts of one packet so far, in order and without overlap."""

    __slots__ = ("begun", "first", "have", "held", "name", "parts", "pieces", "total")

    def __init__(self, fragment: Fragment, now: int) -> None:
        self.begun = now
        self.name = fragment.name
        self.first: Fragment | None = None
        self.pieces: list[tuple[int, int, bytes]] = []
        self.total: int | None = None
        self.have = 0
        self.parts: list[int] = []
        self.held = _PACKET_COST

    @property
    def is_whole(self) -> bool:
        return self.first is not None and self.have == self.total

    def add(self, fragment: Fragment, data: bytes) -> bool:
        """Take a part; False where it contradicts the others."""
        start, end = fragment.at, fragment.at + fragment.end - fragment.start
        self.held += _PART_COST
        if not fragment.more:
            if self.total not in (None, end):
                return False
            self.total = end
        furthest = max(end, self.pieces[-1][1] if self.pieces else 0)
        if self.total is not None and furthest > self.total:
            return False
        if start == 0 and self.first is None:
            self.first = fragment
        return self._keep(start, end, data)

    def _keep(self, start: int, end: int, data: bytes) -> bool:
        """Keep what is new; False where bytes differ from those that are there."""
        index = bisect_right(self.pieces, start, key=lambda piece: piece[0])
        index -= index > 0 and self.pieces[index - 1][1] > start
        fresh, at = [], start
        while index < len(self.pieces) and self.pieces[index][0] < end:
            low, high, other = self.pieces[index]
            begin, both = max(start, low), min(end, high)
            ours, theirs = data[begin - start : both - start], other[begin - low : both - low]
            common = min(len(ours), len(theirs))  # the snap length may have cut either
            if ours[:common] != theirs[:common]:
                return False
            if at < low:
                fresh.append((at, low))
            at = max(at, high)
            index += 1
        if at < end:
            fresh.append((at, end))
        for low, high in fresh:
            piece = data[low - start : high - start]
            insort(self.pieces, (low, high, piece))
            self.have += high - low
            self.held += len(piece) + _PART_COST // 2
        return True

    def joined(self) -> bytes:
        """The payload up to the first byte that was not captured."""
        joined = []
        for start, end, data in self.pieces:
            joined.append(data)
            if len(data) < end - start:
                break
        return b"".join(joined)


class Fragments:
    """Collects parts until a packet is whole. `skipped` counts the captured packets that came to
    nothing, `given_up` the IP packets given up for `Limits.fragments`.
    """

    def __init__(self, limits: Limits, skipped: dict[str, int], given_up: dict[str, int]) -> None:
        self._limit = limits.fragments
        self._skipped = skipped
        self._given_up = given_up
        self._gathering: dict[bytes, _Gathering] = {}
        self._settled: dict[bytes, tuple[int, str | None]] = {}
        """Packets that are whole (None) or refused (by name): until when more of them is that."""
        self._held = 0
        self.contradicting = 0
        """IP packets whose parts contradict each other."""
        self.first_contradicting: int | None = None

    def add(self, fragment: Fragment, data: bytes, parts: Numbers, now: int) -> Whole | None:
        """Take a part; the packet, where that makes it whole. `parts`: captured packets in it."""
        if _is_broken(fragment):
            self._skip(fragment.name, len(parts))
            return None
        key = fragment.key
        settled = self._settled.get(key)
        if settled is not None and now <= settled[0]:
            if settled[1] is not None:
                self._skip(settled[1], len(parts))
            return None
        self._forget(now)
        gathering = self._gathering.get(key)
        if gathering is None:
            gathering = self._gathering[key] = _Gathering(fragment, now)
            self._held += gathering.held
        before = gathering.held
        gathering.parts += parts
        agrees = gathering.add(fragment, data[fragment.start : fragment.end])
        self._held += gathering.held - before
        if not agrees:
            self._refuse(key, parts[-1], now)
        elif gathering.is_whole:
            self._drop(key)
            self._settle(key, now + _TWICE, None)
            return _whole(gathering)
        while self._held > self._limit:
            self._give_up(next(iter(self._gathering)))
            self._given_up["fragments"] = self._given_up.get("fragments", 0) + 1
        return None

    def finish(self) -> None:
        """Count what is still waiting."""
        for key in list(self._gathering):
            self._give_up(key)

    def _forget(self, now: int) -> None:
        for key, gathering in list(self._gathering.items())[:8]:
            if now - gathering.begun <= _PATIENCE:
                break
            self._give_up(key)

    def _refuse(self, key: bytes, number: int, now: int) -> None:
        """Endpoints differ in which of two parts they believe; most drop the packet (RFC 5722)."""
        self.contradicting += 1
        self.first_contradicting = self.first_contradicting or number
        gathering = self._drop(key)
        name = f"{gathering.name} that contradicts another"
        self._skip(name, len(gathering.parts))
        self._settle(key, now + _PATIENCE, name)

    def _settle(self, key: bytes, until: int, name: str | None) -> None:
        self._settled.pop(key, None)
        self._settled[key] = until, name
        if len(self._settled) > _MOST_REMEMBERED:
            del self._settled[next(iter(self._settled))]

    def _give_up(self, key: bytes) -> None:
        gathering = self._drop(key)
        self._skip(gathering.name, len(gathering.parts))

    def _drop(self, key: bytes) -> _Gathering:
        gathering = self._gathering.pop(key)
        self._held -= gathering.held
        return gathering

    def _skip(self, name: str, packets: int) -> None:
        self._skipped[name] = self._skipped.get(name, 0) + packets


def _is_broken(fragment: Fragment) -> bool:
    """No part of any packet: empty, too far behind, or not the last and yet (RFC 791 3.2, RFC 8200
    4.5) no multiple of 8 bytes.
    """
    size = fragment.end - fragment.start
    return size <= 0 or fragment.at + size > _LARGEST or (fragment.more and size % 8 != 0)


def _whole(gathering: _Gathering) -> Whole:
    """A plain header and the payload; length 0 where 16 bits do not hold it."""
    first, size = gathering.first, gathering.have
    assert first is not None
    if len(first.addresses) == 8:
        head = struct.pack(
            "!BBHHHBBH",
            0x45,
            0,
            size + 20 if size + 20 <= _LARGEST else 0,
            first.ip_id,
            0,
            first.ttl,
            first.protocol,
            0,
        )
    else:
        head = struct.pack("!IHBB", 6 << 28, size, first.protocol, first.ttl)
    head += first.addresses
    return Whole(head + gathering.joined(), len(head) + size, tuple(gathering.parts))
