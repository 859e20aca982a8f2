"""From a tracked connection to the `Life` that diagnosis judges its ending by."""

from __future__ import annotations

from wsdebug.analysis.outcomes import first_close
from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.diagnosis.life import Ladder, Life, SideLife, Stamp
from wsdebug.model.facts import Head
from wsdebug.model.place import Side
from wsdebug.model.report import Severity
from wsdebug.rules import Breach
from wsdebug.transport import Half

TTL_STEP = 3
"""REPORT: a RST whose TTL differs by this much from its sender's last packets is not its own."""


def life_of(tracker: Tracker, now: int | None, proxy_side: Side | None = None) -> Life:
    """The life of a connection that is over."""
    flow = tracker.flow
    handshake = tracker.decoder.handshake
    request = handshake.request if handshake else None
    response = handshake.response if handshake else None
    last = max(
        (half.last_packet for half in (flow.client, flow.server) if half.last_packet),
        default=(flow.first_packet, flow.start),
    )
    return Life(
        handshake=tracker.decoder.result,
        status=response.status if response else None,
        client=_side_life(tracker, Side.CLIENT),
        server=_side_life(tracker, Side.SERVER),
        start=flow.start,
        requested=_head_stamp(request),
        responded=_head_stamp(response),
        last=Stamp(*last),
        capture_end=now,
        proxy_side=proxy_side,
    )


def _side_life(tracker: Tracker, side: Side) -> SideLife:
    half = half_of(tracker.flow, side)
    close = first_close(tracker, side)
    violation = first_violation(tracker, side)
    stream = tracker.decoder.streams.get(side)
    return SideLife(
        close=close,
        close_at=Stamp(close.span.packet or 0, close.span.time) if close else None,
        close_is_valid=close is None or not _is_faulty(tracker, side, close.frame),
        fin=_stamp(half.fin),
        rst=_stamp(half.rst),
        rst_is_foreign=_is_foreign(half),
        ladders=tuple(
            Ladder(Stamp(*ladder.first), Stamp(*ladder.last)) for ladder in half.ladders
        ),
        last_data=_stamp(half.last_data),
        violated=Stamp(violation.span.packet or 0, violation.span.time) if violation else None,
        unreadable=side in tracker.unread or bool(stream is not None and stream.unsynchronised),
    )


def first_violation(tracker: Tracker, side: Side) -> Breach | None:
    """The first finding of a side at which its receiver had to fail the connection."""
    fatal = [
        breach
        for breach, _ in tracker.breaches
        if breach.fatal and breach.severity is Severity.ERROR and breach.span.side is side
    ]
    return min(fatal, key=_place, default=None)


def _place(breach: Breach) -> tuple[int, bool, int]:
    # A head comes before the frames behind it.
    return (breach.span.packet or 0, breach.span.part.value == "stream", breach.span.offset)


def _is_faulty(tracker: Tracker, side: Side, frame: int) -> bool:
    return any(
        breach.fatal
        and breach.severity is Severity.ERROR
        and breach.span.side is side
        and breach.frame == frame
        for breach, _ in tracker.breaches
    )


def _is_foreign(half: Half) -> bool:
    if half.rst_ttl is None or half.ttl is None:
        return False
    return abs(half.rst_ttl - half.ttl) >= TTL_STEP


def _stamp(packet_and_time: tuple[int, int | None] | None) -> Stamp | None:
    return Stamp(*packet_and_time) if packet_and_time is not None else None


def _head_stamp(head: Head | None) -> Stamp | None:
    return Stamp(head.packet, head.time) if head is not None and head.packet is not None else None
