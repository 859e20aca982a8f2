"""A row looked at in passing: a filter asks a million of them for two or three things each."""

from __future__ import annotations

from typing import TypeAlias

from wsdebug.analysis.store.record import (
    AFTER_GAP,
    COMPRESSED,
    FRAME,
    IN_MESSAGE,
    KIND,
    NEVER,
    RESYNCHRONISED,
    SERVER,
)
from wsdebug.model.place import Side

Fields: TypeAlias = tuple[int, ...]
"""As `record.RECORD` has them."""


class Glance:
    """What `model.rows.Row` says of a row of any kind but a TCP event, each worked out when it is
    asked for. A fourth of the time that a whole `Row` takes.
    """

    __slots__ = ("_fields", "at")

    def __init__(self, at: int, fields: Fields) -> None:
        self.at = at
        self._fields = fields

    @property
    def is_frame(self) -> bool:
        """Whether it is a frame."""
        return self._fields[12] & KIND == FRAME

    @property
    def side(self) -> Side:
        """Who sent it; of a silence nothing can be said."""
        return Side.SERVER if self._fields[12] & SERVER else Side.CLIENT

    @property
    def number(self) -> int:
        """0-based per side."""
        return self._fields[9 if self._fields[12] & SERVER else 8]

    @property
    def header(self) -> int:
        """The first two bytes of a frame."""
        return self._fields[11]

    @property
    def opcode(self) -> int:
        """0 to 15; -1 where it is no frame."""
        fields = self._fields
        return fields[11] >> 8 & 15 if fields[12] & KIND == FRAME else -1

    @property
    def fin(self) -> bool:
        """The FIN bit."""
        return bool(self._fields[11] & 0x8000)

    @property
    def length(self) -> int:
        """Of the payload, as declared."""
        return self._fields[1]

    @property
    def key(self) -> int | None:
        """The masking key of a frame; None where MASK is 0."""
        return self._fields[7] if self._fields[11] & 0x80 else None

    @property
    def time(self) -> int | None:
        """Of its first byte, in nanoseconds since 1970."""
        return None if self._fields[2] == NEVER else self._fields[2]

    @property
    def packet(self) -> int:
        """The first."""
        return self._fields[4]

    @property
    def last_packet(self) -> int:
        """The last."""
        return self._fields[5]

    @property
    def compressed(self) -> bool:
        """Its payload is part of a compressed message."""
        return bool(self._fields[12] & COMPRESSED)

    @property
    def after_gap(self) -> bool:
        """Bytes before it are missing."""
        return bool(self._fields[12] & AFTER_GAP)

    @property
    def resynchronised(self) -> bool:
        """Its border was searched for."""
        return bool(self._fields[12] & RESYNCHRONISED)

    @property
    def in_message(self) -> bool:
        """A fragmented message of this side was open when it began."""
        return bool(self._fields[12] & IN_MESSAGE)
