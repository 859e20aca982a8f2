"""What happened: the few moments of a connection that tell its story, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

from wsdebug.analysis.findings import seconds
from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.diagnosis.hanging_up import mark_of
from wsdebug.diagnosis.life import Life, SideLife, Stamp
from wsdebug.diagnosis.why import close_text
from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted
from wsdebug.model.facts import Close
from wsdebug.model.handshake import HTTP2, Head, of_kind
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Finding, Moment, Severity
from wsdebug.rules import title_of
from wsdebug.transport import Flow

SILENCE = 1_000_000_000
"""A pause before the end is shown from this many nanoseconds on."""
MOST_FINDINGS = 5
"""Findings shown as moments; the list of findings has all."""

Place: TypeAlias = tuple[int, int | None]
"""Packet and time in ns."""
OPCODES = {0: "continuation", 1: "text", 2: "binary", 8: "Close", 9: "ping", 10: "pong"}


def timeline(tracker: Tracker, life: Life, findings: Sequence[Finding]) -> list[Moment]:
    """The moments of a connection that is over."""
    moments = [
        *opening_moments(tracker),
        *_findings(findings),
        *_closes(tracker.flow, life),
        *_tcp(tracker.flow, life),
    ]
    moments.sort(key=in_order)
    _insert_silence(moments, life)
    return moments


def in_order(moment: Moment) -> int:
    """By what moments are sorted."""
    return moment.packet or 0


def opening_moments(tracker: Tracker) -> list[Moment]:
    """The heads, and the last frame of each side that is no Close."""
    flow, handshake = tracker.flow, tracker.decoder.handshake
    moments: list[Moment] = []
    if handshake is not None:
        request, response = handshake.request, handshake.response
        if request is not None and request.packet is not None:
            at = request.packet, request.time
            moments.append(_moment(flow, "request", request_text(request), at, Side.CLIENT))
        if response is not None and response.packet is not None:
            at = response.packet, response.time
            moments.append(_moment(flow, "response", response_text(response), at, Side.SERVER))
    moments += _last_frames(tracker)
    return moments


@lru_cache(maxsize=1024)
def frame_text(opcode: int, length: int) -> str:
    """The last frame before an end."""
    kind = OPCODES.get(opcode, f"opcode {opcode}")
    return f"last frame: {kind}, {counted(length, 'byte')}"


def close_moment(flow: Flow, side: Side, close: Close, at: Place) -> Moment:
    """The first Close of a side."""
    return _moment(flow, "close", f"Close {close_text(close)}", at, side, close.frame)


def end_moment(flow: Flow, side: Side, kind: str, at: Place, without: str = "") -> Moment:
    """FIN or RST of a side; `without` says what should have come before it."""
    return _moment(flow, kind, f"TCP {kind.upper()}{without}", at, side)


def _moment(
    flow: Flow, kind: str, text: str, at: Place, side: Side, frame: int | None = None
) -> Moment:
    packet, time = at
    return Moment(kind, text, seconds(flow, time), side, packet, frame)


@of_kind
def request_text(head: Head) -> str:
    """What was asked for."""
    target = printable(head.target or "", 60)
    upgrades = ", ".join(field.value for field in head.all("upgrade"))
    asked = f", Upgrade: {printable(upgrades, 30)}" if upgrades else ", no Upgrade header"
    if head.version == HTTP2:
        asked = f", :protocol {printable(_first(head, ':protocol'), 30)}"
    return f"{printable(head.method or '', 20)} {target}{asked}"


def _first(head: Head, name: str) -> str:
    fields = head.all(name)
    return fields[0].value if fields else ""


@of_kind
def response_text(head: Head) -> str:
    """What was answered."""
    if head.status is None:
        return f'no HTTP response: "{printable(head.start_line, 40)}"'
    parts = [str(head.status) if head.status != 101 else "101"]
    if head.reason and head.status != 101:
        parts[0] += f" {printable(head.reason, 40)}"
    for name in ("sec-websocket-extensions", "sec-websocket-protocol"):
        parts += [printable(field.value, 60) for field in head.all(name)]
    if not head.complete:
        parts.append("cut off")
    return ", ".join(parts)


def _last_frames(tracker: Tracker) -> Iterator[Moment]:
    for side in SIDES:
        stream = tracker.decoder.streams.get(side)
        if stream is None:
            continue
        last = stream.before_close if stream.closes else stream.last
        if last is None or last.packet is None:
            continue
        text = frame_text(last.opcode, last.length)
        kept = tracker.previews.before_close if tracker.previews is not None else {}
        number, payload = kept.get(side, (-1, ""))
        if number == last.number and payload:
            text += f": {payload}"
        yield _moment(tracker.flow, "frame", text, (last.packet, last.time), side, last.number)


def _findings(findings: Sequence[Finding]) -> Iterator[Moment]:
    shown = [
        one for one in findings if one.severity is not Severity.NOTE and one.packet is not None
    ]
    kinds: dict[tuple[str, Side | None], list[Finding]] = {}
    for finding in shown:
        kinds.setdefault((finding.name, finding.side), []).append(finding)
    # A fatal finding is the first of its kind that mattered.
    told = [
        (next((one for one in kind if one.fatal), kind[0]), len(kind)) for kind in kinds.values()
    ]
    told.sort(key=lambda one: not one[0].fatal)
    for finding, count in told[:MOST_FINDINGS]:
        times = f", {count} times" if count > 1 else ""
        text = f"{finding.code} {title_of(finding.name)}{times}"
        yield Moment("finding", text, finding.time, finding.side, finding.packet, finding.frame)


def _closes(flow: Flow, life: Life) -> Iterator[Moment]:
    for side in SIDES:
        one = life.side(side)
        if one.close is not None and one.close_at is not None:
            yield close_moment(flow, side, one.close, (one.close_at.packet, one.close_at.time))


def _tcp(flow: Flow, life: Life) -> Iterator[Moment]:
    for side in SIDES:
        one = life.side(side)
        if one.tls_end is not None:
            text = f"TLS {one.tls_said or 'ended, by the size of its last record'}"
            yield _moment(flow, "tls", text, (one.tls_end.packet, one.tls_end.time), side)
        for stamp, kind in ((one.fin, "fin"), (one.rst, "rst")):
            if stamp is not None:
                without = _without_close(life, side, stamp)
                text = mark_of(life, side, kind) + without
                yield _moment(flow, kind, text, (stamp.packet, stamp.time), side)
        for ladder in half_of(flow, side).ladders:
            text = f"sends the same bytes again and again: {ladder.sends} times"
            first = ladder.first_packet or 0, ladder.first_time
            yield _moment(flow, "ladder", text, first, side)


def _without_close(life: Life, side: Side, end: Stamp) -> str:
    """What to add to the end of a side's TCP where a Close should have come before it."""
    own, other = (one.close_at is not None and one.close_at <= end for one in _both(life, side))
    if own or life.side(side).unreadable or life.handshake not in ("accepted", "not-captured"):
        return ""
    return ", no Close of its own before it" if other else ", no Close frame before it"


def _both(life: Life, side: Side) -> tuple[SideLife, SideLife]:
    return life.side(side), life.side(side.other)


def _insert_silence(moments: list[Moment], life: Life) -> None:
    """The pause between the last payload and what ended the connection. Where a side sent the same
    bytes again and again, it was not silent on the wire.
    """
    ends = [one.terminal for one in (life.client, life.server) if one.terminal]
    if not ends:
        return
    end = min(ends)
    silence = life.silence_before(end)
    if silence is None or silence < SILENCE:
        return
    earlier = sum((moment.packet or 0) < end.packet for moment in moments)
    resent = any(moment.kind == "ladder" for moment in moments)
    text = "nothing but the same bytes" if resent else "silence"
    moments.insert(earlier, Moment("silence", text, None, seconds=silence / 1e9))
