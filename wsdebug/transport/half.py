"""One direction of a TCP connection: its place in sequence space, and the facts about it."""

from __future__ import annotations

import ipaddress
from array import array
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from wsdebug.model.place import NO_MARK, Mark, Side
from wsdebug.model.tcp import Ladder, StreamGap
from wsdebug.transport.reorder import Waiting

if TYPE_CHECKING:
    from wsdebug.transport.flow import Flow
    from wsdebug.transport.ladder import Climb

Stamp: TypeAlias = tuple[int | None, int | None]
"""Packet number and time in nanoseconds."""

Feed: TypeAlias = Callable[[bytes, Mark], Sequence[Any] | None]
"""What it returns, if anything, is for `Consumer.take`."""
Opening: TypeAlias = Callable[["Half", bytes, Mark], Sequence[Any] | None]
Window: TypeAlias = tuple[int | None, int | None]
"""From when to when no window was open, in nanoseconds; None for an end: to the end."""
Address: TypeAlias = bytes
"""4 or 16 bytes."""

MASK = 0xFFFFFFFF
_HALF_SPACE = 0x80000000
_SECOND = 1_000_000_000
FOREIGN_TTL = 3  # REPORT: a RST whose TTL differs by this much is not its sender's own
_MOST_ACKS = 2_048
LATEST = 1 << 63
"""In the year 2262: no clock that is to be believed."""


