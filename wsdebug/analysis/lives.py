"""From a tracked connection to the `Life` that diagnosis judges its ending by."""

from __future__ import annotations

import msgspec

from wsdebug.analysis.sent_before import close_sent_by, fin_sent_by, first_close
from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.diagnosis.life import Ladder, Life, SideLife, Stamp
from wsdebug.model.facts import Close
from wsdebug.model.handshake import Head
from wsdebug.model.place import Side
from wsdebug.model.report import Severity
from wsdebug.model.tls import Alert, TlsFacts
from wsdebug.protocol.frames import FrameStream
from wsdebug.rules import Breach
from wsdebug.transport import Flow


def life_of(tracker: Tracker, now: int | None, proxy_side: Side | None = None) -> Life:
    """The life of a connection that is over."""
    flow = tracker.flow
    handshake = tracker.decoder.handshake
    request = handshake.request if handshake else None
    response = handshake.response if handshake else None
    return Life(
        handshake=tracker.decoder.result,
        status=response.status if response else None,
        client=_side_life(tracker, Side.CLIENT),
        server=_side_life(tracker, Side.SERVER),
        start=flow.start,
        requested=_head_stamp(request),
        responded=_head_stamp(response),
        last=last_stamp(flow),
        capture_end=now,
        proxy_side=proxy_side,
        is_stream=flow.h2_stream is not None,
        stream_ends=tracker.stream_ends,
    )


def tcp_life(flow: Flow, side: Side, facts: TlsFacts | None = None) -> SideLife:
    """What TCP alone tells of a side, and with it the alerts of TLS."""
    half = half_of(flow, side)
    alert = _farewell(facts, side)
    return SideLife(
        fin=stamp_of(half.fin),
        rst=stamp_of(half.rst),
        tls_end=stamp_of((alert.packet, alert.time)) if alert is not None else None,
        tls_said=alert.name if alert is not None else None,
        rst_is_foreign=half.rst_is_foreign,
        ladders=tuple(
            Ladder(
                Stamp(one.first_packet or 0, one.first_time),
                Stamp(one.last_packet or 0, one.last_time),
            )
            for one in half.ladders
        ),
        last_data=stamp_of(half.last_data),
        acked_before=flow.acked_before_end(half),
        last_before=stamp_of(flow.data_before_end(half)),
    )


def _farewell(facts: TlsFacts | None, side: Side) -> Alert | None:
    """The alert by which a side ended TLS: close_notify, or a fatal one (RFC 8446 6). One that
    answers the other side's FIN ended nothing, wherever that FIN stands in the capture.
    """
    if facts is None:
        return None
    fatal = [one for one in facts.alerts if one.side is side and one.level == "fatal"]
    farewells = (facts.close_notify.get(side), *fatal)
    said = [one for one in farewells if one is not None and not one.is_answer]
    return min(said, key=lambda one: one.packet or 0, default=None)


def last_stamp(flow: Flow) -> Stamp:
    """The connection's last packet."""
    return Stamp(flow.last_packet, flow.last_time)


def _side_life(tracker: Tracker, side: Side) -> SideLife:
    close = first_close(tracker, side)
    violation = first_violation(tracker, side)
    stream = tracker.decoder.streams.get(side)
    return msgspec.structs.replace(
        tcp_life(tracker.flow, side, tracker.flow.tls),
        last_frame=_last_frame(stream),
        close=close,
        close_at=_close_stamp(tracker, close) if close else None,
        fin=_fin_stamp(tracker, side),
        close_is_valid=close is None or not _is_faulty(tracker, side, close.frame),
        violated=_stamp(violation),
        spoiled=_stamp(_first_foreign(tracker, side, close)),
        **_lacks(tracker, side),
    )


def _lacks(tracker: Tracker, side: Side) -> dict[str, bool]:
    """What the capture lacks of a side's stream, as far as its packets and those of its peer tell:
    a single sequence number behind its last byte may be a FIN, which is no Close.
    """
    half, stream = half_of(tracker.flow, side), tracker.decoder.streams.get(side)
    shake = tracker.decoder.handshake
    # A response without its request may be a second one.
    head = shake.request if shake is not None else None
    if head is not None and side is Side.SERVER:
        head = shake.response if shake is not None else None
    is_from_start = shake is not None or any(one.syn for one in tracker.flow.halves)
    is_silent = not half.offset and (half.skipped or not half.packets)
    is_blind = stream is not None and stream.is_blind
    return {
        "unreadable": side in tracker.unread or is_blind or is_silent or half.unseen > 1,
        # What was under way when a capture began in mid-stream is no hole in it.
        "is_missing": is_silent
        or bool(half.missing or half.unseen)
        or (half.skipped and is_from_start),
        "is_unsynchronised": stream is not None and bool(stream.unsynchronised),
        "starts_late": half.skipped or (half.syn is None and head is None),
    }


def _close_stamp(tracker: Tracker, close: Close) -> Stamp:
    # `before` only where it tells something: it is part of what makes two stamps equal.
    packet, known = close.span.packet or 0, close_sent_by(tracker, close)
    return Stamp(packet, close.span.time, known if known < packet else None)


def _fin_stamp(tracker: Tracker, side: Side) -> Stamp | None:
    at, known = half_of(tracker.flow, side).fin, fin_sent_by(tracker, side)
    if at is None or known is None or known >= (at[0] or 0):
        return stamp_of(at)
    return Stamp(at[0] or 0, at[1], known)


def _last_frame(stream: FrameStream | None) -> Stamp | None:
    if stream is None:
        return None
    last = stream.before_close if stream.closes else stream.last
    if last is None or last.last_packet is None:
        return None
    return Stamp(last.last_packet, last.last_time)


def first_violation(tracker: Tracker, side: Side) -> Breach | None:
    """The first finding of a side at which its receiver had to fail the connection."""
    if not tracker.breaches:
        return None
    fatal = [
        breach
        for breach, _ in tracker.breaches
        if breach.fatal and breach.severity is Severity.ERROR and breach.span.side is side
    ]
    return min(fatal, key=_place, default=None)


def _first_foreign(tracker: Tracker, side: Side, close: Close | None) -> Breach | None:
    """The first bytes of a side that are no frames, before its Close."""
    foreign = [
        breach
        for breach, _ in tracker.breaches
        if breach.name in ("foreign-bytes", "second-101")
        and breach.span.side is side
        and (close is None or breach.span.offset < close.span.offset)
    ]
    return min(foreign, key=_place, default=None)


def _stamp(breach: Breach | None) -> Stamp | None:
    return Stamp(breach.span.packet or 0, breach.span.time) if breach is not None else None


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


def stamp_of(at: tuple[int | None, int | None] | None) -> Stamp | None:
    """A packet and time of the transport, None where there was none."""
    return Stamp(at[0] or 0, at[1]) if at is not None else None


def _head_stamp(head: Head | None) -> Stamp | None:
    return Stamp(head.packet, head.time) if head is not None and head.packet is not None else None
