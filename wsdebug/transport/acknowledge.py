"""What a segment says about the other direction: acknowledgement, SACK, window."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.model.tcp import EventKind
from wsdebug.transport.half import MASK, Half
from wsdebug.transport.reorder import Waiting
from wsdebug.transport.segment import SYN, Segment

_WINDOW = 1 << 30
_SACK, _NO_OPERATION, _END_OF_OPTIONS = 5, 1, 0


def acknowledge(half: Half, segment: Segment) -> int | None:
    """Move the peer's `acked`; returns how many of its bytes this segment acknowledges."""
    peer, ack = half.peer, segment.header.ack
    if peer.base < 0:
        peer.skipped = peer.skipped or half.ack not in (-1, ack)
        half.ack, half.ack_offset = ack, None
        if peer.heard < 0 or (peer.heard - ack) & MASK < _WINDOW:
            peer.heard = ack
        return None
    acked = peer.place(ack)
    if acked == 1 and not peer.pinned:
        # RFC 9293 3.8.4: a keep-alive, with the number before the next one, was all of the peer.
        peer.begin(ack)
        acked = 0
    if abs(acked - peer.offset) > _WINDOW:
        return None
    if half.ack_offset is None or acked >= half.ack_offset:
        half.ack, half.ack_offset = ack, acked
    limit = peer.fin_offset
    if limit is not None and acked > limit:
        peer.fin_acked = peer.fin_acked or segment.at
        acked = limit
    if acked > peer.acked:
        peer.advance(acked, segment.time, segment.now)
        if acked > peer.offset + 1 or (acked > peer.offset and peer.waiting is not None):
            _prove(peer, acked, segment)
    if peer.waiting is not None and peer.waiting.pieces:
        for left, right in _sack_blocks(segment):
            if peer.place(left) <= peer.offset < peer.place(right):
                _prove(peer, peer.place(right), segment)
    return max(acked, 0)


def window(half: Half, segment: Segment, most: int) -> None:
    """Note where the sender's window closes and opens again (RFC 9293 3.8.6)."""
    if segment.header.bits & SYN:
        return
    if segment.header.window == 0:
        if half.shut is None:
            half.shut = segment.at
            half.flow.note(EventKind.ZERO_WINDOW, half, segment.at)
    elif half.shut is not None:
        half.flow.note(EventKind.WINDOW_OPEN, half, segment.at)
        if len(half.zero_windows) < most:
            half.zero_windows = [*half.zero_windows, (half.shut[1], segment.time)]
        half.shut = None


def _prove(peer: Half, acked: int, segment: Segment) -> None:
    peer.waiting = peer.waiting or Waiting()
    peer.waiting.add_proof(acked, segment.number, segment.now)


def _sack_blocks(segment: Segment) -> Iterator[tuple[int, int]]:
    """Left and right edges of the SACK option (RFC 2018 3)."""
    at, stop = segment.header.tcp + 20, min(segment.header.start, len(segment.data))
    data = segment.data
    while at + 1 < stop and data[at] != _END_OF_OPTIONS:
        if data[at] == _NO_OPERATION:
            at += 1
            continue
        size = data[at + 1]
        if data[at] == _SACK:
            for edge in range(at + 2, min(at + size, stop) - 7, 8):
                left, right = data[edge : edge + 4], data[edge + 4 : edge + 8]
                yield int.from_bytes(left, "big"), int.from_bytes(right, "big")
        at += max(size, 2)
