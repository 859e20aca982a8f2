"""The consumer of a TCP connection that speaks HTTP/2: hands each stream what is its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from wsdebug.analysis.http2.heads import head_of
from wsdebug.analysis.http2.stream import Stream
from wsdebug.analysis.shared import Shared
from wsdebug.analysis.tracker import half_of
from wsdebug.display.escape import printable
from wsdebug.http.http2 import events
from wsdebug.http.http2.connection import Http2
from wsdebug.model.http2 import StreamEnd
from wsdebug.model.place import Mark, Side
from wsdebug.transport import Flow

SETTLED = 1_000_000_000
"""Nanoseconds after its end in which late packets of a stream may still come."""


_CARRIED_OUT = {0, 8}
"""NO_ERROR and CANCEL: what a reset says that has no reason of its own (RFC 9113 7)."""


class Carrier:
    """Told of TCP's bytes like any consumer (`transport.Consumer`)."""

    def __init__(
        self, flow: Flow, shared: Shared, *, is_start: bool, has_preface: bool = True
    ) -> None:
        self._flow, self._shared = flow, shared
        self._http2 = Http2(shared.limits, is_start=is_start, has_preface=has_preface)
        self._is_start = is_start
        self._streams: dict[int, Stream] = {}
        self._goaway: dict[Side, events.GoneAway] = {}
        self._checked = 0
        self._is_unreadable = False
        for half in flow.halves:
            half.feed = self._feeder(half.known_side)

    def _feeder(self, side: Side) -> Callable[[bytes, Mark], None]:
        def feed(data: bytes, mark: Mark) -> None:
            self.feed(side, data, mark)

        return feed

    def begin(self, side: Side, offset: int) -> None:
        """HTTP/2 of `side` begins at `offset` of its TCP stream."""
        self._http2.begin(side, offset)

    def feed(self, side: Side, data: bytes, mark: Mark) -> None:
        """The next bytes of `side`."""
        self._tell(self._http2.feed(side, data, mark))
        self._settle(mark)

    def take(self, facts: Sequence[object]) -> None:
        """Facts are those of the streams."""

    def gap(self, side: Side, length: int | None, mark: Mark, reason: str) -> None:  # noqa: ARG002
        """Bytes that the capture lacks."""
        self._tell(self._http2.gap(side, length, mark))

    def overlap(self, side: Side, offset: int, kept: bytes, other: bytes, mark: Mark) -> None:
        """Which stream the bytes belong to is not asked: the first ones stay."""

    def end(self, side: Side, how: str, mark: Mark) -> None:
        """The end of the TCP connection ends every stream (RFC 9113 5.4.1)."""
        for stream in list(self._streams.values()):
            self._end_with_connection(stream, side, how, mark)

    def close(self, flow: Flow) -> None:  # noqa: ARG002 - the transport's contract
        """The connection is over, or the capture is."""
        for number in list(self._streams):
            self._close(number)
        self._shared.streams_left_out += self._http2.left_out

    # ---- events ------------------------------------------------------------------------------
    def _tell(self, told: Iterable[events.Event]) -> None:
        for event in told:
            match event:
                case events.HeadRead():
                    self._head(event)
                case events.HeadUnread(number, side, mark):
                    self._stream(number, mark).head_unread(side)
                case events.DataRead(number, side, data, reached, mark):
                    self._stream(number, mark).data(side, data, reached, mark)
                case events.DataLost(number, side, length, mark):
                    self._stream(number, mark).lost(side, length, mark)
                case events.StreamEnded(number, side, mark):
                    self._end(number, side, "fin", mark, None)
                case events.StreamReset(number, side, code, mark):
                    end = StreamEnd("rst-stream", side, code, mark[0], mark[1])
                    self._end(number, side, "rst", mark, end)
                case events.GoneAway():
                    self._gone_away(event)
                case events.TableUnknown(_, mark):
                    self._table_unknown(mark)
                case events.Stalled(number, side, since, mark):
                    self._stalled(number, side, since, mark)

    def _table_unknown(self, mark: Mark) -> None:
        """Of one side or both: it is one connection."""
        if not self._is_unreadable:
            self._is_unreadable = True
            self._shared.unreadable_heads.add(mark[0])

    def _head(self, read: events.HeadRead) -> None:
        head = head_of(read)
        stream = self._stream(read.stream, read.mark, is_seen=head.method is not None)
        if head.method is not None:
            stream.asked(head, None if self._is_ahead(read.mark) else read.connect_enabled)
        else:
            stream.answered(head)

    def _is_ahead(self, mark: Mark) -> bool:
        """Whether the client had seen bytes of the server that the capture has not, or later."""
        return (mark[2] or 0) > half_of(self._flow, Side.SERVER).offset

    def _stream(self, number: int, mark: Mark, *, is_seen: bool = False) -> Stream:
        stream = self._streams.get(number)
        if stream is None:
            stream = self._streams[number] = Stream(
                self._flow, number, self._shared, lambda _: self._forget(number), mark,
                midstream=not is_seen,
            )  # fmt: skip
        return stream

    def _end(self, number: int, side: Side, how: str, mark: Mark, end: StreamEnd | None) -> None:
        stream = self._streams.get(number)
        if stream is not None:
            away = self._goaway.get(side) or self._goaway.get(side.other)
            if end is not None and away is not None and end.code in _CARRIED_OUT | {away.code}:
                # The reset only carries out what GOAWAY has said; with an error that was the end.
                side, mark = (away.side, away.mark) if away.code else (side, mark)
                end = _by_goaway(away)
            stream.end(side, how, mark, end)

    def _gone_away(self, away: events.GoneAway) -> None:
        if away.side is Side.SERVER or away.code:
            self._goaway.setdefault(away.side, away)
        if away.side is Side.CLIENT:
            return  # RFC 9113 6.8: the number it names is of streams that the server opened
        for number, stream in list(self._streams.items()):
            # RFC 9113 6.8: it was not processed and will not be. Where the capture began later, who
            # was called the server may be the client, whose GOAWAY counts other streams.
            if number > away.last and not stream.is_answered:
                stream.end(away.side, "rst", away.mark, _by_goaway(away))

    def _end_with_connection(self, stream: Stream, side: Side, how: str, mark: Mark) -> None:
        away = self._goaway.get(side) or self._goaway.get(side.other)
        if away is None:
            stream.end(side, how, mark, StreamEnd("connection", side, 0, mark[0], mark[1]))
        elif away.code:
            stream.end(away.side, "rst", away.mark, _by_goaway(away))
        else:
            stream.end(side, how, mark, _by_goaway(away))

    def _stalled(self, number: int, side: Side, since: Mark, mark: Mark) -> None:
        for each, stream in self._streams.items():
            if number in (0, each):
                stream.stalled(side, since[1], mark[1])

    # ---- streams that are over ---------------------------------------------------------------
    def _settle(self, mark: Mark) -> None:
        """Hands on what ended a second ago."""
        now = mark[1]
        if now is None or now < self._checked + SETTLED:
            return
        self._checked = now
        for number, stream in list(self._streams.items()):
            if stream.over_since is not None and now - stream.over_since >= SETTLED:
                self._close(number)

    def _close(self, number: int) -> None:
        self._tell(self._http2.forget(number))
        self._streams.pop(number).close()

    def _forget(self, number: int) -> None:
        """It is no WebSocket."""
        self._streams.pop(number, None)
        self._http2.forget(number)
        self._http2.mark_plain(number)


def _by_goaway(away: events.GoneAway) -> StreamEnd:
    packet, time, _ = away.mark
    return StreamEnd("goaway", away.side, away.code, packet, time, printable(away.debug))
