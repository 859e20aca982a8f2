"""The wire bytes of rows, read from the capture again: one pass over the packets for many rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wsdebug.analysis.store.header import header_size
from wsdebug.analysis.store.origin import Origin
from wsdebug.capture.again import Again
from wsdebug.model.place import Side
from wsdebug.model.rows import Row, RowKind
from wsdebug.transport.refill import Carrier, Refill, carriers

_AHEAD = 200_000
"""Packets that are looked at for bytes whose last packet is not known."""


class Wanted(NamedTuple):
    """A row, its earliest packet, and where its bytes go."""

    row: Row
    earliest: int
    refill: Refill
    sender: int
    start: int
    """Offset of the bytes in the TCP stream."""

    @property
    def last(self) -> int:
        """The last packet that may carry it."""
        is_open = self.row.kind is not RowKind.FRAME
        return self.row.last_packet + (_AHEAD if is_open else 0)


def wanted(
    row: Row, earliest: int, origin: Origin, size: int, *, header: bool = False, keep: bool = True
) -> Wanted:
    """The first `size` bytes of the payload of a row, or with `header` of the whole row."""
    sender = 1 if row.side is Side.SERVER else 0
    start = row.offset
    if row.kind is RowKind.FRAME:
        start += origin.frames[sender] + (0 if header else header_size(row))
    elif row.kind is RowKind.FOREIGN:
        start += origin.frames[sender]
    refill = Refill(origin.bases[sender] + start, size, keep=keep)
    return Wanted(row, earliest, refill, sender, start)


def gather(again: Again, origin: Origin, group: Sequence[Wanted]) -> None:
    """Fill what is wanted; raises `GoneError`."""
    if origin.plain is not None:
        for one in group:
            origin.plain[one.sender].fill(one.refill, one.start)
        return
    left = sorted((one for one in group if one.refill.missing), key=lambda one: one.start)
    if not left:
        return
    sides = [[each for each in left if each.sender == sender] for sender in (0, 1)]
    first = min(each.earliest for each in left)
    last = max(each.last for each in left)
    for carrier in carriers(again.batches(first), origin.keys, first, last):
        mine = sides[carrier.sender]
        if _fill(carrier, mine):
            sides[carrier.sender] = mine = [each for each in mine if each.refill.missing]
            if not mine and not sides[1 - carrier.sender]:
                return


def _fill(carrier: Carrier, mine: Sequence[Wanted]) -> bool:
    """Whether something was completed."""
    header = carrier.header
    if header.start >= header.end:
        return False
    completed = False
    for each in mine:
        at, stop = each.refill.overlap(header)
        if at < stop:
            each.refill.take(header, carrier.packet[3])
            completed |= not each.refill.missing
        elif stop < 0:
            break  # the segment ends before this row, and so before all that follow
    return completed


def carrying(
    again: Again, origin: Origin, one: Wanted, last: int
) -> Iterator[tuple[Carrier, bool]]:
    """The packets that carry bytes of a row, and whether all of them had come before."""
    for carrier in carriers(again.batches(one.earliest), origin.keys, one.earliest, last):
        if carrier.sender != one.sender:
            continue
        at, stop = one.refill.overlap(carrier.header)
        if at < stop:
            yield carrier, not one.refill.take(carrier.header, carrier.packet[3])
            if not one.refill.missing:
                return
