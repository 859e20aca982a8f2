"""What acknowledgements prove of the order in which two sides spoke.

A packet that acknowledges a byte was sent behind it, wherever the capture holds the two: several
queues of a card, several interfaces and two clocks mix the directions up. Answers are packet
numbers: by that packet it had been sent.
"""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.model.facts import Close
from wsdebug.model.place import Side
from wsdebug.transport import Half
from wsdebug.transport.carried import CarriedHalf


def first_close(tracker: Tracker, side: Side) -> Close | None:
    """A side's first Close frame."""
    stream = tracker.decoder.streams.get(side)
    return stream.closes[0] if stream is not None and stream.closes else None


def close_sent_by(tracker: Tracker, close: Close) -> int:
    """Of a Close. The FIN of its side stands behind it in the stream."""
    side = close.span.side
    fin = fin_sent_by(tracker, side)
    known = [_close(tracker, close), *([fin] if fin is not None else [])]
    return min((*known, *_before_close(tracker, side.other, close.end)))


def fin_sent_by(tracker: Tracker, side: Side) -> int | None:
    """Of a side's FIN, which takes a number of its own behind its last byte (RFC 9293 3.4)."""
    half, known = half_of(tracker.flow, side), _fin(tracker, side)
    if known is None or half.fin_offset is None or isinstance(half, CarriedHalf):
        return known  # it takes none of what TLS carries
    return min((known, *_before_close(tracker, side.other, half.fin_offset + 1)))


def _close(tracker: Tracker, close: Close) -> int:
    side, packet = close.span.side, close.span.packet or 0
    fin = _fin(tracker, side)
    known = (packet, packet if fin is None else fin)
    return min((*known, *_before_end(half_of(tracker.flow, side.other), close.end)))


def _fin(tracker: Tracker, side: Side) -> int | None:
    half, peer = half_of(tracker.flow, side), half_of(tracker.flow, side.other)
    if half.fin is None or half.fin_offset is None:
        return None
    if isinstance(peer, CarriedHalf):
        peer = peer.outer
    return min((half.fin[0] or 0, *_before_end(peer, half.fin_offset + 1)))


def _before_close(tracker: Tracker, side: Side, reached: int) -> Iterator[int]:
    """The packet in front of a side's Close, if that acknowledges so many bytes."""
    close = first_close(tracker, side)
    if close is not None and (close.acknowledged or 0) >= reached:
        yield _close(tracker, close) - 1


def _before_end(half: Half, reached: int) -> Iterator[int]:
    """The packet in front of its first FIN or RST, if that acknowledges so many bytes."""
    if half.end_ack is not None and half.end_ack >= reached:
        ends = [end[0] or 0 for end in (half.fin, half.rst) if end is not None]
        yield min(ends) - 1
