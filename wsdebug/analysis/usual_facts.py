"""What the report of a connection that went as one before has of its own: places, times, counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wsdebug.analysis.timeline import frame_text
from wsdebug.model.instant import Instant
from wsdebug.model.recurring import Values
from wsdebug.protocol.plain_way import TIMES, Way
from wsdebug.transport.half import address_text

if TYPE_CHECKING:
    from wsdebug.analysis.usual import Usual
    from wsdebug.analysis.usual_end import UsualEnd


class Facts(NamedTuple):
    """All of them; times are ns since 1970."""

    id: int
    stream: int
    client_port: int
    server_port: int
    request: int
    """Packet; `response` too."""
    response: int
    closer: Way
    """Who closed first; of the last frames nothing but their places."""
    other: Way
    start: int
    finished: int
    requested: int
    responded: int
    client: str
    """Address; `server` too."""
    server: str
    last: tuple[str, str]
    """The last frame before each Close in words, the closer's first."""
    drawn: tuple[str, ...]
    """The values drawn anew in the request, and those in the response."""


WAY = TIMES.start
"""Numbers of each side, with three times."""
SIZES = 6 + 2 * WAY, 3 + 2 * 3, 5
"""Numbers, times and texts but for the values drawn."""
_NO_FRAME = (0,) * (len(Way._fields) - TIMES.stop)


def values_of(usual: Usual, end: UsualEnd) -> Values:
    """Those of a connection that is over, in rows."""
    parked = usual.parked
    closer: tuple[Any, ...] = end.closer
    other: tuple[Any, ...] = end.other
    (client, port), (server, server_port) = usual.ends
    (asked, asked_at, _), (answered, answered_at, _) = usual.request, usual.response
    places = parked.index, port, server_port, asked, answered
    return Values(
        (usual.id, *places, *closer[:WAY], *other[:WAY]),
        (parked.last_time, asked_at or 0, answered_at or 0, *closer[TIMES], *other[TIMES]),
        parked.start,
        (
            address_text(client),
            address_text(server),
            frame_text(end.closer.opcode, end.closer.length),
            frame_text(end.other.opcode, end.other.length),
            str(Instant(parked.start)),
            *usual.request_values,
            *usual.response_values,
        ),
    )


def facts_in(values: Values) -> Facts:
    """The same by their names."""
    numbers: tuple[Any, ...] = values.numbers
    times: tuple[Any, ...] = values.times
    client, server, closing, answer, _, *drawn = values.texts
    closer = Way(*numbers[6 : 6 + WAY], *times[3:6], *_NO_FRAME)
    other = Way(*numbers[6 + WAY :], *times[6:], *_NO_FRAME)
    id_, stream, port, server_port, request, response = numbers[:6]
    return Facts(
        id=id_,
        stream=stream,
        client_port=port,
        server_port=server_port,
        request=request,
        response=response,
        closer=closer,
        other=other,
        start=values.start,
        finished=times[0],
        requested=times[1],
        responded=times[2],
        client=client,
        server=server,
        last=(closing, answer),
        drawn=tuple(drawn),
    )
