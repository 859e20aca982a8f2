"""Which frames the hot loop of `frames` reads by itself, by their first two bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from wsdebug.model.place import Side

NOTHING, TEXT, PACKED = 0, 1, 2
LONG = 126
"""RFC 6455 5.2: the length stands in the 16 bits behind the header's first two bytes."""


Lane: TypeAlias = tuple[int, int, int, int]
"""What a header of 16 bits says of a frame in which nothing is out of the ordinary: opcode; length
in bytes, or `LONG`; where the payload begins, counted from the header; what is looked at in
the payload: nothing, UTF-8 (`TEXT`) or a compressed message (`PACKED`). A plain tuple: taking a
named one apart costs three times as much."""


@lru_cache(maxsize=16)
def checks(side: Side, watch: bytes | None, *, packs: bool) -> bytes:
    """The same table for the compiled core: a byte for each header, what is looked at plus one, or
    0 where it has no lane.
    """
    return bytes(0 if lane is None else lane[3] + 1 for lane in lanes(side, watch, packs=packs))


@lru_cache(maxsize=16)
def lanes(side: Side, watch: bytes | None, *, packs: bool) -> tuple[Lane | None, ...]:
    """For each of 65 536 headers how to read it, None where the hot loop does not.

    It takes data frames with FIN, a payload, the mask as it should be and no RSV bit (with
    `packs` RSV1 too) that nobody asked to be told of.
    """
    table: list[Lane | None] = [None] * 0x10000
    mask, key = (0x80, 4) if side is Side.CLIENT else (0, 0)
    for opcode in (1, 2):
        for rsv in (0, 4) if packs else (0,):
            check = PACKED if rsv else TEXT if opcode == 1 else NOTHING
            for length in range(1, LONG + 1):
                bits = 0x8000 | rsv << 12 | opcode << 8 | mask | length
                if watch is not None and not watch[bits]:
                    start = 2 + key + 2 * (length == LONG)
                    table[bits] = opcode, length, start, check
    return tuple(table)
