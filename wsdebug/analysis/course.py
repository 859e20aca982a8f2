"""The usual course of a connection: handshake, frames, a Close of each side, a FIN of each.

Nothing is judged here. Where all of that came whole and in that order, and nothing else happened,
what can be said of the end depends on who closed and with what, and not on when.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from wsdebug.analysis.outcomes import LEFT_OPEN
from wsdebug.analysis.sent_before import close_sent_by, fin_sent_by
from wsdebug.analysis.tracker import Tracker
from wsdebug.diagnosis.why import SILENCE
from wsdebug.model.facts import Close
from wsdebug.model.place import Side
from wsdebug.protocol.frames import FrameStream
from wsdebug.transport import Flow, Half

Kind: TypeAlias = tuple[Side, Side, str, int | None, bytes, str, int | None, bytes]
"""Who sent the first Close, who the first FIN; body, code and reason of both Closes."""


Place: TypeAlias = tuple[int | None, int | None]
"""Packet and time in ns."""


class Leaving(NamedTuple):
    """One side on its way out."""

    half: Half
    stream: FrameStream
    close: Close
    fin: tuple[int, int]


class Course(NamedTuple):
    """What the end is told by; times in ns."""

    kind: Kind
    closer: Leaving
    """Who sent the first Close."""
    other: Leaving
    ended: int
    """When the first Close came."""
    silence: int
    """From the last payload before it."""
    age: int
    """From the 101."""


def course_of(tracker: Tracker) -> Course | None:
    """The course of a connection that is over, None if it was not the usual one."""
    flow, decoder = tracker.flow, tracker.decoder
    if flow.tls is not None:
        return None  # how TLS ended is a part of the story
    if tracker.breaches or tracker.dropped or tracker.unread or decoder.attempts:
        return None
    if decoder.result != "accepted" or any(decoder.liveness.waiting.values()):
        return None
    if flow.h2_stream is not None:
        return None
    streams = decoder.streams
    client = _leaving(tracker, flow.client, streams.get(Side.CLIENT))
    server = _leaving(tracker, flow.server, streams.get(Side.SERVER))
    response = decoder.handshake.response if decoder.handshake is not None else None
    if client is None or server is None or response is None or response.time is None:
        return None
    if (client.close.span.packet or 0) < (server.close.span.packet or 0):
        return _course(flow, client, server, response.time)
    return _course(flow, server, client, response.time)


def _leaving(tracker: Tracker, half: Half | None, stream: FrameStream | None) -> Leaving | None:
    """A side that was captured from its SYN to its FIN, whose every byte was read as a frame and
    whose one Close was the last of them; None of any other, and where the other side acknowledged
    Close or FIN before the capture shows them.
    """
    if half is None or stream is None or half.syn is None or half.fin is None:
        return None
    packet, time = half.fin
    if half.rst is not None or packet is None or time is None or len(stream.closes) != 1:
        return None
    if half.skipped or half.missing or half.ladders or half.unseen:
        return None
    if stream.gaps or stream.unsynchronised or stream.unreadable or stream.is_blind:
        return None
    close, side = stream.closes[0], stream.side
    sent_by = close_sent_by(tracker, close), fin_sent_by(tracker, side)
    if sent_by != (close.span.packet, packet):
        return None
    return Leaving(half, stream, close, (packet, time))


def _course(flow: Flow, closer: Leaving, other: Leaving, opened: int) -> Course | None:
    """The course if all before the first Close came before it, and all behind it in its turn."""
    first, answer = closer.close, other.close
    if not _is_in_order(closer, other):
        return None
    notes = (closer.stream.before_close, other.stream.before_close)
    spoken = [(note.last_packet, note.last_time) for note in notes if note is not None]
    before = flow.data_before_end(other.half)
    latest = max([*spoken, *([before] if before is not None else [])], key=_packet, default=None)
    last = latest[1] if latest is not None else opened
    place, ended = first.span.packet, first.span.time
    if place is None or last is None or ended is None or _is_late(latest, place):
        return None
    if not opened <= last <= ended < last + SILENCE:
        return None
    hung_up = closer if closer.fin < other.fin else other
    closes = (first.body, first.code, first.reason, answer.body, answer.code, answer.reason)
    kind = (first.span.side, hung_up.half.known_side, *closes)
    return Course(kind, closer, other, ended, ended - last, ended - opened)


def _is_in_order(closer: Leaving, other: Leaving) -> bool:
    """Close, answer, and both FINs soon after; each Close in one packet."""
    first, answer = closer.close, other.close
    asked, answered = first.span.packet, answer.span.packet
    sent = closer.half.last_data
    if asked is None or answered is None or answer.span.time is None or sent is None:
        return False
    fins = (closer.fin, other.fin)
    return (
        sent[0] == asked < answered < min(fins)[0]
        and answer.acknowledged is not None
        and answer.acknowledged >= first.end <= closer.half.acked
        and max(fin[1] for fin in fins) - answer.span.time <= LEFT_OPEN
    )


def _is_late(latest: Place | None, place: int) -> bool:
    return latest is not None and _packet(latest) >= place


def _packet(stamp: Place) -> int:
    return stamp[0] or 0
