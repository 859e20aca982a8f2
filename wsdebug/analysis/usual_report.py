"""The report of a connection that went as one before it: places, times and counts are filled in.

What comes out is what the long way says of it (`tests/analysis/test_usual.py` compares them).
There is one of these for each connection of a busy server, so there is no call that can be spared.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from msgspec.structs import replace

from wsdebug.analysis.outcomes import LEFT_OPEN
from wsdebug.analysis.timeline import frame_text
from wsdebug.diagnosis.why import SILENCE, close_text
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
from wsdebug.transport.half import address_text

if TYPE_CHECKING:
    from wsdebug.analysis.conclusions import Conclusion
    from wsdebug.analysis.course import Kind
    from wsdebug.analysis.usual import Pair, Usual
    from wsdebug.protocol.plain_side import PlainSide
    from wsdebug.transport.parked import ParkedHalf

NANO = 1e9

Place: TypeAlias = tuple[int, int]
"""Packet and time in ns."""


class Leaving(NamedTuple):
    """One side on its way out."""

    side: Side
    half: ParkedHalf
    close: CloseBody
    frames: int
    """Before its Close."""
    at: Place
    """Of the Close."""
    fin: Place
    last: tuple[Place, str] | None
    """The last frame before the Close: where, and in words."""


class UsualEnd(NamedTuple):
    """How it ended; times in ns. As `course.Course`."""

    kind: Kind
    closer: Leaving
    other: Leaving
    silence: int
    age: int


def end_of(usual: Usual, pair: Pair) -> UsualEnd | None:
    """The end of a connection that is settled, None if it was not the usual one."""
    client, server, parked = usual.client, usual.server, usual.parked
    # RFC 6455 4.1: the client's first frame had seen the 101.
    if client.close is None or server.close is None or (client.first[2] or 0) < pair.length:
        return None
    closer = _leaving(Side.CLIENT, client, client.close, parked.client)
    other = _leaving(Side.SERVER, server, server.close, parked.server)
    spoken, seen = usual.response, server.close_at[2]
    if other.at < closer.at:
        closer, other = other, closer
        spoken, seen = usual.request, client.close_at[2]
    latest: Place = other.last[0] if other.last is not None else (spoken[0] or 0, spoken[1] or 0)
    if latest > closer.at or (seen or 0) < closer.half.sent - 1:  # without the FIN
        return None  # the answer is none, or had more before it
    if closer.last is not None and closer.last[0] > latest:
        latest = closer.last[0]
    is_first = closer.fin < other.fin
    ended, opened = closer.at[1], usual.response[1] or 0
    if not (
        other.at < (closer.fin if is_first else other.fin)
        and (other.fin if is_first else closer.fin)[1] - other.at[1] <= LEFT_OPEN
        and opened <= latest[1] <= ended < latest[1] + SILENCE
    ):
        return None
    hung_up = closer.side if is_first else other.side
    kind = (closer.side, hung_up, *closer.close[:3], *other.close[:3])
    return UsualEnd(kind, closer, other, ended - latest[1], ended - opened)


def _leaving(side: Side, frames: PlainSide, close: CloseBody, half: ParkedHalf) -> Leaving:
    packet, time, _ = frames.close_at
    last, number, fin = frames.last, frames.total, half.fin
    assert fin is not None
    at = packet or 0, time or 0
    if last is None:
        return Leaving(side, half, close, number, at, fin, None)
    opcode, length, (packet, time, _) = last
    place = packet or 0, time or 0
    return Leaving(side, half, close, number, at, fin, (place, frame_text(opcode, length)))


def report_of(usual: Usual, pair: Pair, end: UsualEnd, conclusion: Conclusion) -> Connection:
    """The whole report."""
    parked, closer = usual.parked, end.closer
    start = parked.start
    (client, client_port), (server, server_port) = usual.ends
    one, two = usual.client, usual.server
    packet, time = closer.at
    evidence = replace(conclusion.evidence, frame=closer.frames, packet=packet)
    closes = _close(closer, start), _close(end.other, start)
    if closer.side is Side.SERVER:
        closes = closes[1], closes[0]
    return Connection(
        id=usual.id,
        tcp_stream=parked.index,
        carrier="tcp",
        client=Endpoint(address_text(client), client_port),
        server=Endpoint(address_text(server), server_port),
        start=Instant(start),
        duration=(parked.last_time - start) / NANO,
        handshake=_handshake(usual, pair),
        frames={"client": _counts(one.text, one.binary), "server": _counts(two.text, two.binary)},
        messages={"client": one.total, "server": two.total},
        # Without the FIN.
        tcp=TcpReport(
            TcpSide(bytes=parked.client.sent - 1, ttl=parked.client.ttl),
            TcpSide(bytes=parked.server.sent - 1, ttl=parked.server.ttl),
        ),
        close=SideCloses(*closes),
        end=replace(conclusion.end, time=(time - start) / NANO, packet=packet),
        causes=[replace(conclusion.cause, because=[evidence])],
        timeline=_timeline(usual, pair, end),
    )


def _handshake(usual: Usual, pair: Pair) -> HandshakeReport:
    known = pair.report
    asked, answered = known.request_headers.copy(), known.response_headers.copy()
    for index, value in zip(pair.drawn[0], usual.request_values, strict=True):
        asked[index] = asked[index][0], value
    for index, value in zip(pair.drawn[1], usual.response_values, strict=True):
        answered[index] = answered[index][0], value
    packets = HandshakePackets(usual.request[0], usual.response[0])
    return replace(known, request_headers=asked, response_headers=answered, packets=packets)


def _counts(text: int, binary: int) -> dict[str, int]:
    counts = {"total": text + binary + 1}
    if text:
        counts["text"] = text
    if binary:
        counts["binary"] = binary
    counts["close"] = 1
    return counts


def _close(one: Leaving, start: int) -> CloseReport:
    body, code, reason, _ = one.close
    packet, time = one.at
    text = printable(reason) if reason else ""
    return CloseReport(one.frames, code, text, body, packet, (time - start) / NANO)


def _timeline(usual: Usual, pair: Pair, end: UsualEnd) -> list[Moment]:
    """In the order of packets: heads, last frames, Close and answer, both FINs."""
    start = usual.parked.start
    (asked, asked_at, _), (answered, answered_at, _) = usual.request, usual.response
    since = ((asked_at or 0) - start) / NANO
    moments = [Moment("request", pair.asked, since, Side.CLIENT, asked)]
    since = ((answered_at or 0) - start) / NANO
    moments.append(Moment("response", pair.answered, since, Side.SERVER, answered))
    closer, other = end.closer, end.other
    is_first = closer.last is None or other.last is None or closer.last < other.last
    for one in (closer, other) if is_first else (other, closer):
        if one.last is not None:
            (packet, time), text = one.last
            since = (time - start) / NANO
            moments.append(Moment("frame", text, since, one.side, packet, one.frames - 1))
    for one in (closer, other):
        packet, time = one.at
        since, text = (time - start) / NANO, _close_text(one.close)
        moments.append(Moment("close", text, since, one.side, packet, one.frames))
    for one in (closer, other) if closer.fin < other.fin else (other, closer):
        packet, time = one.fin
        moments.append(Moment("fin", "TCP FIN", (time - start) / NANO, one.side, packet))
    return moments


@lru_cache(maxsize=64)
def _close_text(close: CloseBody) -> str:
    """As `timeline.close_moment` says it."""
    return f"Close {close_text(close)}"
