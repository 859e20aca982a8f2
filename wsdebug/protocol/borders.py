"""Where a frame may begin: the evidence that a chain of plausible headers gives, in bits.

A bit of evidence halves the chance that other bytes look so. One header is worth little (its
first byte 4.8 bits, its mask bit 1); that the next header stands where it says, and that a text
is UTF-8, adds up: 20 bits are likely, 30 very likely, 60 certain.
"""

from __future__ import annotations

from typing import NamedTuple

from wsdebug.knowledge.close_codes import is_allowed_on_wire
from wsdebug.model.handshake import Agreed
from wsdebug.model.place import Side
from wsdebug.protocol import header as head
from wsdebug.protocol.closing import close_body
from wsdebug.protocol.header import Header, faults_of_bits, faults_of_length, header_at
from wsdebug.protocol.masking import unmask
from wsdebug.protocol.text import Utf8

LONGEST = 64 << 20
"""Payload bytes of a plausible frame."""
TEXT_LOOKED_AT = 512
_LONGEST_HEADER = 14
_PERIOD = 4
_EMPTY = 8
"""Empty data frames in a chain that are looked at: they give no evidence, could go on for ever,
and a search that walks them from each of its starts costs as many times as much."""
AT_FIN = 12.0
AT_RUN_END = 4.0
BEYOND = 5.8
BEYOND_LONG = 8.0
REPEATED = 7.0
"""The chain ends where the foreign bytes begin again: who adds a line feed adds it each time."""


class Manner(NamedTuple):
    """How a sender's headers are wrong, where they are wrong in the same way each time."""

    rsv: int
    opcode: int
    fragmented: bool


class Shape(NamedTuple):
    """What a header of this side may look like."""

    side: Side
    agreed: Agreed
    light: int = 0
    """Faults that leave a frame a frame (mask bit, length) and that this side has shown."""
    manners: frozenset[Manner] = frozenset()
    """Graver faults that it has shown."""


class Verdict(NamedTuple):
    """Whether a chain gives the evidence wanted; None: not before `need` bytes are there."""

    ok: bool | None
    need: int = 0


def manner_of(bits: int, faults: int) -> Manner:
    """In what manner the first two bytes of a header are wrong."""
    return Manner(
        (bits >> 12) & 7 if faults & head.RSV else 0,
        (bits >> 8) & 15 if faults & head.OPCODE else 0,
        bool(faults & head.FRAGMENTED_CONTROL),
    )


def is_plausible(header: Header, shape: Shape) -> bool:
    """Whether a frame of that side may have this header."""
    if header.bits == 0 or header.length > LONGEST:
        return False
    faults = faults_of_bits(header.bits, shape.side, shape.agreed) | faults_of_length(header)
    if faults & head.HIGH_BIT or faults & ~head.DOUBTFUL & ~shape.light:
        return False
    if header.opcode == 8 and header.length == 1:
        return False
    return not faults & head.DOUBTFUL or manner_of(header.bits, faults) in shape.manners


def evidence(
    data: bytes | bytearray, at: int, header: Header, shape: Shape, known: int | None = None
) -> float | None:
    """Bits for a plausible header at `at` and the payload behind it, as far as it is there (up to
    `known`); None where the payload refutes it.
    """
    if header.length == 0 and not header.is_control:
        return 0.0
    agreed = shape.agreed
    free = agreed.deflate is not None or not agreed.known
    bits = 3.5 if shape.manners else 4.3 if free else 4.8
    if not shape.light & head.MASK:
        bits += 1.0
    if header.bits & 0x7F == 127:
        bits += 30.0
    start = at + header.size
    stop = start + min(header.length, TEXT_LOOKED_AT)
    payload = bytes(data[start : stop if known is None else min(stop, known)])
    if header.key is not None:
        payload = unmask(payload, header.key)
    if header.opcode == 8 and len(payload) == header.length > 0:
        body = close_body(payload, header.length)
        if body.code is None or not is_allowed_on_wire(body.code) or body.reason_fault is not None:
            return None
        bits += 11.0
    elif header.opcode == 1 and not header.bits & 0x7000:
        if Utf8().feed(payload) is not None:
            return None
        if _is_told_by_itself(payload):
            bits += min(6.0 if header.key is None else 24.0, 0.8 * len(payload))
    return bits


def _is_told_by_itself(payload: bytes) -> bool:
    """Whether the text is more than one to four bytes again and again: under a key of four bytes
    masked data that repeats unmasks to such text wherever one begins.
    """
    return len(payload) <= _PERIOD or payload[_PERIOD:] != payload[:-_PERIOD]


def chain(
    data: bytes | bytearray,
    at: int,
    shape: Shape,
    want: float,
    *,
    end: float | None,
    reach: int,
    again: int = -1,
) -> Verdict:
    """Whether the frames that begin at `at` give `want` bits. `end` is what ending exactly with
    the data is worth, None while more may come; only `reach` bytes from `at` count. `again` is
    a byte at which the chain may stop, as foreign bytes began with it before.
    """
    bits, size, origin, empty = 0.0, len(data), at, 0
    is_open: bool | None = None
    while bits < want and empty <= _EMPTY:
        if at == size and end is not None:
            return Verdict(bits + end >= want)
        if at + _LONGEST_HEADER - origin > reach:
            return Verdict(False)
        header = header_at(data, at)
        if header is None:
            if end is None:
                return Verdict(None, size + 1)
            return Verdict(data[at] == again and bits + REPEATED >= want)
        if data[at] == again and not is_plausible(header, shape):
            return Verdict(bits + REPEATED >= want)
        if not is_plausible(header, shape) or not _fits(header, is_open):
            return Verdict(False)
        looked = at + header.size + min(header.length, TEXT_LOOKED_AT)
        if looked > size and end is None and looked - origin <= reach:
            return Verdict(None, looked)
        found = evidence(data, at, header, shape)
        if found is None:
            return Verdict(False)
        stop = at + header.size + header.length
        if stop - origin > reach or (stop > size and end is not None):
            most = BEYOND_LONG if header.bits & 0x7F == 127 else BEYOND
            # The whole of a 64-bit length passes by itself: seven bytes of zeros, mostly.
            return Verdict(bits + (found if found > 30 else min(found, most)) >= want)
        bits += found
        empty += not found
        if not header.is_control:
            is_open = not header.bits & 0x8000
        if bits < want and stop > size:
            return Verdict(None, stop + 2)
        at = stop
    return Verdict(bits >= want)


def _fits(header: Header, is_open: bool | None) -> bool:
    """Whether fragmentation agrees with the frames before (RFC 6455 5.4)."""
    if header.is_control or is_open is None:
        return True
    return (header.opcode == 0) is is_open
