"""One TCP connection on its way through the decoder: its facts become findings.

The transport calls `half.feed` a million times a capture. Until the handshake is over that is
`_feeder`'s; from then on it is the frame stream's own method, whose facts come to `take`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from wsdebug.analysis.http2 import go_on_in_http2
from wsdebug.analysis.previews import Previews
from wsdebug.diagnosis.overrun import overrun
from wsdebug.http import Piece
from wsdebug.model.facts import Bomb, Close, Fact, Foreign, Gap, Overlap
from wsdebug.model.handshake import Agreed, Handshake
from wsdebug.model.http2 import StreamEnd
from wsdebug.model.place import NEITHER, NO_MARK, Mark, Part, Side, Span
from wsdebug.protocol import Decoder
from wsdebug.rules import Breach, judge

if TYPE_CHECKING:
    from wsdebug.analysis.shared import Shared
    from wsdebug.transport import Flow, Half

Feed: TypeAlias = Callable[[bytes, Mark], Sequence[Fact]]

GREETING = 128
"""Bytes kept of what the server's frames begin with."""


class Tracker:
    """The consumer of one TCP connection's bytes (docs/decisions/0001)."""

    __slots__ = (
        "_shared",
        "breaches",
        "client_began",
        "decoder",
        "dropped",
        "flow",
        "greeting",
        "id",
        "leg_key",
        "limits_hit",
        "previews",
        "recording",
        "stream_ends",
        "unread",
    )

    def __init__(self, flow: Flow, shared: Shared, *, midstream: bool = False) -> None:
        self.flow = flow
        self._shared = shared
        self.id = 0
        self.decoder: Decoder = Decoder(
            watch=shared.watch,
            limits=shared.limits,
            keys=shared.keys,
            inflaters=shared.inflaters,
            searches=shared.searches,
            midstream=midstream,
            budget=shared.budget,
            unseen=_unseen(flow),
        )
        self.breaches: list[tuple[Breach, str | None]] = []
        """Each with the payload of its frame, where asked for."""
        self.dropped = 0
        """Breaches beyond the limit."""
        self.limits_hit: frozenset[str] = frozenset()
        self.greeting = b""
        """The first bytes of the server's frames, by which legs of one path are known."""
        self.leg_key: str | None = None
        """The Sec-WebSocket-Key by which it waits for other legs of its path."""
        self.previews = Previews(shared.shown) if shared.shown else None
        """Payloads as text, where asked for."""
        self.client_began: Mark = NO_MARK
        """Where the client's first frame came, if it came behind the 101."""
        self.stream_ends: tuple[StreamEnd, ...] = ()
        """HTTP/2: what ended each side of its stream, where END_STREAM did not."""
        self.unread = NEITHER
        """Sides whose stream has a hole in the HTTP part."""
        self.recording = shared.store.record(self) if shared.store is not None else None
        for half in flow.halves:
            half.feed = self._feeder(half.known_side)

    # ---- what the transport calls ----------------------------------------------------------
    def _feeder(self, side: Side) -> Callable[[bytes, Mark], None]:
        def feed(data: bytes, mark: Mark) -> None:
            decoder = self.decoder
            if side is Side.CLIENT:
                self._note_first(mark)
            self._after(decoder.feed(side, data, mark))
            if decoder.streams:
                if side is Side.SERVER:
                    reached = half_of(self.flow, side).offset
                    behind = reached - decoder.base.get(side, reached)
                    self.greeting = data[max(0, len(data) - behind) :][:GREETING]
                for half in self.flow.halves:
                    half.feed = self._direct(half.known_side) or half.feed

        return feed

    def declare(self, agreed: Agreed, *, is_start: bool) -> None:
        """It is a WebSocket because somebody says so (`--decode-as`)."""
        self.decoder.declare(agreed, is_start=is_start)
        self._recognise()
        for half in self.flow.halves:
            half.feed = self._direct(half.known_side) or half.feed

    def carry(self, handshake: Handshake) -> None:
        """Its heads came over HTTP/2."""
        self._after(self.decoder.carry(handshake))
        if self.decoder.streams:
            for half in self.flow.halves:
                half.feed = self._direct(half.known_side) or half.feed

    def miss_answer(self, waiting: Sequence[tuple[Side, Piece]]) -> None:
        """The response of HTTP/2 cannot be read; what waited for it may be frames."""
        self.unread |= {Side.SERVER}
        self._after(self.decoder.miss_answer(waiting))

    def _direct(self, side: Side) -> Feed | None:
        feed = self.decoder.direct(side)
        return feed if feed is None or side is Side.CLIENT else self._greeted(feed)

    def _note_first(self, mark: Mark) -> None:
        """Keeps when the client's first frame came. The frames are read directly only after it."""
        stream = self.decoder.streams.get(Side.CLIENT)
        if stream is not None and not stream.offset:
            self.client_began = mark

    def _greeted(self, direct: Feed) -> Feed:
        """Keeps the server's first bytes, and is out of the way afterwards."""
        half = half_of(self.flow, Side.SERVER)

        def first(data: bytes, mark: Mark) -> Sequence[Fact]:
            self.greeting += data[: GREETING - len(self.greeting)]
            if len(self.greeting) >= GREETING:
                half.feed = direct
            return direct(data, mark)

        return first

    def gap(self, side: Side, length: int | None, mark: Mark, reason: str) -> None:
        """Bytes of `side` that the capture lacks."""
        if self.id:
            span = self._here(side, length or 0, mark)
            self.take([Gap(span, known_length=length is not None, reason=reason)])
        if not self.decoder.streams:
            self.unread |= {side}
        self._after(self.decoder.gap(side, length, mark))

    def overlap(self, side: Side, offset: int, kept: bytes, other: bytes, mark: Mark) -> None:
        """Two segments disagree about the same bytes; `offset` counts in the TCP stream."""
        base = self.decoder.base.get(side, 0)
        span = Span(side, Part.STREAM, max(0, offset - base), len(other), mark[0], mark[1])
        self.take([Overlap(span, kept, other)])

    def end(self, side: Side, how: str, mark: Mark) -> None:
        """FIN or RST of `side`."""
        self._touch()
        self._after(self.decoder.end(side, how, mark))

    def close(self, flow: Flow) -> None:  # noqa: ARG002 - the transport's contract
        """The connection is over, or the capture is."""
        facts = self.decoder.finish()
        if self.decoder.is_websocket:
            self._recognise()
            self.take(facts)
            self._shared.on_close(self)
        self._stop_recording()

    def ties(self) -> Iterator[object]:
        """What leads from it to those who listen: a copy of it must do without."""
        yield from (self.recording, self.decoder.sink_for, *self.flow.ties())
        yield from (stream.sink for stream in self.decoder.streams.values())

    def resume(self) -> None:
        """Take the bytes oneself: a copy's are still led to the one it was copied from."""
        for half in self.flow.halves:
            side = half.known_side
            half.feed = self._direct(side) or self._feeder(side)

    def _stop_recording(self) -> None:
        """Nothing leads in a circle any more: the memory is free as soon as nobody wants it."""
        if self.recording is not None:
            self.recording.release()
            self.recording = None

    def _touch(self) -> None:
        """Who watches the connections live looks at this one soon."""
        if self._shared.touched is not None:
            self._shared.touched[self] = None

    # ---- facts -----------------------------------------------------------------------------
    def _after(self, facts: Sequence[Fact]) -> None:
        """Before the upgrade: see whether this is a WebSocket at all."""
        decoder = self.decoder
        if not self.id:
            if decoder.is_websocket:
                self._recognise()
            elif decoder.is_websocket is False:
                self._stop_recording()
                if decoder.is_http2:
                    go_on_in_http2(self.flow, self._shared, decoder)
                else:
                    self.flow.ignore()
                return
        if facts:
            self.take(facts)

    def _recognise(self) -> None:
        """It is a WebSocket; without a handshake only now it is known who the client is."""
        if not self.id:
            self.id = self._shared.number(self.flow.index)
            if self.decoder.is_swapped:
                server = self.flow.server
                assert server is not None
                self.flow.set_client(server)
                self.stream_ends = tuple(end.swapped() for end in self.stream_ends)
            if self.decoder.handshake is not None:
                self._shared.legs.opened(self, self.decoder.handshake)
            if self._shared.store is not None:
                self._shared.store.recognised(self, self.recording)
            self._touch()

    def take(self, facts: Sequence[Fact]) -> None:
        """Judge facts and pass them on to whoever listens."""
        shared = self._shared
        for fact in facts:
            if shared.on_fact is not None:
                shared.on_fact(self.flow.index, fact)
            if shared.choosing is not None:
                shared.choosing.fact(self.flow, fact)
            if self.previews is not None:
                self.previews.see(fact, self.breaches)
            if self.recording is not None:
                self.recording.fact(fact)
            for breach in judge(fact):
                if isinstance(fact, Foreign):
                    breach.detail.update(self._overrun(fact))
                self._breach(breach)
            if isinstance(fact, Close):
                self.flow.freeze()
                self._touch()
            if isinstance(fact, Bomb):
                self.limits_hit |= {"message"}
            if isinstance(fact, Handshake):
                shared.legs.opened(self, fact)
                shared.legs.answered(self, fact)
                self._touch()
                if shared.store is not None:
                    shared.store.opened(self, fact)

    def _breach(self, breach: Breach) -> None:
        shared = self._shared
        if shared.store is not None:
            shared.store.found(self, breach)
        self._touch()
        is_full = len(self.breaches) >= shared.limits.findings
        if is_full or shared.findings >= shared.limits.total_findings:
            self.dropped += 1
            self.limits_hit |= {"findings" if is_full else "total-findings"}
            return
        shared.findings += 1
        previews = self.previews
        payload = previews.of(breach, len(self.breaches)) if previews is not None else None
        self.breaches.append((breach, payload))

    def _overrun(self, fact: Foreign) -> dict[str, object]:
        """Whether the bytes are the rest of the frame before them."""
        stream = self.decoder.streams.get(fact.span.side)
        return overrun(fact, stream.before_run) if stream is not None else {}

    def _here(self, side: Side, length: int, mark: Mark) -> Span:
        """The place in `side`'s stream that has been reached."""
        stream = self.decoder.streams.get(side)
        offset = stream.offset if stream is not None else 0
        return Span(side, Part.STREAM, offset, length, mark[0], mark[1])


def _unseen(flow: Flow) -> frozenset[Side]:
    """Sides whose SYN was not captured."""
    if flow.first.syn and flow.second.syn:
        return NEITHER
    return frozenset(half.known_side for half in flow.halves if half.syn is None)


def half_of(flow: Flow, side: Side) -> Half:
    """The direction that `side` sends."""
    return flow.first if flow.first.side is side else flow.second
