"""Reads pcapng files (draft-ietf-opsawg-pcapng): sections, interfaces and packets of all forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from wsdebug import compiled
from wsdebug.capture.blocks import OBSOLETE_PACKET, PACKET, SECTION, SIMPLE_PACKET
from wsdebug.capture.reading import Reading, new_batch
from wsdebug.capture.section import FIXED, SHORTEST_BLOCK, Section
from wsdebug.model.place import Packet

# The type of a section header block reads the same in both byte orders.
MAGIC = SECTION.to_bytes(4, "big")


def pcapng_batches(reading: Reading, buffer: bytes) -> Iterator[Sequence[Packet]]:
    """The packets, a list for each chunk, an empty one where more may come later; `buffer` begins
    with the section header's type.
    """
    yield from _blocks(reading, Section(reading), buffer)


def pcapng_again(reading: Reading, state: Any) -> Iterator[Sequence[Packet]]:
    """The packets behind a checkpoint."""
    section = Section(reading)
    section.restore(state)
    yield from _blocks(reading, section, b"")


def _blocks(reading: Reading, section: Section, buffer: bytes) -> Iterator[Sequence[Packet]]:
    size = len(buffer)
    at_end = False
    while True:
        reading.reach(section.state)
        batch, at, need = _read(reading, section, buffer, size)
        reading.offset += at
        if section.fault:
            reading.damaged(section.fault)
        if batch:
            yield batch
        if section.fault:
            break
        rest = buffer[at:size]
        buffer = rest if at_end else reading.source.more(rest, need - len(rest))
        size = len(buffer)
        if size == len(rest):
            if reading.source.waits():
                yield []
                continue
            if at_end or not SHORTEST_BLOCK <= size < FIXED:
                reading.ended(size)
                break
            # The last blocks are shorter than the fixed fields: zeros behind them do no harm.
            at_end = True
            buffer += bytes(FIXED)
    section.finish()


def _read(
    reading: Reading, section: Section, buffer: bytes, size: int
) -> tuple[Sequence[Packet], int, int]:
    """The packets of `buffer`, how far it was read, and how many bytes the next block needs."""
    # A hot loop: locals only; one unpack for the fixed fields, one for the trailer of the block.
    unpack, trailer = section.unpack, section.trailer
    take = None if compiled.records is None else compiled.records.pcapng
    packet = PACKET
    limit = reading.limits.block
    base = reading.place + reading.offset
    number = reading.number
    batch = new_batch()
    append = batch.append
    current = window = -1
    link_type = multiplier = 0
    window_start: int | None = None
    last = min(len(buffer) - FIXED, size - SHORTEST_BLOCK)
    at = 0
    need = FIXED
    while at <= last:
        kind, length, index, high, low, captured, wire = unpack(buffer, at)
        if kind != packet:
            if kind == SECTION:
                # Section 4.1: the byte order may change, and with it how the length is read.
                length = section.block_length(buffer, at)
                unpack, trailer = section.unpack, section.trailer
                current = -1
            elif kind == OBSOLETE_PACKET:
                index = section.obsolete_index(index)
                kind = packet
        if not SHORTEST_BLOCK <= length <= limit:
            section.fault = section.fault or f"it claims a length of {length} bytes"
            reading.too_long(length)
            break
        end = at + length
        if end > size:
            need = length
            break
        if trailer(buffer, end - 4)[0] != length:
            section.fault = f"it begins with the length {length} and ends with another"
            break
        if kind == packet:
            if captured + FIXED + 4 > length:
                section.fault = f"it claims {captured} captured bytes in {length}"
                break
            if index != current or high != window:
                interface = section.interface(index)
                if interface is None:
                    break
                current, window = index, high
                link_type, multiplier = interface.link_type, interface.multiplier
                window_start = interface.window_start(high)
                if take is not None and window_start is not None:
                    # This packet and those behind it that are as plain; it may take none.
                    behind, number = take(
                        buffer, batch, link_type, section.order == ">", number, base,
                        at, size, limit, index, high, window_start, multiplier,
                    )  # fmt: skip
                    if behind > at:
                        at, current = behind, -1
                        continue
            number += 1
            start = at + FIXED
            append(
                (
                    number,
                    section.time(index, high, low)
                    if window_start is None
                    else window_start + low * multiplier,
                    link_type,
                    buffer[start : start + captured],
                    wire,
                    base + at,
                )
            )
        elif kind == SIMPLE_PACKET:
            # Section 4.4: no time and no interface; the length on the wire stands third.
            simple = section.simple(index, length)
            if simple is None:
                break
            number += 1
            start = at + 12
            data = buffer[start : start + simple[1]]
            append((number, None, simple[0], data, index, base + at))
        else:
            number += section.other(kind, buffer, at, end)
            if section.fault:
                break
        at = end
    reading.number = number
    return batch, at, need
