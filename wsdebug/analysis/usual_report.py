"""The report of a connection that went as one before it: places, times and counts are filled in.

What comes out is what the long way says of it (`tests/analysis/test_usual.py` compares them).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from wsdebug.analysis.usual_facts import Facts
from wsdebug.diagnosis.why import close_text
from wsdebug.display.escape import printable
from wsdebug.model.instant import Instant
from wsdebug.model.place import Side
from wsdebug.model.report import (
    CloseReport,
    Connection,
    Endpoint,
    HandshakePackets,
    HandshakeReport,
    Moment,
    SideCloses,
    TcpReport,
    TcpSide,
)
from wsdebug.protocol.closing import CloseBody
from wsdebug.protocol.plain_way import Way

if TYPE_CHECKING:
    from wsdebug.analysis.conclusions import Conclusion
    from wsdebug.analysis.course import Kind
    from wsdebug.analysis.usual import Pair
    from wsdebug.analysis.usual_end import UsualEnd

_NANO = 1e9


class Shape(NamedTuple):
    """What reports have in common: all but `Facts`."""

    heads: int
    """`Pair.number`."""
    kind: Kind
    closer_text: bool
    """Whether who closed first sent a frame of that kind; `other` alike."""
    closer_binary: bool
    other_text: bool
    other_binary: bool
    is_closer_first: bool
    """Whose last frame came first."""


def shape_of(pair: Pair, end: UsualEnd) -> Shape:
    """That of a connection which is over."""
    kind, closer, other, _, _ = end
    return Shape(
        pair.number,
        kind,
        closer.text > 0,
        closer.binary > 0,
        other.text > 0,
        other.binary > 0,
        closer.last_packet < other.last_packet or not other.last_packet,
    )


def report_of(pair: Pair, shape: Shape, conclusion: Conclusion, facts: Facts) -> Connection:
    """The whole report. Of the values in `facts` none decides what is said."""
    closer, other, start = facts.closer, facts.other, facts.start
    closes = _close(closer, start, *shape.kind[2:5]), _close(other, start, *shape.kind[5:8])
    frames = (
        _counts(closer, text=shape.closer_text, binary=shape.closer_binary),
        _counts(other, text=shape.other_text, binary=shape.other_binary),
    )
    ways = closer, other
    if shape.kind[0] is Side.SERVER:
        closes, frames, ways = closes[::-1], frames[::-1], ways[::-1]
    evidence = replace(conclusion.evidence, frame=closer.messages, packet=closer.close)
    return Connection(
        id=facts.id,
        tcp_stream=facts.stream,
        carrier="tcp",
        client=Endpoint(facts.client, facts.client_port),
        server=Endpoint(facts.server, facts.server_port),
        start=Instant(start),
        duration=(facts.finished - start) / _NANO,
        handshake=_handshake(pair, facts),
        frames={"client": frames[0], "server": frames[1]},
        messages={"client": ways[0].messages, "server": ways[1].messages},
        tcp=TcpReport(*(TcpSide(bytes=one.bytes, ttl=one.ttl) for one in ways)),
        close=SideCloses(*closes),
        end=replace(conclusion.end, time=(closer.closed - start) / _NANO, packet=closer.close),
        causes=[replace(conclusion.cause, because=[evidence])],
        timeline=_timeline(pair, shape, facts),
    )


def _handshake(pair: Pair, facts: Facts) -> HandshakeReport:
    known = pair.report
    asked, answered = known.request_headers.copy(), known.response_headers.copy()
    places = [(asked, index) for index in pair.drawn[0]]
    places += [(answered, index) for index in pair.drawn[1]]
    for (head, index), value in zip(places, facts.drawn, strict=True):
        head[index] = head[index][0], value
    packets = HandshakePackets(facts.request, facts.response)
    return replace(known, request_headers=asked, response_headers=answered, packets=packets)


def _counts(way: Way, *, text: bool, binary: bool) -> dict[str, int]:
    counts = {"total": way.frames}
    if text:
        counts["text"] = way.text
    if binary:
        counts["binary"] = way.binary
    counts["close"] = 1
    return counts


def _close(way: Way, start: int, body: str, code: int | None, reason: bytes) -> CloseReport:
    text = printable(reason) if reason else ""
    return CloseReport(way.messages, code, text, body, way.close, (way.closed - start) / _NANO)


def _timeline(pair: Pair, shape: Shape, facts: Facts) -> list[Moment]:
    """In the order of packets: heads, last frames, Close and answer, both FINs."""
    closer, kind = shape.kind[0], shape.kind
    one = closer, facts.closer, shape.closer_text or shape.closer_binary, facts.last[0]
    two = closer.other, facts.other, shape.other_text or shape.other_binary, facts.last[1]

    def since(time: int) -> float:
        return (time - facts.start) / _NANO

    moments = [
        Moment("request", pair.asked, since(facts.requested), Side.CLIENT, facts.request),
        Moment("response", pair.answered, since(facts.responded), Side.SERVER, facts.response),
    ]
    for side, way, spoke, text in (one, two) if shape.is_closer_first else (two, one):
        if spoke:
            place = since(way.spoke), side, way.last_packet, way.last
            moments.append(Moment("frame", text, *place))
    for (side, way, *_), close in ((one, kind[2:5]), (two, kind[5:8])):
        text = f"Close {close_text(CloseBody(*close, None))}"
        moments.append(Moment("close", text, since(way.closed), side, way.close, way.messages))
    for side, way, *_ in (one, two) if kind[1] is closer else (two, one):
        moments.append(Moment("fin", "TCP FIN", since(way.finished), side, way.fin))
    return moments
