"""One connection's bytes in, facts out: the HTTP phase, the switch, and the frames behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from wsdebug.http import Budget, Piece
from wsdebug.model.facts import Fact
from wsdebug.model.handshake import Agreed, Handshake
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import NEITHER, NO_MARK, SIDES, Mark, Side
from wsdebug.protocol.cut_shorts import CutShorts
from wsdebug.protocol.early import EarlyBytes
from wsdebug.protocol.exchange import Exchange
from wsdebug.protocol.frames import FrameStream
from wsdebug.protocol.inflaters import Inflaters
from wsdebug.protocol.joining import UNKNOWN, Joined, Joining, joining_of
from wsdebug.protocol.keys import Keys
from wsdebug.protocol.liveness import Liveness
from wsdebug.protocol.outcome import Outcome
from wsdebug.protocol.run import Run
from wsdebug.protocol.searches import Searches
from wsdebug.protocol.seen import SeenHandshake, result_of
from wsdebug.protocol.sink import FrameSink

Watch: TypeAlias = Callable[[Side, Agreed], bytes]
"""`rules.watch_table`: 65 536 bytes, 1 where a frame with that 16-bit header must be reported."""


class Decoder(SeenHandshake):
    """Reads both sides of a connection (RFC 6455). Never raises on what it is fed.

    `feed`, `gap`, `end` and `finish` return the facts that became certain; the handshake is told
    once, at the 101 or by `finish`. `keys`, `inflaters`, `searches` and `budget` are shared by a
    capture's decoders. With `midstream` frames are searched for, in both roles (`is_swapped`).
    `unseen` are sides whose SYN was not captured: their first byte may not be the first one.
    """

    __slots__ = (
        "_cut", "_early", "_inflaters", "_joining", "_limits", "_midstream", "_searches", "_told",
        "_watch", "base", "is_swapped", "is_websocket", "joined", "liveness", "sink_for", "streams",
    )  # fmt: skip

    def __init__(
        self,
        watch: Watch | None = None,
        limits: Limits = DEFAULT_LIMITS,
        keys: Keys | None = None,
        inflaters: Inflaters | None = None,
        searches: Searches | None = None,
        budget: Budget | None = None,
        *,
        midstream: bool = False,
        unseen: frozenset[Side] = NEITHER,
    ) -> None:
        self._midstream = midstream
        self._searches = searches
        self._joining = Joining({}, is_known=False) if midstream else None
        self.joined: Joined | None = None
        """How a WebSocket was recognised without its handshake."""
        self.is_swapped = False
        """Who was called the client turned out to be the server."""
        self._watch, self._limits = watch, limits
        super().__init__(Exchange(limits, keys, budget))
        self._exchange.unseen = unseen
        self._inflaters, self._early = inflaters, EarlyBytes(0)
        self._cut, self._told = CutShorts(), False
        self.is_websocket: bool | None = None
        """None while undecided; True from an upgrade request or a 101 for websocket on."""
        self.streams: dict[Side, FrameStream] = {}
        self.base: dict[Side, int] = {}
        """Where each side's frames begin in its TCP stream."""
        self.liveness = Liveness(limits)
        self.sink_for: Callable[[FrameStream], FrameSink] | None = None
        """Asked, when a side's frames begin, who wants them all."""

    @property
    def limits_hit(self) -> frozenset[str]:
        """The limits that this connection reached, by name."""
        hit = self._exchange.limits_hit | ({"pings"} if self.liveness.is_crowded else set())
        is_full = any(len(one.gaps) >= self._limits.events for one in self.streams.values())
        return hit | {"gaps"} if is_full else hit

    @property
    def result(self) -> str:
        """accepted, rejected, no-response or not-captured."""
        return "not-captured" if self.joined is not None else result_of(self._exchange)

    # ---- bytes in ---------------------------------------------------------------------------
    def feed(self, side: Side, data: bytes, mark: Mark = NO_MARK) -> Sequence[Fact]:
        """The next bytes of `side`."""
        if self.streams:
            stream = self.streams[side]
            if side is Side.CLIENT and not self._early.is_settled:
                return [*self._early.see(data, mark), *stream.feed(data, mark)]
            return stream.feed(data, mark)
        if self.is_websocket is False:
            return ()
        if self._joining is not None:
            joined = self._joining.put(side, data, mark)
            if self._searches is not None:
                self._searches.keep(self._joining, self._joining.kept)
            return self._join(joined)
        if self._exchange.reader(side).put(data, mark):
            return self._advance()
        return ()

    def direct(self, side: Side) -> Callable[[bytes, Mark], Sequence[Fact]] | None:
        """The frame stream's own `feed`, as soon as nothing else looks at that side's bytes: for
        the client, after the first bytes whose ACK covers the 101.
        """
        if side not in self.streams or (side is Side.CLIENT and not self._early.is_settled):
            return None
        return self.streams[side].feed

    def gap(self, side: Side, length: int | None, mark: Mark = NO_MARK) -> Sequence[Fact]:
        """Bytes of `side` that the capture lacks; `length` None where unknown."""
        stream = self.streams.get(side)
        if stream is not None:
            early = self._early.settle() if side is Side.CLIENT else ()
            return [*early, *stream.gap(length, mark)]
        if self.is_websocket is False:
            return ()
        if self._joining is not None:
            self._joining.put_gap(side, length, mark)
            return ()
        self._exchange.reader(side).put_gap(length, mark)
        return self._advance()

    def end(self, side: Side, how: str = "fin", mark: Mark = NO_MARK) -> Sequence[Fact]:
        """`side` sends no more: `how` is fin, rst, or capture (nothing more was captured). Only
        the first end of a side counts.
        """
        reader = self._exchange.reader(side)
        if reader.ended is not None:
            return ()
        reader.end(how, mark)
        if side in self.streams:
            early = self._early.settle() if side is Side.CLIENT else ()
            return [*early, *self._cut.hold(self.streams[side].end(how, mark))]
        if self.is_websocket is False:
            return ()
        if self._joining is not None:
            self._joining.end(side, how, mark)
            return ()
        return self._advance()

    def finish(self) -> Sequence[Fact]:
        """The connection is over: what is left to tell."""
        self._exchange.is_over = True
        facts = list(self._advance()) if not self.streams and self._joining is None else []
        if self._joining is not None:
            facts += self._join(self._joining.look(is_over=True))
        unseen = self._unseen()
        for side in SIDES:
            facts += self.end(side, "capture")
        facts += self._cut.tell(self.liveness.closed | self.liveness.lossy | unseen)
        facts += self._tell()
        self._exchange.release()
        self.is_websocket = bool(self.is_websocket)
        return facts

    def _unseen(self) -> set[Side]:
        """Directions that were not captured: nobody knows whether they closed."""
        open_ = [side for side in self.streams if self._exchange.reader(side).ended is None]
        return {side for side in open_ if not (self.base[side] or self.streams[side].offset)}

    # ---- the switch -------------------------------------------------------------------------
    def _advance(self) -> Sequence[Fact]:
        if self.is_websocket is False:
            return ()
        outcome = self._exchange.advance()
        if outcome is Outcome.UPGRADED:
            return self._upgrade()
        if outcome is Outcome.UNREADABLE:
            return self._begin_joining()
        if outcome is Outcome.HTTP2:
            self.is_websocket = False
        elif outcome is Outcome.OTHER:
            handshake = self.handshake
            self.is_websocket = handshake is not None and not handshake.is_accepted
            self._exchange.release()
        elif self.handshake is not None:
            self.is_websocket = True
        return ()

    # ---- without a handshake ----------------------------------------------------------------
    def _begin_joining(self) -> Sequence[Fact]:
        """Heads lie in what the capture lacks: look for frames in what is there."""
        self._joining = joining = joining_of(self._exchange, is_known=not self._midstream)
        return self._join(joining.look(is_over=self._exchange.is_over))

    def carry(self, handshake: Handshake) -> Sequence[Fact]:
        """The heads were read by what carries the bytes (HTTP/2): first the request alone, then
        both. What is fed from an accepting response on are frames.
        """
        self._early.is_settled = self.is_websocket = True
        self._carried(handshake)
        return self._upgrade() if handshake.is_accepted else ()

    def miss_answer(self, waiting: Sequence[tuple[Side, Piece]]) -> Sequence[Fact]:
        """What carries the bytes could not read the response: `waiting` may be frames, or not."""
        self._unanswered(waiting)
        return self._begin_joining()

    def declare(self, agreed: Agreed, *, is_start: bool) -> None:
        """Somebody says that this is a WebSocket, and which side the client is. `is_start`: the
        first byte of each side is a frame's.
        """
        self._joining = None
        self._early.is_settled = True
        self.is_websocket, self.joined = True, Joined(False, {}, 0.0, "decode-as")
        for side in SIDES:
            stream = self._stream(side, agreed, 0)
            if not is_start:
                stream.join(Run(0), None)

    def _join(self, joined: Joined | None) -> Sequence[Fact]:
        joining = self._joining
        assert joining is not None
        if self._searches is not None and (joined is not None or joining.is_hopeless):
            self._searches.end(joining)
        if joined is None:
            if joining.is_hopeless:
                self.is_websocket, self._joining = bool(self.is_websocket), None
            return ()
        self.joined, self._joining = joined, None
        self.is_websocket, self.is_swapped = True, joined.swapped
        if joined.swapped:
            client, server = self._exchange.client, self._exchange.server
            client.ended, server.ended = server.ended, client.ended
        self._early.is_settled = True
        self._exchange.forget_refusal()
        facts: list[Fact] = []
        for called, run in joining.runs.items():
            side = called.other if joined.swapped else called
            stream = self._stream(side, UNKNOWN, 0)
            facts += stream.join(run, joined.found[called])
        ends = {side.other if joined.swapped else side: end for side, end in joining.ended.items()}
        return [*facts, *self._end_streams(ends)]

    def _stream(self, side: Side, agreed: Agreed, base: int) -> FrameStream:
        """Begin to read frames of a side at `base` of its TCP stream."""
        self.base[side] = base
        table = self._watch(side, agreed) if self._watch is not None else None
        stream = FrameStream(side, agreed, table, self._limits, self.liveness, base)
        stream.inflaters, stream.searches = self._inflaters, self._searches
        self.streams[side] = stream
        if self.sink_for is not None:
            stream.sink = self.sink_for(stream)
        return stream

    def _tell(self) -> list[Fact]:
        """The handshake, if it was not told yet."""
        if self._told or self.handshake is None or not self.is_websocket:
            return []
        self._told = True
        return [self.handshake]

    def _upgrade(self) -> list[Fact]:
        """Both sides become frame streams; what waited is fed to them with its own marks."""
        self.is_websocket = True
        handshake, facts = self.handshake, self._tell()
        assert handshake is not None
        waited: dict[Side, list[Piece]] = {}
        for side in SIDES:
            reader = self._exchange.reader(side)
            if reader.lost and side is Side.CLIENT:
                reader.discard()  # what waits there begins anywhere
            waited[side] = reader.drain()
            stream = self._stream(side, handshake.agreed, reader.offset)
            if side in self._exchange.unseen and not (reader.offset or reader.lost):
                stream.doubt()
        facts += self._see_early(waited[Side.CLIENT])
        for side, pieces in waited.items():
            stream = self.streams[side]
            for piece, mark in pieces:
                if isinstance(piece, bytes):
                    facts += stream.feed(piece, mark)
                else:
                    facts += stream.gap(piece, mark)
        ends = {side: self._exchange.reader(side).ended for side in SIDES}
        return [*facts, *self._end_streams(ends)] if any(ends.values()) else facts

    def _see_early(self, pieces: list[Piece]) -> Sequence[Fact]:
        client, server = self._exchange.client, self._exchange.server
        self._early = EarlyBytes(self.base[Side.SERVER])
        if client.lost or server.lost or client.is_in_body:
            self._early.is_settled = True  # no border to measure against
            return []
        return self._early.see_waiting(pieces)

    def _end_streams(self, ends: Mapping[Side, tuple[str, Mark] | None]) -> list[Fact]:
        """End the sides that are over, once both have their bytes: one may explain the other."""
        facts: list[Fact] = []
        for side, ended in ends.items():
            if ended is not None:
                facts += self._cut.hold(self.streams[side].end(*ended))
        return facts
