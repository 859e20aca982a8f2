"""A TCP connection: two halves, who is the client, what happened, and who is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from wsdebug.model.place import Mark, Side
from wsdebug.model.tcp import Event, EventKind
from wsdebug.model.tls import TlsFacts
from wsdebug.transport.consumer import Consumer, Keeper
from wsdebug.transport.flow_key import KEY_LENGTHS, halves_from_key
from wsdebug.transport.half import Half, Stamp

Note: TypeAlias = tuple[EventKind, Half, int | None, int | None, int | None, int]
"""An event before anyone knows which side its half is: kind, half, packet, time, offset, length."""

Heard: TypeAlias = tuple[Stamp | None, int | None]
"""Last new byte of a half, and how many bytes it had acknowledged to its peer."""

_NO_LIMITS: frozenset[str] = frozenset()  # one for all: each would take 216 bytes


Opener: TypeAlias = Callable[["Flow", Half, bytes], None]


class Flow:
    """One TCP connection. `index` is Wireshark's tcp.stream; `first` is the half whose packet
    came first, `second` the other; `client` and `server` are None until somebody knows.
    """

    __slots__ = (
        "_counts",
        "_events",
        "_forget",
        "_frozen",
        "_opener",
        "client",
        "consumer",
        "first",
        "first_packet",
        "ignored",
        "index",
        "is_apart",
        "is_open",
        "limits_hit",
        "listener",
        "most_events",
        "network",
        "second",
        "server",
        "start",
    )  # fmt: skip

    def __init__(
        self,
        index: int,
        key: bytes,
        opener: Opener,
        forget: Callable[[Flow], None],
        most_events: int,
    ) -> None:
        self.index = index
        self.first, self.second = halves_from_key(key)
        self.first.join(self.second, self, self._open)
        self.network = b""
        """Virtual network of its first packet, where a tunnel that has one carried it."""
        self.is_apart = len(key) > KEY_LENGTHS[len(self.first.address) == 16]
        """Its key ends with the network."""
        self.start: int | None = None
        self.first_packet: int | None = None
        self.client: Half | None = None
        self.server: Half | None = None
        self.consumer: Consumer | None = None
        self.ignored = False
        self.is_open = False
        # Made when first needed: a port scan is half a million connections of one packet.
        self.limits_hit = _NO_LIMITS
        self._counts: dict[EventKind, int] | None = None
        self._events: list[Note] | None = None
        self._frozen: tuple[Heard, Heard] | None = None
        self.most_events = most_events
        self.listener: Callable[[Note], None] | None = None
        """Told of each event as it happens, of no more than are kept."""
        self._opener = opener
        self._forget = forget

    @property
    def h2_stream(self) -> int | None:
        """The stream of HTTP/2 that it is (RFC 9113 5.1.1)."""
        return None

    @property
    def keepers(self) -> tuple[Keeper | None, Keeper | None]:
        """Of client and server: who keeps the bytes, where no packet has them as they are."""
        return None, None

    def packet_start(self, at: Mark) -> None:
        """It begins with that packet, and somebody knows already what it carries."""
        self.first_packet, self.start, _ = at
        self.is_open = True

    @property
    def halves(self) -> tuple[Half, Half]:
        """Both directions, the one whose packet came first first."""
        return self.first, self.second

    @property
    def last_time(self) -> int | None:
        """Of the last packet of either side."""
        times = (self.first.last_time, self.second.last_time)
        return max((time for time in times if time is not None), default=None)

    @property
    def last_packet(self) -> int:
        """Number of the last packet of either side."""
        return max(self.first.last_number, self.second.last_number)

    @property
    def syn_seen(self) -> bool:
        """Whether the capture holds a SYN of the connection."""
        return self.first.syn is not None or self.second.syn is not None

    @property
    def is_over(self) -> bool:
        """FIN from both sides, or a RST."""
        one, other = self.first, self.second
        return bool(one.rst or other.rst or (one.fin and other.fin))

    @property
    def is_settled(self) -> bool:
        """Whether both FINs were acknowledged, and nothing waits."""
        one, other = self.first, self.second
        is_closed = one.fin_acked is not None and other.fin_acked is not None
        return is_closed and one.waiting is other.waiting is None

    @property
    def is_gone(self) -> bool:
        """Nobody wants it any more."""
        return self.ignored

    @property
    def event_counts(self) -> dict[EventKind, int]:
        """How often each kind of event happened."""
        counts = Counter(self._counts or {})
        counts.update(note[0] for note in self._landmarks())
        return dict(counts)

    @property
    def events(self) -> list[Event]:
        """What happened, in packet order; at most `Limits.events`, `event_counts` has them all."""
        notes = [*(self._events or ()), *self._landmarks()]
        notes.sort(key=lambda note: note[2] or 0)
        return [
            Event(kind, half.side, packet, time, offset, length)
            for kind, half, packet, time, offset, length in notes
        ]

    def _landmarks(self) -> Iterator[Note]:
        """The first SYN, FIN and RST of each side, which stand in its half."""
        for half in self.halves:
            for kind, at, offset in (
                (EventKind.SYN, half.syn, None),
                (EventKind.FIN, half.fin, half.fin_offset),
                (EventKind.RST, half.rst, half.offset),
            ):
                if at is not None:
                    yield kind, half, *at, offset, 0

    @property
    def carrier(self) -> str:
        """What its bytes came in, as the report names it."""
        return "tcp"

    @property
    def tls(self) -> TlsFacts | None:
        """What is known of the TLS around it, where there is any."""
        return None

    @property
    def is_frozen(self) -> bool:
        """Whether the first Close, FIN or RST has come."""
        return self._frozen is not None

    def set_client(self, half: Half) -> None:
        """Say who opened the connection."""
        self.client, self.server = half, half.peer
        half.side, half.peer.side = Side.CLIENT, Side.SERVER

    def ignore(self) -> None:
        """Want no more of this connection: nothing of it is kept, fed or told any more."""
        if not self.ignored:
            self.ignored = True
            self.consumer = None
            self._forget(self)

    def ties(self) -> Iterator[object]:
        """What leads from it to the rest of the program: a copy of it must do without."""
        yield from (self._opener, self._forget, self.listener)
        yield from (hook for half in self.halves for hook in (half.feed, half.opening))

    def freeze(self) -> None:
        """The first Close, FIN or RST has come: what is sent behind it is another matter."""
        if self._frozen is None and self.consumer is not None:
            one, other = self.first, self.second
            self._frozen = (one.last_data, one.ack_offset), (other.last_data, other.ack_offset)

    def data_before_end(self, half: Half) -> Stamp | None:
        """A half's last new byte before the first Close, FIN or RST of either."""
        return half.last_data if self._frozen is None else self._frozen[half is self.second][0]

    def acked_before_end(self, half: Half) -> int | None:
        """How many bytes of its peer a half had acknowledged by then, the end's packet included."""
        return half.ack_offset if self._frozen is None else self._frozen[half is self.second][1]

    def note(
        self, kind: EventKind, half: Half, at: Stamp, offset: int | None = None, length: int = 0
    ) -> None:
        """Remember an event, and count it in any case."""
        if self._counts is None or self._events is None:
            self._counts, self._events = {}, []
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if len(self._events) < self.most_events:
            self._events.append((kind, half, at[0], at[1], offset, length))
            self.tell(kind, half, at, offset, length)
        else:
            self.limits_hit |= {"events"}

    def tell(
        self, kind: EventKind, half: Half, at: Stamp, offset: int | None = None, length: int = 0
    ) -> None:
        """Pass an event on to who listens."""
        if self.listener is not None:
            self.listener((kind, half, at[0], at[1], offset, length))

    def take(self, facts: Sequence[Any]) -> None:
        """Pass on what a `half.feed` has found in its bytes."""
        if self.consumer is not None:
            self.consumer.take(facts)

    def ready(self, half: Half, data: bytes) -> None:
        """Call the opener, once, and tell a new consumer which sides have ended already."""
        if self.is_open:
            return
        self.is_open = True
        self._opener(self, half, data)
        if self.ignored:
            return
        if self.client is None:
            self.set_client(half)
        consumer = self.consumer
        if consumer is None:
            self.ignore()
            return
        for each in self.halves:
            if each.ended is not None:
                consumer.end(each.known_side, *each.ended)

    def _open(self, half: Half, data: bytes, mark: Mark) -> Sequence[Any] | None:
        """Stand in for `half.feed` until the opener has put a consumer there."""
        self.ready(half, data)
        if self.ignored:
            return None
        if half.feed is half.opening:
            raise TypeError("the opener set a consumer and left half.feed as it was")
        return half.feed(data, mark)
