"""The packets behind a row, and its bytes as on the wire."""

from __future__ import annotations

import itertools

from wsdebug.analysis.store.gathering import carrying, gather, wanted
from wsdebug.analysis.store.header import header_size
from wsdebug.analysis.store.origin import Origin
from wsdebug.analysis.store.payloads import has_bytes
from wsdebug.capture.again import Again
from wsdebug.model.place import SIDES
from wsdebug.model.rows import PacketInfo, Row, RowKind
from wsdebug.transport.half import MASK
from wsdebug.transport.refill import Carrier, carriers

_MOST = 1_000
_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")
"""From the lowest bit on (RFC 9293 3.1)."""
_ACK = 16


def packets_of(again: Again, origin: Origin, row: Row, earliest: int) -> list[PacketInfo]:
    """The packets that carry bytes of a row, or what happened on TCP."""
    if row.kind is RowKind.SILENCE:
        return []
    if row.kind is RowKind.TCP:
        found = carriers(again.batches(row.packet), origin.keys, row.packet, row.packet)
        return [_info(each, origin, again=False) for each in found]
    if origin.plain is not None:
        return _of_records(again, origin, row)
    one = wanted(row, earliest, origin, _size(row), header=True, keep=False)
    found_twice = carrying(again, origin, one, one.last)
    return [
        _info(carrier, origin, again=twice)
        for carrier, twice in itertools.islice(found_twice, _MOST)
    ]


def _of_records(again: Again, origin: Origin, row: Row) -> list[PacketInfo]:
    """Of a row inside TLS: the packets with data of its side from the one that began its record to
    the one that completed the last.
    """
    last = max(row.last_packet, row.packet)
    sender = SIDES.index(row.side) if row.side is not None else 0
    found = carriers(again.batches(row.packet), origin.keys, row.packet, last)
    mine = (each for each in found if each.sender == sender and each.header.end > each.header.start)
    return [_info(each, origin, again=False) for each in itertools.islice(mine, _MOST)]


def raw_of(again: Again, origin: Origin, row: Row, earliest: int, limit: int) -> bytes:
    """Header and payload as sent, at most `limit` bytes."""
    if not has_bytes(row, origin):
        return b""
    one = wanted(row, earliest, origin, min(_size(row), limit), header=True)
    gather(again, origin, [one])
    holes = one.refill.holes(0, len(one.refill.data))
    data = bytes(one.refill.data)
    return data[: holes[-1][0]] if holes and sum(holes[-1]) == len(data) else data


def _size(row: Row) -> int:
    return row.length + (header_size(row) if row.kind is RowKind.FRAME else 0)


def _info(carrier: Carrier, origin: Origin, *, again: bool) -> PacketInfo:
    (number, time, *_), header, sender = carrier
    bits = header.bits
    base, peer = origin.bases[sender], origin.bases[1 - sender]
    return PacketInfo(
        number,
        time,
        SIDES[sender],
        (header.seq - base + 1) & MASK if base >= 0 else header.seq,
        (header.ack - peer + 1) & MASK if bits & _ACK and peer >= 0 else None,
        " ".join(name for index, name in enumerate(_FLAGS) if bits >> index & 1),
        header.end - header.start,
        again,
    )
