"""One stream of an HTTP/2 connection as a connection of its own.

Everything behind `Tracker` reads a flow: offsets, ends, acknowledgements, windows. A stream has
them all, in other words (REPORT, "How it ended"): END_STREAM is its FIN, RST_STREAM its RST, an
exhausted window its zero window; what TCP acknowledged is known by `Places`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wsdebug.analysis.shared import Shared
from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.model.handshake import Head
from wsdebug.model.http2 import StreamEnd
from wsdebug.model.place import SIDES, Mark, Side
from wsdebug.model.tcp import EventKind
from wsdebug.model.tls import TlsFacts
from wsdebug.protocol.handshake import make_handshake
from wsdebug.transport import Flow, Half
from wsdebug.transport.consumer import Keeper
from wsdebug.transport.flow import Note
from wsdebug.transport.tls.places import Places

_NO_ERROR = 0


class StreamFlow(Flow):
    """A flow without a SYN of its own; its addresses are those of the TCP connection."""

    __slots__ = ("keeper_of", "lowers", "number", "outer")

    number: int
    outer: Flow
    keeper_of: dict[Half, Keeper]
    lowers: dict[Half, tuple[Half, Places]]
    """What TCP acknowledged of each half: that of the connection below, and how to read it."""

    def inherit(self) -> None:
        """It is over: what TCP said of its bytes is handed down."""
        for half, (lower, places) in self.lowers.items():
            half.inherit(lower, places.plain)

    def ties(self) -> Iterator[object]:
        """As of any flow, and of what carries it."""
        yield from (*super().ties(), *self.outer.ties(), *self.keepers, self.outer.consumer)

    @property
    def keepers(self) -> tuple[Keeper | None, Keeper | None]:
        """Of client and server; DATA lies between other frames in the packets."""
        client, server = (self.keeper_of.get(half_of(self, side)) for side in SIDES)
        return client, server

    @property
    def carrier(self) -> str:
        """h2 is what TLS carries, h2c what TCP carries (RFC 9113 3.1)."""
        return "h2c" if self.outer.tls is None else "h2"

    @property
    def tls(self) -> TlsFacts | None:
        """Of the connection below."""
        return self.outer.tls

    def _landmarks(self) -> Iterator[Note]:
        return (note for note in super()._landmarks() if note[0] is not EventKind.SYN)

    @property
    def h2_stream(self) -> int:
        """The stream identifier (RFC 9113 5.1.1)."""
        return self.number


class Stream:
    """Events of one stream in, a tracked connection out."""

    def __init__(
        self, carrier: Flow, number: int, shared: Shared, forget: Callable[[Flow], None], at: Mark,
        *, midstream: bool,
    ) -> None:  # fmt: skip
        """`midstream`: its HEADERS cannot be read; whether it is a WebSocket shows by its bytes."""
        self._carrier, self._most = carrier, shared.limits.waiting
        self.flow = flow = StreamFlow(
            carrier.index, _key(carrier), _unopened, forget, carrier.most_events
        )
        flow.number, flow.outer = number, carrier
        store = shared.store
        flow.keeper_of = {} if store is None else {half: store.plain.side() for half in flow.halves}
        flow.packet_start(at)
        client = flow.first if carrier.client is carrier.first else flow.second
        flow.set_client(client)
        for half, lower in zip(flow.halves, carrier.halves, strict=True):
            # The stream is seen from its beginning though no SYN is its own.
            half.syn = None if midstream else (at[0], at[1])
            half.base = max(lower.base, 0)
        self.tracker = flow.consumer = Tracker(flow, shared, midstream=midstream)
        self._halves = {side: half_of(flow, side) for side in SIDES}
        """By what the carrier calls its sides: without a handshake the stream may find out that its
        client is the other one.
        """
        self._places = {side: Places() for side in SIDES}
        flow.lowers = {
            self._halves[side]: (half_of(carrier, side), self._places[side]) for side in SIDES
        }
        self._waiting: list[tuple[Side, bytes | int | None, Mark]] | None = (
            None if midstream else []
        )
        self._request: Head | None = None
        self._enabled: bool | None = None
        self._end_acks: dict[Side, int | None] = {}
        """What a side's first end acknowledged of TCP's bytes."""
        self.over_since: int | None = None
        """When its second side ended, in nanoseconds."""

    @property
    def is_over(self) -> bool:
        """Both sides ended, or one reset it."""
        return self.flow.is_over

    @property
    def is_answered(self) -> bool:
        """The server has taken it: a response came, or it was open before the capture began."""
        return self._waiting is None

    # ---- heads -------------------------------------------------------------------------------
    def asked(self, head: Head, enabled: bool | None) -> None:
        """The extended CONNECT."""
        self._touch(head.side, (head.packet, head.time, None))
        self._request, self._enabled = head, enabled
        self.tracker.carry(make_handshake(head, None, enabled=enabled))

    def answered(self, head: Head) -> None:
        """A response; an interim one (RFC 9110 15.2) changes nothing."""
        self._touch(head.side, (head.packet, head.time, None))
        is_interim = head.status is not None and 100 <= head.status < 200 and head.status != 101
        if self._waiting is None or is_interim:
            return
        self.tracker.carry(make_handshake(self._request, head, enabled=self._enabled))
        waiting, self._waiting = self._waiting, None
        if head.opens_websocket:
            for side, data, mark in waiting:
                self._put(side, data, mark)

    def head_unread(self, side: Side) -> None:
        """A header block that cannot be read; of the server it may be the response."""
        if side is Side.SERVER:
            self._miss_answer()

    def _miss_answer(self) -> None:
        """Whether the server accepted cannot be read any more: what there is of frames tells."""
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self.tracker.miss_answer([(side, (data, mark)) for side, data, mark in waiting])

    # ---- bytes -------------------------------------------------------------------------------
    def data(self, side: Side, data: bytes, reached: int, mark: Mark) -> None:
        """The next bytes of DATA."""
        self._places[side].add(reached, self._halves[side].top + len(data))
        self._take(side, data, self._translated(side, mark))

    def lost(self, side: Side, length: int | None, mark: Mark) -> None:
        """Bytes that the capture lacks: of DATA, or, of no known length, of whatever came."""
        self._take(side, length, self._translated(side, mark))
        self.head_unread(side)

    def _take(self, side: Side, data: bytes | int | None, mark: Mark) -> None:
        half = self._touch(side, mark)
        size = len(data) if isinstance(data, bytes) else data or 0
        half.offset += size
        if not isinstance(data, bytes):
            half.missing += size
        half.last_mark = mark
        keeper = self.flow.keeper_of.get(half)
        if keeper is not None and isinstance(data, bytes):
            keeper.add(data)
        elif keeper is not None:
            keeper.skip(size)
        if self._waiting is None:
            self._put(side, data, mark)
        elif half.offset <= self._most:
            self._waiting.append((side, data, mark))

    def _put(self, side: Side, data: bytes | int | None, mark: Mark) -> None:
        half = self._halves[side]
        if self.flow.ignored or half.ended is not None:
            return
        if isinstance(data, bytes):
            facts = half.feed(data, mark)
            if facts:
                self.flow.take(facts)
        else:
            reason = "not-known" if data is None else "acknowledged"
            self.tracker.gap(half.known_side, data, mark, reason)

    # ---- the end -----------------------------------------------------------------------------
    def end(self, side: Side, how: str, mark: Mark, cause: StreamEnd | None = None) -> None:
        """END_STREAM or RST_STREAM, or the end of what carries it. Only the first of a side counts,
        and a reset without an error behind END_STREAM is nothing.
        """
        half, at = self._halves[side], (mark[0], mark[1])
        if self.is_over and (cause is None or cause.kind != "rst-stream"):
            return  # what carried it ended later
        is_formal = how == "rst" and cause is not None and cause.code == _NO_ERROR
        if self.flow.ignored or half.rst or (half.fin and (how == "fin" or is_formal)):
            return
        self._touch(side, mark)
        self.flow.freeze()
        self._end_acks.setdefault(side, mark[2])
        if how == "rst":
            half.rst = at
            self.flow.tell(EventKind.RST, half, at, half.offset)
        else:
            half.fin, half.fin_offset = at, half.offset
            self.flow.tell(EventKind.FIN, half, at, half.offset)
        if cause is not None:
            self.tracker.stream_ends += (cause if half.known_side is side else cause.swapped(),)
        if half.ended is None:
            half.ended = how, self._translated(side, mark)
            self.tracker.end(half.known_side, *half.ended)
        if self.is_over and self.over_since is None:
            self.over_since = mark[1]

    def stalled(self, side: Side, since: int | None, until: int | None) -> None:
        """`side` could not send: the other one gave it no window."""
        if self._halves[side].fin is not None:
            return  # it had nothing more to send
        half = self._halves[side.other]
        if len(half.zero_windows) < self.flow.most_events:
            half.zero_windows = [*half.zero_windows, (since, until)]

    def close(self) -> None:
        """It is over, or the capture is: what TCP said of its bytes is handed down."""
        if self.flow.ignored:
            return
        self.flow.inherit()
        for side, acked in self._end_acks.items():
            self._halves[side].end_ack = acked and self._places[side.other].plain(acked)
        for side, half in self._halves.items():
            if half.ended is None and _lacks(self.flow.lowers[half][0]):
                self.tracker.unread |= {half.known_side}
                self.head_unread(side)
        self.tracker.close(self.flow)
        self.flow.consumer = None

    def _touch(self, side: Side, mark: Mark) -> Half:
        half = self._halves[side]
        half.packets += 1
        half.last_number, half.last_time = mark[0] or 0, mark[1]
        return half

    def _translated(self, side: Side, mark: Mark) -> Mark:
        """A mark whose acknowledgement counts in this stream."""
        packet, time, acknowledged = mark
        if acknowledged is None:
            return mark
        return packet, time, self._places[side.other].plain(acknowledged)


def _lacks(lower: Half) -> bool:
    """Whether bytes that a side sent last are not in the capture; a single one is a FIN's."""
    return lower.unseen > 1 or not lower.packets


def _key(flow: Flow) -> bytes:
    one, other = flow.halves
    ports = one.port.to_bytes(2, "big") + other.port.to_bytes(2, "big")
    return one.address + other.address + ports


def _unopened(flow: Flow, half: Half, data: bytes) -> None:
    """A stream is never opened by its first bytes."""
