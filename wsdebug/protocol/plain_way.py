"""What one side of a connection that waited has sent, in one row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from wsdebug import compiled
from wsdebug.protocol.plain_side import PlainSide
from wsdebug.transport.parked import ParkedHalf


class Way(NamedTuple):
    """One side that is over; times are ns since 1970. Where it sent no frame before its Close what
    is said of the last one has no meaning (`opcode` is 0 then).
    """

    text: int
    binary: int
    """Frames."""
    messages: int
    frames: int
    """The Close too, whose number is `messages`."""
    bytes: int
    ttl: int | None
    last: int
    """The last frame before the Close."""
    last_packet: int
    close: int
    """Packet; `fin` too."""
    fin: int
    spoke: int
    """When the last frame came."""
    closed: int
    finished: int
    opcode: int
    """Of the last frame; `length` too."""
    length: int
    saw_first: int
    """Bytes of the other side that it had acknowledged with its first frame."""
    saw: int
    """The same with its Close."""


TIMES = slice(Way._fields.index("spoke"), Way._fields.index("opcode"))
"""All before them are numbers."""


def way_in_python(half: ParkedHalf, frames: PlainSide) -> Way | None:
    """One side, None where it did not end with Close and FIN."""
    fin, (close, closed, saw) = half.fin, frames.close_at
    if frames.close is None or fin is None:
        return None
    total = frames.total
    opcode, length, (last, spoke, _) = frames.last or (0, 0, (0, 0, 0))
    return Way(
        frames.text,
        frames.binary,
        total,
        total + 1,
        half.sent - 1,  # without the FIN
        half.ttl,
        total - 1,
        last or 0,
        close or 0,
        fin[0],
        spoke or 0,
        closed or 0,
        fin[1],
        opcode,
        length,
        frames.first[2] or 0,
        saw or 0,
    )


way_of: Callable[[ParkedHalf, PlainSide], Way | None] = (
    way_in_python if compiled.parked is None else partial(compiled.parked.way, Way)
)
"""The same, by what is compiled where it is."""
