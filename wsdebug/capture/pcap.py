"""Reads pcap files (draft-ietf-opsawg-pcap), in both byte orders and all three record forms."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

from wsdebug import compiled
from wsdebug.capture.reading import Reading, new_batch
from wsdebug.model.errors import UserError
from wsdebug.model.place import Packet

_HEADER_LENGTH = 24
# No libpcap captures more of a packet; longer ones are looked at twice.
_USUAL_MAXIMUM = 262_144

# magic number -> (nanoseconds a unit of the fraction, length of a record's header)
_VARIANTS = {
    0xA1B2C3D4: (1_000, 16),
    0xA1B23C4D: (1, 16),
    # Linux, about 1999: interface index, protocol and packet type behind the usual header.
    0xA1B2CD34: (1_000, 24),
}


def byte_order(head: bytes) -> str | None:
    """The struct prefix "<" or ">" when the bytes begin a pcap file."""
    for order in "<>":
        if len(head) >= 4 and struct.unpack_from(order + "I", head)[0] in _VARIANTS:
            return order
    return None


def pcap_batches(reading: Reading, buffer: bytes) -> Iterator[Sequence[Packet]]:
    """The packets, a list for each chunk, an empty one where more may come later; `buffer` begins
    with the magic number.
    """
    source = reading.source
    while len(buffer) < _HEADER_LENGTH:
        size = len(buffer)
        buffer = source.more(buffer, _HEADER_LENGTH - size)
        if len(buffer) == size:
            if not source.waits():
                break
            yield []
    if len(buffer) < _HEADER_LENGTH:
        reading.ended(len(buffer))
        return
    order = byte_order(buffer)
    magic, major, link_type = struct.unpack_from(f"{order}IH14xI", buffer)
    if major != 2:
        raise UserError(
            f"{source.name} is a pcap file of version {major}; only version 2 is known.",
            "Convert it: editcap -F pcapng OLD NEW",
        )
    unit, header = _VARIANTS[magic]
    # Section 4: the link type is 16 bits; the upper ones tell the length of a frame check sequence.
    link_type = reading.link_type(link_type & 0xFFFF)
    reading.offset = _HEADER_LENGTH
    form = struct.Struct(f"{order}IIII{header - 16}x")
    yield from _records(reading, buffer[_HEADER_LENGTH:], form, unit, link_type)


def pcap_again(reading: Reading, state: Any) -> Iterator[Sequence[Packet]]:
    """The packets behind a checkpoint."""
    yield from _records(reading, b"", *state)


def _records(
    reading: Reading, buffer: bytes, form: struct.Struct, unit: int, link_type: int
) -> Iterator[Sequence[Packet]]:
    # The hot loop of the whole program: locals only, one unpack, one slice, one tuple a packet.
    unpack, header = form.unpack_from, form.size
    usual = min(_USUAL_MAXIMUM, reading.limits.block)
    take = None if compiled.records is None else compiled.records.pcap
    is_big = form.format[0] == ">"
    state = (form, unit, link_type)
    number = reading.number
    second = second_start = 0
    why = None
    while True:
        size = len(buffer)
        last = size - header
        base = reading.place + reading.offset
        reading.reach(state)
        batch = new_batch()
        append = batch.append
        at = 0
        if take is not None:
            # All plain records; what it stops at, and the rest of the chunk, is looked at here.
            at, number = take(buffer, batch, link_type, is_big, number, base, header, unit, usual)
        need = header
        while at <= last:
            seconds, fraction, captured, wire = unpack(buffer, at)
            if not 0 < captured <= usual:
                why = _doubt(seconds, fraction, captured, wire, reading.limits.block)
                if why:
                    break
            start = at + header
            end = start + captured
            if end > size:
                need = captured + header
                break
            if seconds != second:
                second, second_start = seconds, seconds * 1_000_000_000
            number += 1
            append(
                (
                    number,
                    second_start + fraction * unit,
                    link_type,
                    buffer[start:end],
                    wire,
                    base + at,
                )
            )
            at = end
        reading.number = number
        reading.offset += at
        if why:
            reading.damaged(why)
            reading.too_long(captured)
        if batch:
            yield batch
        if why:
            return
        rest = buffer[at:]
        buffer = reading.source.more(rest, need - len(rest))
        if len(buffer) == len(rest):
            if reading.source.waits():
                yield []
                continue
            reading.ended(len(rest))
            return


def _doubt(seconds: int, fraction: int, captured: int, wire: int, block: int) -> str | None:
    """Why a record of unusual length cannot be right, or None when it can."""
    if not captured:
        # A file whose end was never written is filled with zeros when the machine crashes.
        return None if seconds or fraction or wire else "it is all zeros"
    if captured > block:
        return f"it claims {captured} captured bytes"
    if captured > wire:
        return f"it claims {captured} captured bytes of a packet of {wire}"
    return None
