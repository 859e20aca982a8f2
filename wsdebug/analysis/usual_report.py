"""The report of a connection that went as one before it: places, times and counts are filled in.

What comes out is what the long way says of it (`tests/analysis/test_usual.py` compares them).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from wsdebug.analysis.conclusions import Conclusion
from wsdebug.analysis.course import Kind
from wsdebug.analysis.outcomes import LEFT_OPEN
from wsdebug.analysis.timeline import frame_text, in_order
from wsdebug.analysis.usual import Pair, Usual
from wsdebug.diagnosis.why import SILENCE, close_text
from wsdebug.display.escape import printable
from wsdebug.model.instant import Instant
from wsdebug.model.place import Mark, Side
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
from wsdebug.protocol.plain_side import PlainSide
from wsdebug.transport.flow_key import ends_of
from wsdebug.transport.half import address_text
from wsdebug.transport.parked import ParkedHalf


class Leaving(NamedTuple):
    """One side on its way out; places are packet and time in ns."""

    side: Side
    frames: PlainSide
    close: tuple[int, int]
    fin: tuple[int, int]
    last: tuple[int, int] | None
    """Its last frame before the Close."""


class UsualEnd(NamedTuple):
    """How it ended; times in ns. As `course.Course`."""

    kind: Kind
    closer: Leaving
    other: Leaving
    silence: int
    age: int

    @property
    def ended(self) -> int:
        """When the first Close came."""
        return self.closer.close[1]


def end_of(usual: Usual) -> UsualEnd | None:
    """The end of a connection that is settled, None if it was not the usual one."""
    parked = usual.parked
    if usual.pair is None or usual.client.close is None or usual.server.close is None:
        return None
    client = _leaving(Side.CLIENT, usual.client, parked.client)
    server = _leaving(Side.SERVER, usual.server, parked.server)
    closer, other = (client, server) if client.close < server.close else (server, client)
    is_early = (usual.client.first[2] or 0) < usual.pair.response.length  # RFC 6455 4.1
    if is_early or not _is_in_order(usual, closer, other):
        return None
    head = usual.request if other.side is Side.CLIENT else usual.response
    spoken = other.last or (head[0] or 0, head[1] or 0)
    last = max(spoken, closer.last or spoken)[1]
    opened, ended = usual.response[1] or 0, closer.close[1]
    if not opened <= last <= ended < last + SILENCE:
        return None
    one, two = closer.frames.close, other.frames.close
    assert one is not None and two is not None
    hung_up = closer.side if closer.fin < other.fin else other.side
    kind = (closer.side, hung_up, one.body, one.code, one.reason, two.body, two.code, two.reason)
    return UsualEnd(kind, closer, other, ended - last, ended - opened)


def _is_in_order(usual: Usual, closer: Leaving, other: Leaving) -> bool:
    """Close, an answer that had seen it, both FINs soon after."""
    fins, answered = (closer.fin, other.fin), other.close
    parked = usual.parked
    half = parked.client if closer.side is Side.CLIENT else parked.server
    closed_at = half.sent - 1  # without the FIN
    return (
        (other.last is None or other.last < closer.close)
        and (other.frames.close_at[2] or 0) >= closed_at
        and answered < min(fins)
        and max(fin[1] for fin in fins) - answered[1] <= LEFT_OPEN
    )


def _leaving(side: Side, frames: PlainSide, half: ParkedHalf) -> Leaving:
    packet, time, _ = frames.close_at
    assert half.fin is not None
    last = frames.last[2] if frames.last is not None else None
    before = (last[0] or 0, last[1] or 0) if last is not None else None
    return Leaving(side, frames, (packet or 0, time or 0), half.fin, before)


def report_of(usual: Usual, pair: Pair, end: UsualEnd, conclusion: Conclusion) -> Connection:
    """The whole report."""
    parked, start = usual.parked, usual.parked.start
    client, server = (Endpoint(address_text(raw), port) for raw, port in ends_of(parked.key))
    packet, time = end.closer.close[0], _seconds(start, end.ended)
    evidence = replace(conclusion.evidence, frame=end.closer.frames.total, packet=packet)
    one, two = usual.client, usual.server
    return Connection(
        id=usual.id,
        tcp_stream=parked.index,
        carrier="tcp",
        client=client,
        server=server,
        start=Instant(start),
        duration=_seconds(start, parked.last_time),
        handshake=_handshake(usual, pair),
        frames={"client": _counts(one.text, one.binary), "server": _counts(two.text, two.binary)},
        messages={"client": one.total, "server": two.total},
        tcp=TcpReport(_tcp(parked.client), _tcp(parked.server)),
        close=SideCloses(_close(one, start), _close(two, start)),
        end=replace(conclusion.end, time=time, packet=packet),
        causes=[replace(conclusion.cause, because=[evidence])],
        timeline=_timeline(usual, pair, end),
    )


def _handshake(usual: Usual, pair: Pair) -> HandshakeReport:
    known, (asked, answered) = pair.report, pair.drawn
    return replace(
        known,
        request_headers=_headers(known.request_headers, asked, usual.request_values),
        response_headers=_headers(known.response_headers, answered, usual.response_values),
        packets=HandshakePackets(usual.request[0], usual.response[0]),
    )


def _headers(
    known: list[tuple[str, str]], drawn: tuple[int, ...], values: list[str]
) -> list[tuple[str, str]]:
    lines = known.copy()
    for index, value in zip(drawn, values, strict=True):
        lines[index] = lines[index][0], value
    return lines


def _counts(text: int, binary: int) -> dict[str, int]:
    counts = {"total": text + binary + 1}
    if text:
        counts["text"] = text
    if binary:
        counts["binary"] = binary
    counts["close"] = 1
    return counts


def _tcp(half: ParkedHalf) -> TcpSide:
    return TcpSide(bytes=half.sent - 1, ttl=half.ttl)  # without the FIN


def _close(side: PlainSide, start: int) -> CloseReport:
    (packet, time, _), close = side.close_at, side.close
    assert close is not None and time is not None
    reason = printable(close.reason) if close.reason else ""
    return CloseReport(side.total, close.code, reason, close.body, packet, _seconds(start, time))


def _timeline(usual: Usual, pair: Pair, end: UsualEnd) -> list[Moment]:
    start = usual.parked.start
    moments = [
        _head_moment("request", pair.asked, start, Side.CLIENT, usual.request),
        _head_moment("response", pair.answered, start, Side.SERVER, usual.response),
    ]
    for side in (end.closer, end.other):
        frames, (packet, time) = side.frames, side.close
        if frames.last is not None and side.last is not None:
            text, (at, when) = frame_text(*frames.last[:2]), side.last
            number = frames.total - 1
            moments.append(Moment("frame", text, _seconds(start, when), side.side, at, number))
        assert frames.close is not None
        text = close_moment_text(frames.close)
        moments.append(
            Moment("close", text, _seconds(start, time), side.side, packet, frames.total)
        )
        packet, time = side.fin
        moments.append(Moment("fin", "TCP FIN", _seconds(start, time), side.side, packet))
    moments.sort(key=in_order)
    return moments


def _head_moment(kind: str, text: str, start: int, side: Side, mark: Mark) -> Moment:
    return Moment(kind, text, _seconds(start, mark[1] or start), side, mark[0])


def _seconds(start: int, time: int) -> float:
    return (time - start) / 1e9


@lru_cache(maxsize=64)
def close_moment_text(close: CloseBody) -> str:
    """As `timeline.close_moment` says it."""
    return f"Close {close_text(close)}"
