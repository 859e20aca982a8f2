"""The header of a frame (RFC 6455 5.2) and what can be wrong with it."""

from __future__ import annotations

from typing import NamedTuple

from wsdebug.model.handshake import Agreed
from wsdebug.model.place import Side

# What a header breaks, as bits.
RSV = 1
OPCODE = 2
FRAGMENTED_CONTROL = 4
HIGH_BIT = 8
MASK = 16
LONG_CONTROL = 32
NOT_MINIMAL = 64

DOUBTFUL = RSV | OPCODE | FRAGMENTED_CONTROL | HIGH_BIT
"""Faults that make one ask whether this is a frame at all. With the others alone it is one."""

KNOWN_OPCODES = frozenset((0, 1, 2, 8, 9, 10))


_STARTS = frozenset((1, 2, 8, 9, 10))
"""Opcodes of a first frame, FIN and RSV1 left aside."""


def begins_client_frame(start: bytes) -> bool:
    """Whether a client's first frame may begin with these two bytes (RFC 6455 5.1)."""
    return len(start) == 2 and start[0] & 0x3F in _STARTS and start[1] >= 0x80


class Header(NamedTuple):
    """A header as on the wire; `bits` are its first two bytes, `size` its length in bytes."""

    bits: int
    size: int
    length: int
    key: bytes | None

    @property
    def opcode(self) -> int:
        """0 to 15."""
        return (self.bits >> 8) & 15

    @property
    def is_control(self) -> bool:
        """Opcode 8 or higher."""
        return bool(self.bits & 0x800)


def header_at(data: bytes | bytearray, at: int) -> Header | None:
    """The header that begins at `at`; None where it does not end within the data."""
    have = len(data) - at
    if have < 2:
        return None
    bits = data[at] << 8 | data[at + 1]
    length = bits & 0x7F
    size = 2
    # RFC 6455 5.2: 126 says that two more bytes hold the length, 127 eight; in network order.
    if length >= 126:
        size = 4 if length == 126 else 10
        if have < size:
            return None
        length = int.from_bytes(data[at + 2 : at + size], "big")
    if not bits & 0x80:
        return Header(bits, size, length, None)
    if have < size + 4:
        return None
    return Header(bits, size + 4, length, bytes(data[at + size : at + size + 4]))


def faults_of_bits(bits: int, side: Side, agreed: Agreed) -> int:
    """What the first two bytes break, as far as they can tell."""
    rsv, opcode = (bits >> 12) & 7, (bits >> 8) & 15
    faults = 0
    if not agreed.unknown:
        # RFC 7692 6: RSV1 on the first frame of a data message only.
        is_free = (agreed.deflate is not None or not agreed.known) and opcode in (1, 2)
        if rsv & (3 if is_free else 7):
            faults |= RSV
        if opcode not in KNOWN_OPCODES:
            faults |= OPCODE
    # RFC 6455 5.5: control frames are not fragmented and carry 125 bytes at the most.
    if opcode & 8:
        if not bits & 0x8000:
            faults |= FRAGMENTED_CONTROL
        if bits & 0x7F > 125:
            faults |= LONG_CONTROL
    # RFC 6455 5.1: the client masks, the server does not.
    if bool(bits & 0x80) is not (side is Side.CLIENT):
        faults |= MASK
    return faults


def faults_of_length(header: Header) -> int:
    """What the length breaks: its shortest form must be used, and its highest bit be 0."""
    short = header.bits & 0x7F
    if short < 126:
        return 0
    if short == 126:
        return NOT_MINIMAL if header.length < 126 else 0
    if header.length >> 63:
        return HIGH_BIT
    return NOT_MINIMAL if header.length < 0x10000 else 0
