"""The packets of the chosen connections with the TCP segment in each, and the streams they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wsdebug.analysis.store import Store
from wsdebug.analysis.store.origin import Extent
from wsdebug.display.quantities import grouped
from wsdebug.model.errors import UserError
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import Packet
from wsdebug.transport.ip import Header
from wsdebug.transport.refill import Refill
from wsdebug.transport.unwrap import Unwrapper

MOST = 512 << 20
"""Bytes of all streams together: they are kept in memory, before and after."""
SILENT = -1
_WIDEST = 8 << 20
"""Missing bytes in a row; what stands behind more of them is taken for no part of the stream."""
_FARTHEST = (1 << 31) - 1
_FEWER = "Choose fewer connections: -c 3,7-9"


class Carried(NamedTuple):
    """A packet, its TCP header, which of the connections it belongs to, and who sent it: 0 the
    client, 1 the server.
    """

    packet: Packet
    header: Header
    which: int
    sender: int


class Walk:
    """Goes over the capture. Attempts to connect are in it, too, with the index `SILENT`: what
    befell several connections at once may be told by them.
    """

    def __init__(
        self, store: Store, extents: Sequence[Extent], attempts: Sequence[Extent] = ()
    ) -> None:
        self._store = store
        self._first = min(extent.first for extent in (*extents, *attempts))
        self._owners: dict[bytes, list[tuple[int, int, Extent]]] = {}
        numbered = [*enumerate(extents), *((SILENT, attempt) for attempt in attempts)]
        for index, extent in numbered:
            for sender, key in enumerate(extent.keys):
                self._owners.setdefault(key, []).append((index, sender, extent))

    def packets(self) -> Iterator[Carried]:
        """The packets in their order. One that came in fragments is there as a whole, in the place
        of the last of them.
        """
        unwrapper = Unwrapper(DEFAULT_LIMITS, {})
        for batch in self._store.batches(self._first):
            for packet in batch:
                found = unwrapper.read(packet, packet[1] or 0)
                if found is None or packet[0] < self._first:
                    continue
                owner = self._owner(packet[0], found.header)
                if owner is not None:
                    yield Carried(found.packet, found.header, *owner)

    def _owner(self, number: int, header: Header) -> tuple[int, int] | None:
        for index, sender, extent in self._owners.get(header.key, ()):
            if extent.first <= number and (extent.behind is None or number < extent.behind):
                return index, sender
        return None


def streams_of(walk: Walk, bases: Sequence[tuple[int, int]]) -> list[tuple[Refill, Refill]]:
    """The bytes of each connection's sides, from `bases` (sequence numbers) on."""
    sizes = [[0, 0] for _ in bases]
    for _, header, index, sender in walk.packets():
        if index != SILENT:
            reach = Refill(bases[index][sender], _FARTHEST, keep=False).overlap(header)
            if reach[0] <= sizes[index][sender] + _WIDEST:
                sizes[index][sender] = max(sizes[index][sender], reach[1])
    total = sum(map(sum, sizes))
    if total > MOST:
        raise UserError(f"These are {grouped(total)} bytes, more than can be anonymised.", _FEWER)
    streams = [
        (Refill(base[0], size[0]), Refill(base[1], size[1]))
        for base, size in zip(bases, sizes, strict=True)
    ]
    for packet, header, index, sender in walk.packets():
        if index != SILENT:
            streams[index][sender].take(header, packet[3])
    return streams
