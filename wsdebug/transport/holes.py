"""Holes in a stream: when the bytes are declared missing, and what comes behind them.

A hole is no gap yet: captures hold packets in the wrong order, and networks lose some. It
becomes a gap when the receiver is known to have the bytes (it acknowledged them, or the packet
itself is here, cut by the snap length) and 64 packets or 50 ms have passed since; where no packet
of the receiver was captured, 64 packets and 1 s after the bytes behind it came. A hole that
no acknowledgement passes is loss on the way: the stream ends there. Where the capture cannot tell
(the beginning of a side without its SYN; a FIN behind which the receiver was not heard) it is a
gap as well, "not-known".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wsdebug.model.limits import Limits
from wsdebug.model.place import Mark
from wsdebug.model.tcp import EventKind, StreamGap
from wsdebug.transport.alarms import Alarms
from wsdebug.transport.half import MASK, Half
from wsdebug.transport.reorder import Difference, Piece, Waiting

if TYPE_CHECKING:
    from wsdebug.transport.flow import Flow

_PACKETS = 64
_PATIENCE = 50_000_000
_ONE_DIRECTION_PATIENCE = 1_000_000_000
TAIL = 2_048
"""Bytes of a stream kept, behind the ones still buffered, to compare retransmissions with."""


class Hole(NamedTuple):
    """From the half's `offset` to `end`; packet and time of the evidence that they were sent."""

    end: int
    reason: str
    number: int
    now: int

    @property
    def is_guess(self) -> bool:
        """No acknowledgement told that the receiver has the bytes."""
        return self.reason in {"one-direction", "not-known"}

    def is_due(self, number: int, now: int) -> bool:
        """Whether enough of the capture has gone by since the evidence."""
        if self.is_guess:
            late = now >= self.now + _ONE_DIRECTION_PATIENCE
            return late and number >= self.number + _PACKETS
        return number >= self.number + _PACKETS or now >= self.now + _PATIENCE


class Holes:
    """The waiting pieces of all connections, within the limits."""

    __slots__ = ("_alarms", "_limits", "given_up", "held")

    def __init__(self, limits: Limits, alarms: Alarms, given_up: dict[str, int]) -> None:
        self._limits = limits
        self._alarms = alarms
        self.given_up = given_up
        self.held = 0

    def keep(self, half: Half, piece: Piece) -> Difference | None:
        """Let a piece wait; returns where it differs from bytes that waited before."""
        waiting = half.waiting = half.waiting or Waiting()
        before, difference = waiting.cost, None
        if piece.data:
            difference = waiting.add(piece)
        else:
            waiting.add_edge(piece)
        self.held += waiting.cost - before
        return difference

    def release(self, half: Half) -> None:
        """Feed the pieces whose turn has come."""
        waiting = half.waiting
        if waiting is None:
            return
        before = waiting.cost
        ready = waiting.take(half.offset)
        self.held -= before - waiting.cost
        reach = ready[-1].start + len(ready[-1].data) if ready else half.offset
        reach = max(reach, half.offset)
        waiting.beyond = [proof for proof in waiting.beyond if proof[0] > reach + 1]
        if not waiting.pieces and not waiting.beyond:
            half.waiting = None
        for piece in ready:
            deliver(half, piece.data[half.offset - piece.start :], piece.mark)
        if half.waiting is None:
            end(half)

    def enforce(self, half: Half, mark: Mark) -> None:
        """Give holes up while more waits behind them than the limits allow."""
        while (waiting := half.waiting) is not None and waiting.pieces:
            if waiting.cost > self._limits.flow_buffer:
                limit = "flow-buffer"
            elif self.held > self._limits.total_buffer:
                limit = "total-buffer"
            else:
                return
            self.given_up[limit] = self.given_up.get(limit, 0) + 1
            half.flow.limits_hit |= {limit}
            self._declare(half, waiting.pieces[0].start, "buffer-limit", mark)

    def settle(self, half: Half, number: int, now: int, *, final: bool = False) -> None:
        """Declare the holes whose time has come (`final`: that have any evidence)."""
        while (waiting := half.waiting) is not None:
            if waiting.pieces:
                hole = _hole(half, waiting, number, now, final=final)
            else:
                hole = _tail(waiting, number, now, final=final)
            if hole is None:
                return
            if not final and not hole.is_due(number, now):
                self._set_alarm(half, hole, number, now)
                return
            mark = waiting.pieces[0].mark if waiting.pieces else (number, half.acked_time, None)
            self._declare(half, hole.end, hole.reason, mark)

    def drop(self, half: Half) -> None:
        """Forget what waits."""
        if half.waiting is not None:
            self.held -= half.waiting.cost
            half.waiting = None

    def _declare(self, half: Half, end_offset: int, reason: str, mark: Mark) -> None:
        offset, flow = half.offset, half.flow
        length = end_offset - offset
        half.offset = end_offset
        half.missing += length
        half.tail = b""
        flow.note(EventKind.GAP, half, mark[:2], offset, length)
        if len(half.gaps) < self._limits.events:
            half.gaps = [*half.gaps, StreamGap(offset, length, reason, mark[0], mark[1])]
        flow.ready(half, b"")
        if flow.consumer is not None:
            flow.consumer.gap(half.known_side, length, mark, reason)
        if not flow.ignored:
            self.release(half)

    def _set_alarm(self, half: Half, hole: Hole, number: int, now: int) -> None:
        patience = _ONE_DIRECTION_PATIENCE if hole.is_guess else _PATIENCE
        if number < hole.number + _PACKETS:
            self._alarms.at_number(hole.number + _PACKETS, half)
        if now < hole.now + patience:
            self._alarms.at_time(hole.now + patience, half)


