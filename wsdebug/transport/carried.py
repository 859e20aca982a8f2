"""A connection inside another one: its streams are its own, what happened on TCP is the carrier's.

`Flow` and `Half` are read by everything behind the transport. Here only what concerns the bytes of
the stream is different; every other attribute is that of the TCP connection below, at any time.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from wsdebug.model.place import NO_MARK, SIDES, Mark, Side
from wsdebug.transport.consumer import Keeper
from wsdebug.transport.flow import Flow, Opener
from wsdebug.transport.half import Half, Stamp

if TYPE_CHECKING:
    from wsdebug.model.tls import TlsFacts


class Reach(Protocol):
    """Offsets of the carrier's stream and of what it carries, of one side."""

    def plain(self, wire: int) -> int:
        """How much is whole in the first `wire` bytes of the carrier."""

    def wire(self, plain: int) -> int | None:
        """How many bytes of the carrier bring the first `plain` bytes; None: not yet there."""


class _Copied:
    """A copy has what the original has of its own, not what it shows of what carries it."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """As `copy.deepcopy` asks."""
        made = memo[id(self)] = object.__new__(type(self))
        for kind in type(self).__mro__:
            for name in getattr(kind, "__slots__", ()):
                slot = kind.__dict__[name]
                try:
                    value = slot.__get__(self)
                except AttributeError:  # it was never set
                    continue
                slot.__set__(made, copy.deepcopy(value, memo))
        return made


class CarriedHalf(_Copied, Half):
    """One direction. `offset` and everything that is acknowledged count bytes of the inside."""

    __slots__ = ("_before_end", "ended", "keeper", "outer", "reach")

    def __init__(self, outer: Half, reach: Reach) -> None:
        # `Half` is not initialised: what is not set here is the carrier's (`__getattr__`).
        self.outer = outer
        self.reach = reach
        self.side = outer.side
        self.offset = 0
        self.last_mark = NO_MARK
        self.keeper: Keeper | None = None
        self._before_end: Mark = NO_MARK
        self.ended = None
        """As of `Half`, but told when everything before it was read: that may wait for keys."""

    def __getattr__(self, name: str) -> Any:
        """Of the TCP connection."""
        return getattr(self.outer, name)

    def take(self, data: bytes, mark: Mark) -> None:
        """The next bytes of the inside."""
        self.offset += len(data)
        self.last_mark = mark
        if self.keeper is not None:
            self.keeper.add(data)
        if not self.flow.is_frozen or self._came_before(mark):
            self._before_end = mark
        facts = self.feed(data, mark)
        if facts:
            self.flow.take(facts)

    def end(self, how: str, mark: Mark) -> None:
        """TCP's end of this direction, which is the end of the inside; once."""
        if self.ended is None:
            packet, time, acked = mark
            self.ended = how, (packet, time, self.acked_of_peer(acked))
            if self.flow.consumer is not None:
                self.flow.consumer.end(self.known_side, *self.ended)

    def _came_before(self, mark: Mark) -> bool:
        """Whether bytes that are read after the end came before it."""
        flow: CarriedFlow = self.flow  # type: ignore[assignment]
        last = flow.outer.data_before_end(self.outer)
        return last is not None and (mark[0] or 0) <= (last[0] or 0)

    @property
    def before_end(self) -> Stamp | None:
        """Its last byte before the first Close, FIN or RST of either side."""
        return None if self._before_end is NO_MARK else self._before_end[:2]

    @property
    def acked(self) -> int:  # type: ignore[override]
        """Bytes of the inside that TCP acknowledged whole."""
        return self.reach.plain(self.outer.acked)

    @property
    def ack_offset(self) -> int | None:  # type: ignore[override]
        """Bytes of the peer's inside that this side acknowledged."""
        return self.acked_of_peer(self.outer.ack_offset)

    @property
    def end_ack(self) -> int | None:  # type: ignore[override]
        """The same of its first FIN or RST."""
        return self.acked_of_peer(self.outer.end_ack)

    def acked_of_peer(self, wire: int | None) -> int | None:
        """The same of any number of bytes of the peer's TCP stream."""
        peer: CarriedHalf = self.peer  # type: ignore[assignment]
        return None if wire is None else peer.reach.plain(wire)

    @property
    def ack_history(self) -> list[tuple[int | None, int]]:
        """As of `Half`."""
        return [(time, self.reach.plain(acked)) for time, acked in self.outer.ack_history]

    @property
    def bytes(self) -> int:
        """Of TCP."""
        return self.outer.bytes

    @property
    def unseen(self) -> int:
        """Of TCP."""
        return self.outer.unseen

    @property
    def has_unseen_fin(self) -> bool:
        """Of TCP."""
        return self.outer.has_unseen_fin


class CarriedFlow(_Copied, Flow):
    """The connection inside `outer`, whose client is known. `opener` is called when its first byte
    is ready, as for any other.
    """

    __slots__ = ("facts", "outer")

    def __init__(
        self,
        outer: Flow,
        opener: Opener,
        reach: Mapping[Side, Reach],
        facts: TlsFacts | None = None,
    ) -> None:
        self.outer = outer
        self.facts = facts
        halves = {half.known_side: half for half in outer.halves}
        client, server = (CarriedHalf(halves[side], reach[side]) for side in SIDES)
        self.first, self.second = client, server
        for one, other in ((client, server), (server, client)):
            one.flow, one.peer = self, other
            one.feed = one.opening = partial(self._open, one)
        self.client, self.server = client, server
        self.consumer = None
        self.ignored = self.is_open = False
        self._opener = opener

    def __getattr__(self, name: str) -> Any:
        """Of the TCP connection."""
        return getattr(self.outer, name)

    @property
    def carrier(self) -> str:
        """tls: it is the only one that carries a connection alone."""
        return "tls"

    @property
    def tls(self) -> TlsFacts | None:
        """What is known of the TLS around it."""
        return self.facts

    @property
    def keepers(self) -> tuple[Keeper | None, Keeper | None]:
        """Of client and server."""
        client, server = self.client, self.server
        assert isinstance(client, CarriedHalf)
        assert isinstance(server, CarriedHalf)
        return client.keeper, server.keeper

    def ties(self) -> Iterator[object]:
        """As of any flow, and of what carries it."""
        yield from (self._opener, *self.outer.ties(), self.outer.consumer, *self.keepers)
        yield from (half.feed for half in self.halves)

    @property
    def listener(self) -> Any:
        """Of TCP's events."""
        return self.outer.listener

    @listener.setter
    def listener(self, listener: Any) -> None:
        self.outer.listener = listener

    @property
    def is_frozen(self) -> bool:
        """The first Close, FIN or RST has come."""
        return self.outer.is_frozen

    def ignore(self) -> None:
        """Want no more of this connection, nor of what carries it."""
        if not self.ignored:
            self.ignored = True
            self.consumer = None
            self.outer.ignore()

    def freeze(self) -> None:
        """A Close of the inside has come."""
        self.outer.freeze()

    @property
    def syn_seen(self) -> bool:
        """Its beginning was captured: the keys are found by the hellos before it."""
        return True

    def data_before_end(self, half: Half) -> Stamp | None:
        """A half's last byte before the first Close, FIN or RST of either."""
        assert isinstance(half, CarriedHalf)
        return half.before_end if self.is_frozen else half.last_data

    def acked_before_end(self, half: Half) -> int | None:
        """How many bytes of its peer a half had acknowledged by then."""
        assert isinstance(half, CarriedHalf)
        return half.acked_of_peer(self.outer.acked_before_end(half.outer))
