"""TCP for everything that is not the next bytes in order: the slow path, one segment at a time."""

from __future__ import annotations

from wsdebug.model.limits import Limits
from wsdebug.model.place import Mark
from wsdebug.model.tcp import EventKind
from wsdebug.transport.acknowledge import acknowledge, window
from wsdebug.transport.alarms import Alarms
from wsdebug.transport.flow import Flow
from wsdebug.transport.half import Half
from wsdebug.transport.holes import Holes, deliver, end, rearm
from wsdebug.transport.ladder import resent
from wsdebug.transport.parked import Parked
from wsdebug.transport.reorder import Difference, Piece, first_difference
from wsdebug.transport.segment import ACK, FIN, RST, SYN, Recent, Segment

_WINDOW = 1 << 30  # RFC 7323 2.3: no window is larger
_REORDERED = 3_000_000
"""Nanoseconds: bytes that come later than this behind their successors were sent again. Shorter
than any retransmission timer, longer than what the queues of a network card mix up."""
LINGER = 20_000_000_000
"""Nanoseconds without a packet after which a connection that has ended is over."""
CLOSED_LINGER = 5_000_000_000
"""The same where both FINs were acknowledged: neither side has anything left to send again, and a
busy server's connections need not wait in memory for so long."""


def linger(flow: Flow | Parked) -> int:
    """How long a connection that has ended may be quiet before it is over, in nanoseconds."""
    return CLOSED_LINGER if flow.is_settled else LINGER


