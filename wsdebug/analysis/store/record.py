"""A row packed into 64 bytes, and back."""

from __future__ import annotations

from struct import Struct

from wsdebug.model.place import Side
from wsdebug.model.rows import Row, RowKind
from wsdebug.model.tcp import EventKind

RECORD = Struct("<4Q7I2H")
"""Offset, length, first and last time; first and last packet, the earliest packet that carries its
bytes, masking key, frames of the client and of the server before this row, bytes missing; the two
header bytes (of a TCP line its event), state."""
SIZE = RECORD.size
OFFSET = Struct("<Q")
"""At 0."""
PLACE = Struct("<3I")
"""First, last and earliest packet, at `PLACE_AT`."""
PLACE_AT = 32
BEFORE = Struct("<2I")
"""Frames of client and server, at `BEFORE_AT`."""
BEFORE_AT = 48
STATE_AT = 62
NEVER = (1 << 64) - 1
"""No time."""
MOST = (1 << 32) - 1

SERVER = 1
KIND = 0b1110
COMPRESSED = 1 << 4
AFTER_GAP = 1 << 5
RESYNCHRONISED = 1 << 6
CUT = 1 << 7
FINDING = 1 << 8
IN_MESSAGE = 1 << 9
AFTER_CLOSE = 1 << 10

_KINDS = tuple(RowKind)
KIND_BITS = {kind: index << 1 for index, kind in enumerate(_KINDS)}
FRAME = KIND_BITS[RowKind.FRAME]
SILENCE = KIND_BITS[RowKind.SILENCE]
_EVENTS = tuple(EventKind)
EVENT_NUMBERS = {kind: index for index, kind in enumerate(_EVENTS)}


def packed_time(time: int | None) -> int:
    """A time in 64 bits, or `NEVER`; pcapng can write years that do not fit."""
    return NEVER if time is None or not 0 <= time < NEVER else time


def row_from(data: bytes | bytearray, index: int) -> Row:
    """The row at `index`."""
    (
        offset, length, time, last_time, packet, last_packet, _, key, clients, servers, missing,
        header, state,
    ) = RECORD.unpack_from(data, index * SIZE)  # fmt: skip
    kind = _KINDS[(state & KIND) >> 1]
    is_server = state & SERVER
    side = Side.SERVER if is_server else Side.CLIENT
    is_event = kind is RowKind.TCP
    return Row(
        index,
        kind,
        None if kind is RowKind.SILENCE else side,
        servers if is_server else clients,
        None if time == NEVER else time,
        None if last_time == NEVER else last_time,
        packet,
        last_packet,
        offset,
        length,
        0 if is_event else header,
        key if kind is RowKind.FRAME and header & 0x80 else None,
        missing,
        _EVENTS[header] if is_event else None,
        bool(state & COMPRESSED),
        bool(state & AFTER_GAP),
        bool(state & RESYNCHRONISED),
        bool(state & CUT),
        bool(state & FINDING),
        bool(state & IN_MESSAGE),
        bool(state & AFTER_CLOSE),
    )
