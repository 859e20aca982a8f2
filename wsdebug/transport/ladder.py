"""Retransmissions of the same bytes at growing intervals (RFC 6298 5.5): nobody answers."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.model.tcp import EventKind, Ladder
from wsdebug.transport.half import Half, Stamp
from wsdebug.transport.segment import Segment

_SENDS = 4
_GROWTH = 1.5


class Climb:
    """The sends of one piece of a half, from the first one on, while the peer says nothing new."""

    __slots__ = ("first", "last", "length", "now", "offset", "peer", "previous", "sends", "what")

    def __init__(self, half: Half, what: str, offset: int, first: Stamp) -> None:
        self.what = what
        self.offset = offset
        self.length = 0
        self.first = self.last = first
        self.now = first[1] or 0
        self.previous: int | None = None  # the interval before the last one
        self.sends = 1
        self.peer = _progress(half.peer)


def resent(half: Half, what: str, offset: int, segment: Segment) -> None:
    """Note that `half` sent the bytes of `segment` again."""
    length, at, now = segment.size, segment.at, segment.now
    climb = half.climb
    if climb is None or climb.offset != offset or climb.what != what:
        first = half.fin if what == "fin" else half.last_data
        climb = half.climb = Climb(half, what, offset, first or at)
    if climb.peer != _progress(half.peer):
        climb = half.climb = Climb(half, what, offset, at)
        climb.length, climb.now = length, now
        return
    interval, previous = now - climb.now, climb.previous
    climb.previous, climb.now, climb.last = interval, now, at
    climb.length = max(climb.length, length)
    climb.sends += 1
    known = bool(half.ladders) and half.ladders[-1].first_packet == climb.first[0]
    known = known and half.ladders[-1].offset == offset
    grows = previous is not None and previous > 0 and interval >= _GROWTH * previous
    if known:
        half.ladders = [*half.ladders[:-1], _ladder(half, climb)]
    elif climb.sends >= _SENDS and grows:
        half.flow.note(EventKind.LADDER, half, at, offset, length)
        half.ladders = _with(half.ladders, _ladder(half, climb), half.flow.most_events)


def unanswered(half: Half) -> Climb | None:
    """The bytes, or the FIN, that `half` sends again and that are not acknowledged so far."""
    climb = half.climb
    if climb is None or climb.peer != _progress(half.peer):
        return None
    known = half.fin_acked if climb.what == "fin" else half.acked >= climb.offset + climb.length
    return None if known else climb


def _progress(peer: Half) -> tuple[int, Stamp | None, Stamp | None]:
    """What must not change on a ladder: the other side's new bytes, FIN and RST."""
    return peer.top, peer.fin, peer.rst


def _ladder(half: Half, climb: Climb) -> Ladder:
    end = climb.offset + climb.length
    acknowledged = half.fin_acked is not None if climb.what == "fin" else half.acked >= end
    return Ladder(
        climb.what,
        climb.offset,
        climb.length,
        climb.sends,
        *climb.first,
        *climb.last,
        acknowledged,
    )


def _with(ladders: Sequence[Ladder], ladder: Ladder, most: int) -> Sequence[Ladder]:
    return [*ladders, ladder] if len(ladders) < most else ladders
