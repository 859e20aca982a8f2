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
    """Who closed first."""
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


_BEGIN = 9
"""Numbers of the connection before those of its sides."""
_WAY = len(Way._fields)
SIZES = _BEGIN + 2 * _WAY, 5
"""Numbers, and texts but for the values drawn."""
TIME_PLACES = frozenset(
    [*range(6, _BEGIN)]
    + [_BEGIN + side * _WAY + place for side in (0, 1) for place in range(_WAY)[TIMES]]
)
"""Which of the numbers are times."""


def values_of(usual: Usual, end: UsualEnd) -> Values:
    """Those of a connection that is over, in rows."""
    parked, (_, closer, other, _, _) = usual.parked, end
    (client, port), (server, server_port) = usual.ends
    asked, asked_at, _ = usual.request
    answered, answered_at, _ = usual.response
    last_time, start = parked.last_time, parked.start
    return Values(
        (
            usual.id,
            parked.index,
            port,
            server_port,
            asked,
            answered,
            last_time,
            asked_at,
            answered_at,
            *closer,
            *other,
        ),
        start,
        (
            address_text(client),
            address_text(server),
            frame_text(closer.opcode, closer.length),
            frame_text(other.opcode, other.length),
            str(Instant(start)),
            *usual.request_values,
            *usual.response_values,
        ),
    )


def facts_in(values: Values) -> Facts:
    """The same by their names."""
    numbers: tuple[Any, ...] = values.numbers
    client, server, closing, answer, _, *drawn = values.texts
    id_, stream, port, server_port, request, response, *times = numbers[:_BEGIN]
    return Facts(
        id=id_,
        stream=stream,
        client_port=port,
        server_port=server_port,
        request=request,
        response=response,
        closer=Way(*numbers[_BEGIN : _BEGIN + _WAY]),
        other=Way(*numbers[_BEGIN + _WAY :]),
        start=values.start,
        finished=times[0],
        requested=times[1],
        responded=times[2],
        client=client,
        server=server,
        last=(closing, answer),
        drawn=tuple(drawn),
    )
