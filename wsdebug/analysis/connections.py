"""A finished connection as the report shows it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from wsdebug.analysis.encrypted import Encrypted
from wsdebug.analysis.findings import findings_of, seconds
from wsdebug.analysis.handshakes import handshake_report, recognised
from wsdebug.analysis.sent_before import first_close
from wsdebug.analysis.timeline import timeline
from wsdebug.analysis.tls_report import tls_report
from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.diagnosis.application import seen_by_application
from wsdebug.diagnosis.ending import Verdict, ending
from wsdebug.diagnosis.life import Life
from wsdebug.diagnosis.mute import seen_by_its_own_words
from wsdebug.diagnosis.scene import Scene
from wsdebug.diagnosis.why import Story, why
from wsdebug.display.escape import printable
from wsdebug.knowledge.closed_tls import closed
from wsdebug.model.facts import Close
from wsdebug.model.instant import Instant
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import (
    CloseReport,
    Connection,
    Ending,
    Endpoint,
    Finding,
    HandshakeReport,
    Liveness,
    Moment,
    RoundTrips,
    SideCloses,
    SideCodes,
    SideGap,
    TcpReport,
    TcpSide,
)
from wsdebug.transport import Flow, Half

NANO = 1e9
OPCODES = ("cont", "text", "binary", "op3", "op4", "op5", "op6", "op7", "close", "ping", "pong")
"""Names of opcodes in the report (RFC 6455 5.2)."""
_CUT_SHORT = ("frame-cut-short", "message-cut-short")


def finish(tracker: Tracker, life: Life, legs: Sequence[int] = ()) -> Scene:
    """A connection that is over, with its report, whose causes are not yet asked for. `legs`: ids
    of the others on the same path.
    """
    flow, decoder = tracker.flow, tracker.decoder
    findings = findings_of(tracker)
    verdict = ending(life)
    seen = seen_by_application(life, verdict.how)
    response = decoder.handshake.response if decoder.handshake else None
    fatal = [finding for finding in findings if finding.fatal]
    reason = response.reason if response else None
    cut = next((finding for finding in findings if finding.name in _CUT_SHORT), None)
    garbled = life.handshake == "no-response" and response is not None
    answer = response.start_line if garbled and response else None
    story = Story(life, verdict, seen, fatal, reason, tuple(legs), cut, answer)
    end = _ending(verdict, life, seen, why(story), flow)
    moments = timeline(tracker, life, findings)
    connection = report_of(tracker, end, moments, findings)
    told = seen_by_its_own_words(life, connection)
    if told != seen:
        sentence = why(msgspec.structs.replace(story, seen=told))
        connection.end = _ending(verdict, life, told, sentence, flow)
    return Scene(
        connection,
        life,
        verdict,
        answer=answer,
        body=decoder.response_body,
        is_proxied=decoder.is_proxied,
    )


def report_of(
    tracker: Tracker, end: Ending, moments: list[Moment], findings: list[Finding]
) -> Connection:
    """What is known of a connection, with how it ended and what was found; no causes yet."""
    flow, decoder = tracker.flow, tracker.decoder
    return Connection(
        id=tracker.id,
        tcp_stream=flow.index,
        carrier=flow.carrier,
        h2_stream=flow.h2_stream,
        tls=tls_report(flow, flow.tls),
        client=_endpoint(flow, Side.CLIENT),
        server=_endpoint(flow, Side.SERVER),
        start=_instant(flow),
        duration=_duration(flow),
        handshake=handshake_report(
            decoder.handshake, decoder.result, decoder.attempts, recognised(decoder)
        ),
        frames={side.value: _counts(tracker, side) for side in SIDES},
        messages={side.value: _messages(tracker, side) for side in SIDES},
        gaps=_gaps(tracker),
        unsynchronised=_unsynchronised(tracker),
        not_readable={
            side.value: stream.unreadable
            for side, stream in decoder.streams.items()
            if stream.unreadable
        },
        liveness=_liveness(tracker),
        tcp=_tcp(flow),
        findings=findings,
        findings_left_out=tracker.dropped,
        close=SideCloses(*(_close(first_close(tracker, side), flow) for side in SIDES)),
        end=end,
        timeline=moments,
    )


def finish_encrypted(tracker: Encrypted, now: int | None) -> Scene:
    """The same of a TLS connection without keys."""
    flow, life = tracker.flow, tracker.life(now)
    sentence = closed(tracker.session.facts.keys).sentence
    verdict = ending(life)
    connection = Connection(
        id=tracker.id,
        tcp_stream=flow.index,
        carrier="tls",
        tls=tls_report(flow, tracker.session.facts),
        client=_endpoint(flow, Side.CLIENT),
        server=_endpoint(flow, Side.SERVER),
        start=_instant(flow),
        duration=_duration(flow),
        handshake=HandshakeReport(result="encrypted"),
        tcp=_tcp(flow),
        end=_ending(verdict, life, SideCodes(), sentence, flow),
    )
    return Scene(connection, life, verdict)


# ---- figures --------------------------------------------------------------------------------
def _counts(tracker: Tracker, side: Side) -> dict[str, int]:
    stream = tracker.decoder.streams.get(side)
    if stream is None:
        return {"total": 0}
    named = {
        OPCODES[opcode] if opcode < len(OPCODES) else f"op{opcode}": count
        for opcode, count in enumerate(stream.counts)
        if count
    }
    return {"total": stream.total, **named}


def _messages(tracker: Tracker, side: Side) -> int:
    stream = tracker.decoder.streams.get(side)
    return stream.messages if stream is not None else 0


def _gaps(tracker: Tracker) -> list[SideGap]:
    return [
        SideGap(side, offset, length)
        for side, stream in tracker.decoder.streams.items()
        for offset, length in stream.gaps
    ]


def _unsynchronised(tracker: Tracker) -> list[SideGap]:
    return [
        SideGap(side, offset, length)
        for side, stream in tracker.decoder.streams.items()
        for offset, length in stream.unsynchronised
    ]


def _liveness(tracker: Tracker) -> Liveness:
    liveness = tracker.decoder.liveness
    trips = [trip / 1e6 for trip in liveness.round_trips]
    rtt = None
    if trips:
        from statistics import median  # noqa: PLC0415 - as slow as a small capture

        rtt = RoundTrips(round(min(trips), 3), round(median(trips), 3), round(max(trips), 3))
    return Liveness(liveness.pings, liveness.pongs, rtt)


def _tcp(flow: Flow) -> TcpReport:
    return TcpReport(_tcp_side(half_of(flow, Side.CLIENT)), _tcp_side(half_of(flow, Side.SERVER)))


def _tcp_side(half: Half) -> TcpSide:
    zero = sum(
        until - begin
        for begin, until in half.zero_windows
        if begin is not None and until is not None
    )
    return TcpSide(
        bytes=half.bytes,
        retransmissions=half.retransmissions,
        ladders=len(half.ladders),
        zero_window_s=round(zero / NANO, 6),
        ttl=half.ttl,
    )


# ---- ending, places, times ------------------------------------------------------------------
def _ending(verdict: Verdict, life: Life, seen: SideCodes, sentence: str, flow: Flow) -> Ending:
    return Ending(
        how=verdict.how,
        by=verdict.by,
        time=seconds(flow, verdict.at.time) if verdict.at else None,
        packet=verdict.at.packet if verdict.at else None,
        severity=verdict.severity,
        close_codes=SideCodes(_code(life.client.close), _code(life.server.close)),
        seen_by_application=seen,
        why=sentence,
    )


def _code(close: Close | None) -> int | None:
    """1005 for an empty body, None for no Close or a body of one byte."""
    return 1005 if close is not None and close.body == "empty" else close.code if close else None


def _close(close: Close | None, flow: Flow) -> CloseReport | None:
    if close is None:
        return None
    return CloseReport(
        frame=close.frame,
        code=close.code,
        reason=printable(close.reason),
        body=close.body,
        packet=close.span.packet,
        time=seconds(flow, close.span.time),
    )


def _duration(flow: Flow) -> float | None:
    """None where the clock was set back meanwhile: nobody knows how long it took."""
    took = seconds(flow, flow.last_time)
    return took if took is not None and took >= 0 else None


def _endpoint(flow: Flow, side: Side) -> Endpoint:
    half = half_of(flow, side)
    return Endpoint(half.address_text, half.port)


def _instant(flow: Flow) -> Instant | None:
    return Instant(flow.start) if flow.start is not None else None