class Assembly:
    """The slow path's state: holes and alarms of all connections, and the last packets."""

    def __init__(self, limits: Limits, given_up: dict[str, int]) -> None:
        self.alarms = Alarms()
        self.recent = Recent()
        self.holes = Holes(limits, self.alarms, given_up)
        self._most_events = limits.events
        self.cut_packets = 0

    def segment(self, half: Half, segment: Segment) -> None:
        """Take any segment of a connection."""
        flow, bits = half.flow, segment.header.bits
        half.packets += 1
        half.last_number, half.last_time = segment.number, segment.time
        if bits & RST:
            self._reset(half, segment)
        else:
            half.ttl = segment.header.ttl
            self._in_sequence(half, segment)
        if not flow.ignored:
            if flow.first.waiting is not None:
                self.holes.settle(flow.first, segment.number, segment.now)
            if flow.second.waiting is not None:
                self.holes.settle(flow.second, segment.number, segment.now)
            rearm(flow)

    def wake(self, half: Half, number: int, now: int) -> None:
        """An alarm: look at the half's hole again."""
        if half.waiting is None:  # filled since then, or its flow is over
            return
        self.holes.settle(half, number, now)
        rearm(half.flow)

    def conclude(self, flow: Flow, number: int, now: int) -> None:
        """Settle what is still open at the end of a connection, and note what never was."""
        for half in (flow.first, flow.second):
            if half.waiting is not None:
                self.holes.settle(half, number, now, final=True)
            waiting, half.unacknowledged_hole = half.waiting, None
            if waiting is not None and waiting.pieces:
                length = waiting.pieces[0].start - half.offset
                half.unacknowledged_hole = (half.offset, length)
            if half.top > half.acked and half.peer.packets:
                at = half.last_data or half.last_packet or (None, None)
                length = half.top - half.acked
                flow.note(EventKind.NOT_ACKNOWLEDGED, half, at, half.acked, length)
            self.holes.drop(half)
            end(half)
            closed, later = half.fin_acked, half.peer.last_data
            if closed is not None and later is not None and (later[0] or 0) > (closed[0] or 0):
                flow.note(EventKind.HALF_CLOSE, half, closed, half.fin_offset)
            if half.shut is not None and len(half.zero_windows) < self._most_events:
                half.zero_windows = [*half.zero_windows, (half.shut[1], None)]

    def _in_sequence(self, half: Half, segment: Segment) -> None:
        header, flow = segment.header, half.flow
        bits, size = header.bits, segment.size
        first = header.seq
        if bits & SYN:
            self._synchronise(half, segment)
            first += 1  # RFC 9293 3.4: SYN takes a number, data on it begin behind
        if half.base < 0:
            half.anchor(first)
        elif not half.pinned and (size or bits & FIN) and half.place(first) <= 1:
            # Its empty segments told where it stands, but for a keep-alive (RFC 9293 3.8.4) and
            # those that overtook what was sent before them.
            half.begin(first)
        acked = acknowledge(half, segment) if bits & ACK else None
        if not header.window or half.shut is not None:
            window(half, segment, self._most_events)
        start = half.place(first)
        if abs(start - half.offset) > _WINDOW:
            flow.note(EventKind.OUT_OF_WINDOW, half, segment.at, None, size)
            return
        if not size and start > half.announced:
            half.announced = start
        if size:
            self._data(half, segment, start, (*segment.at, acked))
        elif not bits & (SYN | FIN) and start == half.top - 1 and half.fin is None:
            # RFC 9293 3.8.4: a keep-alive carries the number before the next one.
            flow.note(EventKind.KEEP_ALIVE, half, segment.at, start)
        elif half.pinned:
            half.past_end = max(half.past_end, start)
        if bits & FIN and not flow.ignored:
            self._finish(half, segment, start + size, (*segment.at, acked))

    def _synchronise(self, half: Half, segment: Segment) -> None:
        flow, first = half.flow, segment.header.seq + 1
        if half.syn is not None:
            if self.recent.has(segment):
                flow.note(EventKind.SEEN_TWICE, half, segment.at)
            else:
                half.retransmissions += 1
                flow.note(EventKind.RETRANSMISSION, half, segment.at)
        else:
            half.syn = segment.at
        if half.offset == 0 and half.waiting is None:
            half.begin(first)
        if flow.client is None:
            flow.set_client(half.peer if segment.header.bits & ACK else half)

    def _reset(self, half: Half, segment: Segment) -> None:
        if half.rst is None:
            half.rst = segment.at
            _note_end(half, segment)
            half.flow.freeze()
            half.rst_ttl, half.rst_ip_id = segment.header.ttl, segment.ip_id
            if half.base >= 0 and not half.rst_is_foreign:
                start = half.place(segment.header.seq)
                half.announced = max(half.announced, start if start - half.top < _WINDOW else 0)
            half.flow.tell(EventKind.RST, half, segment.at, half.offset)
        else:
            half.flow.note(EventKind.RST, half, segment.at)
        self._over(half.flow, segment)
        # A third party's RST does not stop the sender: what comes behind it is in the stream.
        if half.waiting is None and not half.rst_is_foreign:
            end(half)

    def _finish(self, half: Half, segment: Segment, offset: int, mark: Mark) -> None:
        flow = half.flow
        if half.fin is None and offset >= half.top:
            half.fin, half.fin_offset = segment.at, offset
            _note_end(half, segment)
            flow.freeze()
            if half.acked > offset:
                half.acked, half.fin_acked = offset, segment.at
            if offset > half.offset:
                self.holes.keep(half, Piece(offset, b"", mark, segment.now))
            else:
                end(half)
            flow.tell(EventKind.FIN, half, segment.at, offset)
            self._over(flow, segment)
        elif offset == half.fin_offset and segment.size == 0:
            if self.recent.has(segment):
                flow.note(EventKind.SEEN_TWICE, half, segment.at, offset)
            else:
                self._resent(half, segment, "fin", offset)

    def _over(self, flow: Flow, segment: Segment) -> None:
        if flow.is_over:
            self.alarms.at_time(segment.now + CLOSED_LINGER, flow)

    def _data(self, half: Half, segment: Segment, start: int, mark: Mark) -> None:
        flow, size, top = half.flow, segment.size, half.top
        stop = start + size
        fresh = stop > half.offset and (half.waiting is None or self._is_fresh(half, start, stop))
        if start == top - 1 and size == 1 and not fresh:
            flow.note(EventKind.KEEP_ALIVE, half, segment.at, start)
            return
        if start < 0:
            early = min(-start, size)
            half.pre_stream += early
            flow.note(EventKind.BEFORE_START, half, segment.at, start, early)
        if start < top and stop > 0:
            if not fresh and half.peer.shut is not None:
                flow.note(EventKind.WINDOW_PROBE, half, segment.at, start, size)
            else:
                self._again(half, segment, start, fresh=fresh and stop <= top)
        limit = half.fin_offset
        if fresh and (half.ended is not None or (limit is not None and stop > limit)):
            flow.note(EventKind.AFTER_END, half, segment.at, start, size)
            half.last_mark = mark
        else:
            self._store(half, segment, start, mark, fresh=fresh)

    def _is_fresh(self, half: Half, start: int, stop: int) -> bool:
        waiting = half.waiting
        return waiting is not None and waiting.lacks(max(start, half.offset), stop)

    def _again(self, half: Half, segment: Segment, start: int, *, fresh: bool) -> None:
        """Bytes behind which others were seen: late, captured twice, or sent again."""
        flow, at, size = half.flow, segment.at, segment.size
        waiting = half.waiting
        overtaken = waiting.behind(start).now if fresh and waiting is not None else None
        if overtaken is not None and segment.now - overtaken <= _REORDERED:
            flow.note(EventKind.OUT_OF_ORDER, half, at, start, size)
            return
        if self.recent.has(segment):
            flow.note(EventKind.SEEN_TWICE, half, at, start, size)
            return
        self._resent(half, segment, "data", start)

    def _resent(self, half: Half, segment: Segment, what: str, start: int) -> None:
        half.retransmissions += 1
        half.flow.note(EventKind.RETRANSMISSION, half, segment.at, start, segment.size)
        resent(half, what, start, segment)

    def _store(self, half: Half, segment: Segment, start: int, mark: Mark, *, fresh: bool) -> None:
        """Feed the bytes, or let them wait; compare what is there already."""
        payload, offset, stop = segment.payload, half.offset, start + segment.size
        tail = offset - len(half.tail)
        self._overlap(half, first_difference(tail, half.tail, start, payload), mark)
        if half.flow.ignored or not fresh:
            return
        half.last_mark = mark
        cut = stop > start + len(payload)
        if not cut and half.waiting is None and start <= offset:
            deliver(half, payload[offset - start :], mark)
            return
        skip = max(0, offset - start)
        piece = Piece(start + skip, payload[skip:], mark, segment.now)
        if cut:
            self.cut_packets += 1
            half.flow.note(EventKind.SNAP_LENGTH, half, segment.at, start, stop - start)
            if piece.start > offset:
                self.holes.keep(half, piece._replace(data=b""))
        difference = self.holes.keep(half, piece) if piece.data else None
        if cut:
            self.holes.keep(half, piece._replace(start=stop, data=b"", cut=True))
        self._overlap(half, difference, mark)
        if not half.flow.ignored:
            self.holes.release(half)
            self.holes.enforce(half, mark)

    def _overlap(self, half: Half, difference: Difference | None, mark: Mark) -> None:
        if difference is None:
            return
        offset, kept, other = difference
        half.flow.note(EventKind.OVERLAP, half, mark[:2], offset, len(other))
        if half.flow.consumer is not None:
            half.flow.consumer.overlap(half.known_side, offset, kept, other, mark)


def _note_end(half: Half, segment: Segment) -> None:
    """How much of the peer's stream this first FIN or RST itself acknowledges."""
    header, peer = segment.header, half.peer
    if half.end_ack is None and header.bits & ACK and peer.base >= 0:
        half.end_ack = peer.place(header.ack)


def conclude(flow: Flow, limits: Limits, number: int, now: int) -> None:
    """Settle a copy of a connection that nobody else knows, as at the end of a capture."""
    Assembly(limits, {}).conclude(flow, number, now)
