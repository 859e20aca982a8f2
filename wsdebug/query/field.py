"""What a field of the filter language is."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from wsdebug.model.report import Connection
from wsdebug.query.kinds import Kind
from wsdebug.query.records import FrameLike


class Level(enum.Enum):
    """What a field belongs to."""

    FRAME = "frame"
    CONNECTION = "connection"
    EITHER = "either"
    """Of a frame where frames are chosen, of the whole connection where connections are."""


Getter: TypeAlias = Callable[[FrameLike | None, Connection], Any]
"""A value, a tuple of several, or None where there is none. The frame is given for fields of
frames; for those of either level it is None where a connection is asked about.
"""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field. `says` is its line in help, `example` a filter with it. `wireshark` is the name
    it has there; `reads`: it needs the payload.
    """

    name: str
    level: Level
    kind: Kind
    get: Getter
    says: str
    example: str
    short: tuple[str, ...] = ()
    wireshark: str | None = None
    reads: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it can be called by."""
        return (self.name, *self.short, *((self.wireshark,) if self.wireshark else ()))
