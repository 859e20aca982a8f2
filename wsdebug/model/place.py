"""Where something stands: which side, which bytes, which packet.

Times are integer nanoseconds since 1970 as the capture has them; packet numbers are 1-based
as in Wireshark and run over all files of a capture.
"""

from __future__ import annotations

import enum
from typing import TypeAlias

import msgspec


class Side(enum.StrEnum):
    """Who sent it. The client is the side that sent the opening handshake."""

    CLIENT = "client"
    SERVER = "server"

    @property
    def other(self) -> Side:
        """The side it was sent to."""
        return Side.SERVER if self is Side.CLIENT else Side.CLIENT


SIDES = (Side.CLIENT, Side.SERVER)
"""Both sides: `for side in Side` takes four times as long, and it stands in what every
connection goes through."""

NEITHER: frozenset[Side] = frozenset()
"""No side. One object for all connections: `frozenset()` makes a new one of 216 bytes."""


class Part(enum.StrEnum):
    """From where an offset counts."""

    HEAD = "head"
    """From the first byte of the HTTP head."""
    STREAM = "stream"
    """From the byte after that side's HTTP head (head not captured: its first captured byte)."""


# One captured packet as `capture` hands it on: (number, time in ns or None, LINKTYPE number,
# captured bytes, length on the wire, place). `place` is an opaque integer from which the reader
# that made it can read the packet again. A plain tuple: there is one for each packet.
Packet: TypeAlias = tuple[int, int | None, int, bytes, int, int]

# Who brought a piece of stream: (packet number, time in ns, acknowledged), where `acknowledged`
# is how many bytes of the *other* side's stream that packet acknowledges (None: not known).
# A plain tuple: one is made for each segment with data.
Mark: TypeAlias = tuple[int | None, int | None, int | None]

NO_MARK: Mark = (None, None, None)


class Span(msgspec.Struct, frozen=True):
    """A run of bytes of one side and the packet that brought its first byte."""

    side: Side
    part: Part
    offset: int
    length: int
    packet: int | None = None
    time: int | None = None