def _hole(half: Half, waiting: Waiting, number: int, now: int, *, final: bool) -> Hole | None:
    """The hole before the first piece, if there is evidence that the receiver has its bytes, or
    nothing can tell.
    """
    first = waiting.pieces[0]
    if first.cut:
        return Hole(first.start, "snap-length", first.mark[0] or 0, first.now)
    for acked, proof_number, proof_now in waiting.beyond:
        if acked >= first.start:
            return Hole(first.start, "acknowledged", proof_number, proof_now)
    if half.acked >= first.start:
        waiting.add_proof(half.acked, number, now)
        return Hole(first.start, "acknowledged", number, now)
    if half.peer.packets == 0:
        return Hole(first.start, "one-direction", first.mark[0] or 0, first.now)
    is_beginning = half.syn is None and half.offset == 0
    if is_beginning or (final and _is_unheard(half)):
        return Hole(first.start, "not-known", first.mark[0] or 0, first.now)
    return None


def _is_unheard(half: Half) -> bool:
    """Whether the receiver was not heard any more behind the FIN. To a FIN behind lost bytes it
    answers at once (RFC 9293 3.10.7.4), so its silence tells nothing.
    """
    return half.fin is not None and half.peer.last_number < (half.fin[0] or 0)


def _tail(waiting: Waiting, number: int, now: int, *, final: bool) -> Hole | None:
    """Bytes acknowledged with nothing captured behind them: up to the last evidence that is due.
    A single one may be a FIN, and is no evidence (`acknowledge`).
    """
    proofs = [Hole(acked, "acknowledged", *at) for acked, *at in waiting.beyond]
    due = [hole for hole in proofs if final or hole.is_due(number, now)] or proofs[:1]
    return due[-1] if due else None


def deliver(half: Half, data: bytes, mark: Mark) -> None:
    """Feed bytes whose turn it is."""
    if data and not half.flow.ignored:
        half.offset += len(data)
        half.tail = data[-TAIL:]
        facts = half.feed(data, mark)
        if facts:
            half.flow.take(facts)


def end(half: Half) -> None:
    """Tell that the stream is over, once it is: nothing waits, and its FIN or RST has come."""
    if half.ended is not None or half.flow.ignored:
        return
    if half.fin is not None and half.fin_offset is not None and half.offset >= half.fin_offset:
        half.ended = "fin", (*half.fin, half.ack_offset)
    elif half.rst is not None:
        half.ended = "rst", (*half.rst, half.ack_offset)
    else:
        return
    if half.flow.consumer is not None:
        half.flow.consumer.end(half.known_side, *half.ended)


def rearm(flow: Flow) -> None:
    """Let the fast lane take the next packet of each half if nothing needs a look at it. While
    bytes of the peer wait, a half's packets may carry the SACK that proves a gap.
    """
    one, other = flow.first, flow.second
    waits = one.waiting is not None or other.waiting is not None
    for half in (one, other):
        if waits or half.fin or half.rst or half.base < 0 or half.shut:
            half.fast_seq = -1
        else:
            half.fast_seq = (half.base + half.offset) & MASK