class Half:
    """What one side sent. `offset` is where its next in-order byte goes, `acked` how many of
    its bytes the peer acknowledged as captured (one more than `offset`: perhaps a FIN that the
    capture lacks). Times are nanoseconds.

    `fast_seq` is the sequence number that the fast lane may take without a further look; -1
    sends every packet of this half through `transport.assembly`. `ack` and `ack_offset` are the
    last acknowledgement this half sent and the offset in the peer's stream it stands for.
    """

    __slots__ = (
        "_ack_step", "_ack_times", "_acks", "ack", "ack_due", "ack_offset", "acked", "acked_time",
        "address",
        "announced", "base", "climb", "end_ack", "ended", "fast_seq", "feed", "fin", "fin_acked",
        "fin_offset", "flow", "gaps", "heard", "ladders", "last_mark", "last_number", "last_time",
        "missing", "offset", "opening", "packets", "past_end", "peer", "port", "pre_stream",
        "retransmissions", "rst", "rst_ip_id", "rst_ttl", "shut", "side", "skipped", "syn", "tail",
        "ttl", "unacknowledged_hole", "waiting", "zero_windows",
    )  # fmt: skip

    flow: Flow
    peer: Half

    def __init__(self, address: Address, port: int) -> None:
        self.address = address
        self.port = port
        self.side: Side | None = None
        # Where the stream stands.
        self.feed: Feed
        self.opening: Feed
        self.fast_seq = -1
        self.base = -1  # sequence number of offset 0; -1: not known
        self.offset = 0
        self.waiting: Waiting | None = None
        self.tail = b""  # the last bytes fed, at most 2 KiB, to compare retransmissions with
        self.ended: tuple[str, Mark] | None = None
        # What the peer said of it, and what it said of the peer.
        self.acked = 0
        self.acked_time: int | None = None
        self.ack_due = 0
        self._ack_step = _SECOND
        self._acks: array[int] | None = None
        self._ack_times: array[int] | None = None
        self.ack = -1
        self.ack_offset: int | None = None
        self.heard = -1  # the lowest number the peer acknowledged before `base` was known
        self.shut: Stamp | None = None  # since when it announces a zero window
        # Facts.
        self.packets = 0
        self.last_number = 0
        self.last_time: int | None = None
        self.last_mark: Mark = NO_MARK
        self.ttl: int | None = None
        self.syn: Stamp | None = None
        self.fin: Stamp | None = None
        self.fin_offset: int | None = None
        self.fin_acked: Stamp | None = None
        self.past_end = 0  # where its furthest empty segment stood
        self.rst: Stamp | None = None
        self.end_ack: int | None = None  # bytes of the peer that its first FIN or RST acknowledges
        self.rst_ttl: int | None = None
        self.rst_ip_id: int | None = None
        self.retransmissions = 0
        self.climb: Climb | None = None
        self.ladders: Sequence[Ladder] = ()
        self.zero_windows: Sequence[Window] = ()
        self.gaps: Sequence[StreamGap] = ()
        self.missing = 0  # bytes in gaps
        self.announced = 0  # offset its packets without data reached: so much it had sent
        self.skipped = False  # bytes went by between its first packet and its first captured byte
        self.pre_stream = 0  # bytes from before offset 0
        self.unacknowledged_hole: tuple[int, int] | None = None

    def join(self, peer: Half, flow: Flow, opening: Opening) -> None:
        """Make this and `peer` the two halves of `flow`."""
        for one, other in ((self, peer), (peer, self)):
            one.flow, one.peer = flow, other
            one.feed = one.opening = partial(opening, one)

    def part(self) -> None:
        """Nothing leads from here to the flow and the peer any more: the flow is over, and without
        a cycle its memory is free as soon as nobody wants its facts.
        """
        del self.flow, self.peer

    def inherit(self, lower: Half, place: Callable[[int], int]) -> None:
        """Take over what TCP said of the bytes that carried this stream's; `place` turns an
        offset of `lower` into one of this half.
        """
        self.acked = min(place(lower.acked), self.offset)
        self.acked_time = lower.acked_time
        self._ack_times = self._acks = None
        for time, acked in lower.ack_history:
            self._remember(time, place(acked))
        since = self.flow.start or 0
        self.retransmissions = lower.retransmissions
        self.ladders = [one for one in lower.ladders if _reaches(one.last_time, since)]
        self.zero_windows = joined(
            [*self.zero_windows, *(one for one in lower.zero_windows if _reaches(one[1], since))]
        )
        self.ttl, self.rst_ttl, self.rst_ip_id = lower.ttl, lower.rst_ttl, lower.rst_ip_id

    @property
    def rst_is_foreign(self) -> bool:
        """Whether the first RST has come another way than the sender's other packets."""
        if self.rst_ttl is None or self.ttl is None:
            return False
        return abs(self.rst_ttl - self.ttl) >= FOREIGN_TTL

    @property
    def has_unseen_fin(self) -> bool:
        """Whether its own empty segments or the peer's acknowledgements stand behind its last byte
        and no FIN or RST of it was captured: the one sequence number more is that of a FIN
        which the capture lacks (RFC 9293 3.4). To be asked when its holes are settled.
        """
        if self.fin is not None or self.rst is not None:
            return False
        return max(self.acked, self.past_end) > self.offset

    @property
    def address_text(self) -> str:
        """The IP address as people write it (RFC 5952)."""
        return address_text(self.address)

    @property
    def known_side(self) -> Side:
        """`side`, once the flow is open."""
        assert self.side is not None
        return self.side

    @property
    def bytes(self) -> int:
        """Stream bytes captured and in order, each once."""
        return self.offset - self.missing

    @property
    def unseen(self) -> int:
        """Sequence numbers behind the last captured byte and FIN that it has used all the same: the
        peer acknowledged them, or its own later packets stand behind them. One may be a FIN.
        """
        end = self.offset + (self.fin is not None)
        hole = sum(self.unacknowledged_hole or ())
        return max(0, max(self.acked, self.announced) - end, hole - self.offset)

    @property
    def last_data(self) -> Stamp | None:
        """Packet and time of its last new byte."""
        return None if self.last_mark is NO_MARK else self.last_mark[:2]

    @property
    def last_packet(self) -> Stamp | None:
        """Number and time of its last packet of any kind."""
        return (self.last_number, self.last_time) if self.packets else None

    @property
    def ack_history(self) -> list[tuple[int | None, int]]:
        """(time, acked), oldest first: the last advance of each second, the last advance always.
        Behind 2 048 entries every other one goes and a step is twice as long.
        """
        history: list[tuple[int | None, int]] = list(
            zip(self._ack_times or (), self._acks or (), strict=True)
        )
        if self.acked_time is not None and (not history or history[-1][1] != self.acked):
            history.append((self.acked_time, self.acked))
        return history

    @property
    def pinned(self) -> bool:
        """Whether offset 0 is certain: the SYN or a byte of data was captured."""
        return self.syn is not None or self.offset > 0 or self.waiting is not None

    @property
    def top(self) -> int:
        """Offset behind the last byte known to have been sent."""
        return self.offset if self.waiting is None else max(self.offset, self.waiting.end)

    def place(self, seq: int) -> int:
        """The offset nearest to `offset` that has this sequence number (RFC 9293 3.4)."""
        ahead = (seq - self.base - self.offset + _HALF_SPACE) & MASK
        return self.offset + ahead - _HALF_SPACE

    def anchor(self, seq: int) -> None:
        """Begin with the side's first segment, or where the peer said that it began. Without a SYN
        of the connection that is not done: what was in flight then came before the capture.
        """
        before = (seq - self.heard) & MASK
        if self.heard >= 0 and 0 < before < _HALF_SPACE >> 1 and self.flow.syn_seen:
            seq = self.heard
        self.begin(seq)

    def begin(self, seq: int) -> None:
        """Let offset 0 be `seq`; what was said about the old offsets is forgotten."""
        # Where it stood before: by its own packets, or by what the peer acknowledged.
        before = self.base if self.base >= 0 else self.peer.ack
        if before >= 0 and 0 < (seq - before) & MASK < _HALF_SPACE:
            self.skipped = True
        self.base = seq & MASK
        self.acked, self.acked_time = 0, None
        self.peer.ack, self.peer.ack_offset = -1, None

    def advance(self, acked: int, time: int | None, now: int) -> None:
        """The peer acknowledged more."""
        if now >= self.ack_due:
            self.keep_ack(now)
        self.acked, self.acked_time = acked, time

    def keep_ack(self, now: int) -> None:
        """Move the last advance of the second that is over into the history."""
        self.ack_due = now + self._ack_step
        self._remember(self.acked_time, self.acked)
        if self._acks is not None and len(self._acks) >= _MOST_ACKS:
            assert self._ack_times is not None
            del self._ack_times[::2], self._acks[::2]
            self._ack_step *= 2

    def _remember(self, time: int | None, acked: int) -> None:
        """Numbers of 64 bits: an open connection would keep 500 KB of pairs, these are 32 KB."""
        if time is None or time >= LATEST:
            return
        if self._acks is None or self._ack_times is None:
            self._ack_times, self._acks = array("q"), array("q")
        self._ack_times.append(time)
        self._acks.append(acked)


def _reaches(end: int | None, since: int) -> bool:
    """Whether what ended then was still there at `since`."""
    return end is None or end > since


def joined(windows: Sequence[Window]) -> Sequence[Window]:
    """Times in which a window was closed, in order, those that overlap as one: it may have been
    several windows at a time. None for an end: it never opened again.
    """
    found: list[Window] = []
    for begin, until in sorted(windows, key=_began):
        if found and begin is not None:
            since, last = found[-1]
            if last is None or begin <= last:
                found[-1] = since, None if None in (last, until) else max(last or 0, until or 0)
                continue
        found.append((begin, until))
    return found


def _began(window: Window) -> int:
    return window[0] or 0


@lru_cache(maxsize=1024)
def address_text(address: Address) -> str:
    """The IP address as people write it (RFC 5952), a server's once and not once a connection."""
    if len(address) == 4:
        return "{}.{}.{}.{}".format(*address)
    return str(ipaddress.ip_address(address))
