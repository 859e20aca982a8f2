"""How a connection ended whose packets waited: in its usual course, or it is read like any other.

There is one of these for each connection of a busy server, so there is no call that can be spared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wsdebug.analysis.outcomes import LEFT_OPEN
from wsdebug.diagnosis.why import SILENCE
from wsdebug.model.place import Side
from wsdebug.protocol.plain_way import Way, way_of

if TYPE_CHECKING:
    from wsdebug.analysis.course import Kind
    from wsdebug.analysis.usual import Pair, Usual


class UsualEnd(NamedTuple):
    """How it ended; times in ns. As `course.Course`."""

    kind: Kind
    closer: Way
    """Who closed first."""
    other: Way
    silence: int
    age: int


def end_of(usual: Usual, pair: Pair) -> UsualEnd | None:
    """The end of a connection that is settled, None if it was not the usual one. Packets are in
    the order of their numbers and of time alike.
    """
    client, server, parked = usual.client, usual.server, usual.parked
    closer, other = way_of(parked.client, client), way_of(parked.server, server)
    # RFC 6455 4.1: the client's first frame had seen the 101.
    if closer is None or other is None or closer.saw_first < pair.length:
        return None
    side, asked, answered = Side.CLIENT, client.close, server.close
    heard, opened, _ = usual.response
    latest = opened
    if other.close < closer.close:
        side, asked, answered, closer, other = Side.SERVER, answered, asked, other, closer
        heard, latest, _ = usual.request
    if other.opcode:
        heard, latest = other.last_packet, other.spoke
    if (heard or 0) > closer.close or other.saw < closer.bytes:
        return None  # the answer is none, or had more before it
    if closer.spoke > (latest or 0):
        latest = closer.spoke
    is_first = closer.fin < other.fin
    first, second = (closer, other) if is_first else (other, closer)
    ended, opened, latest = closer.closed, opened or 0, latest or 0
    if not (
        other.close < first.fin
        and second.finished - other.closed <= LEFT_OPEN
        and opened <= latest <= ended < latest + SILENCE
    ):
        return None
    assert asked is not None
    assert answered is not None
    kind = (side, side if is_first else side.other, *asked[:3], *answered[:3])
    return UsualEnd(kind, closer, other, ended - latest, ended - opened)
