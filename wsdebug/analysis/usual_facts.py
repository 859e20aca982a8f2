"""What the report of a connection that went as one before has of its own: places, times, counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wsdebug.analysis.timeline import frame_text
from wsdebug.model.instant import Instant
from wsdebug.model.recurring import Values
from wsdebug.protocol.plain_way import NUMBERS, TIMES, Way
from wsdebug.transport.half import address_text

if TYPE_CHECKING:
    from wsdebug.analysis.usual import Usual
    from wsdebug.analysis.usual_end import UsualEnd


class Whole(NamedTuple):
    """Of the connection; times are ns since 1970."""

    id: int
    stream: int
    client_port: int
    server_port: int
    request: int
    """Packet; `response` too."""
    response: int
    finished: int
    requested: int
    responded: int


WHOLE_TIMES = slice(Whole._fields.index("finished"), None)


class Facts(NamedTuple):
    """All of them."""

    start: int
    """ns since 1970."""
    whole: Whole
    closer: Way
    """Who closed first."""
    other: Way
    addresses: tuple[str, str]
    """Client and server."""
    last: tuple[str, str]
    """The last frame before each Close in words."""
    asked: tuple[str, ...]
    """The values drawn anew in the request."""
    answered: tuple[str, ...]


def facts_of(usual: Usual, end: UsualEnd) -> Facts:
    """Those of a connection that is over."""
    parked, closer, other = usual.parked, end.closer, end.other
    (client, client_port), (server, server_port) = usual.ends
    (asked, asked_at, _), (answered, answered_at, _) = usual.request, usual.response
    whole = Whole(
        usual.id,
        parked.index,
        client_port,
        server_port,
        asked or 0,
        answered or 0,
        parked.last_time,
        asked_at or 0,
        answered_at or 0,
    )
    return Facts(
        parked.start,
        whole,
        closer,
        other,
        (address_text(client), address_text(server)),
        (frame_text(closer.opcode, closer.length), frame_text(other.opcode, other.length)),
        usual.request_values,
        usual.response_values,
    )


def values_of(facts: Facts) -> Values:
    """The same in rows."""
    start, _, _, _, addresses, last, asked, answered = facts
    rows: tuple[tuple[int | None, ...], ...] = facts[1:4]
    whole, closer, other = rows
    times: tuple[int, ...] = whole[WHOLE_TIMES] + closer[TIMES] + other[TIMES]
    return Values(
        whole[: WHOLE_TIMES.start] + closer[NUMBERS] + other[NUMBERS],
        times,
        start,
        addresses + last + asked + answered + (str(Instant(start)),),
    )
