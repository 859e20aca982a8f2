"""Fragments put together while the rows of a connection go by in their order."""

from __future__ import annotations

from wsdebug.model.place import Side
from wsdebug.model.rows import Payload, Row
from wsdebug.query.records import LOOKED_AT


class _Open:
    """A message whose last fragment has not come: the opcode, and the beginning of its payload."""

    __slots__ = ("is_lost", "kept", "opcode")

    def __init__(self, opcode: int) -> None:
        self.opcode = opcode
        self.kept = bytearray()
        self.is_lost = False


class Messages:
    """The open message of each side. Takes frames in their order, each once."""

    def __init__(self) -> None:
        self._open: dict[Side | None, _Open] = {}

    def take(self, row: Row, found: Payload | None) -> tuple[int, bytes | None]:
        """The opcode of the frame's message, and what `FrameLike.payload` promises of it; `found`
        is the frame's own payload where it was read.
        """
        own = None if found is None else _content(row, found)
        if row.opcode & 8:
            return row.opcode, own
        message = self._message(row)
        if message is None:
            return row.opcode, own
        if own is None or (found is not None and found.holes) or row.after_gap:
            message.is_lost = True
        else:
            message.kept += own[: LOOKED_AT - len(message.kept)]
        if not row.fin:
            return message.opcode, None if row.compressed else own
        if self._open.get(row.side) is message:
            del self._open[row.side]
        return message.opcode, own if message.is_lost else bytes(message.kept)

    def _message(self, row: Row) -> _Open | None:
        """The message that a data frame belongs to (RFC 6455 5.4); None: it has no beginning."""
        if row.resynchronised or (row.opcode == 0 and not row.in_message):
            self._open.pop(row.side, None)
        if row.opcode == 0:
            return self._open.get(row.side)
        message = _Open(row.opcode)
        if not row.fin:  # a whole message inside another one is read by itself
            self._open[row.side] = message
        return message


def _content(row: Row, found: Payload) -> bytes | None:
    """A frame's part of its message; None where it cannot be read."""
    if row.length >> 63:  # RFC 6455 5.2: that bit must be 0; where it ends nobody can say
        return b""
    if row.compressed:
        return found.inflated
    return found.raw if found.raw or found.complete else None
