"""What one connection tells the store: frames from the decoder, events from the transport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsdebug.analysis.store.contexts import Context, Contexts, owner
from wsdebug.analysis.store.log import RowLog
from wsdebug.analysis.store.record import (
    AFTER_CLOSE,
    AFTER_GAP,
    COMPRESSED,
    CUT,
    EVENT_NUMBERS,
    IN_MESSAGE,
    KIND_BITS,
    RESYNCHRONISED,
    SERVER,
)
from wsdebug.model.facts import Fact, Foreign
from wsdebug.model.handshake import Handshake, Head, SecondAnswer
from wsdebug.model.place import Mark, Part, Side
from wsdebug.model.rows import RowKind
from wsdebug.model.tcp import EventKind
from wsdebug.rules import Breach

if TYPE_CHECKING:
    from wsdebug.analysis.tracker import Tracker
    from wsdebug.protocol.frames import FrameStream
    from wsdebug.protocol.reading import FrameReading
    from wsdebug.transport.flow import Note

SHOWN = frozenset((
    EventKind.SYN, EventKind.FIN, EventKind.RST, EventKind.RETRANSMISSION, EventKind.LADDER,
    EventKind.ZERO_WINDOW, EventKind.WINDOW_OPEN, EventKind.GAP, EventKind.OVERLAP,
    EventKind.PORT_REUSE,
))  # fmt: skip
"""Events that are lines; keep-alives would hide the silence they belong to."""
_FRAME, _FOREIGN, _HEAD, _TCP = (
    KIND_BITS[kind] for kind in (RowKind.FRAME, RowKind.FOREIGN, RowKind.HEAD, RowKind.TCP)
)


_MOST_UNMARKED = 1_000


class SideSink:
    """Takes the frames of one side (`protocol.sink`)."""

    __slots__ = ("_contexts", "_gaps", "_log", "_packed", "_recording", "_state", "_stream")

    def __init__(
        self, recording: Recording, log: RowLog, stream: FrameStream, contexts: Contexts
    ) -> None:
        self._recording = recording
        self._contexts = contexts
        self._packed = 0
        """Compressed bytes since the last context was kept."""
        self._log = log
        self._stream = stream
        self._state = _FRAME | (SERVER if stream.side is Side.SERVER else 0)
        self._gaps = 0

    def whole(self, bits: int, length: int, key: int, offset: int, mark: Mark) -> None:
        """A sound frame in one piece; of 16-bit headers only RSV1 means that it is compressed."""
        packet, time, _ = mark
        state = self._state
        if bits & 0x4000:
            state |= COMPRESSED
            self._compressed(length, is_last=True)
        if len(self._stream.gaps) != self._gaps:
            state |= self._gap()
        self._log.add(
            state,
            packets=(packet or 0,) * 3,
            times=(time, time),
            offset=offset,
            length=length,
            key=key,
            header=bits,
        ) if packet is None or time is None else self._log.whole(
            state, bits, length, key, offset, (packet, time)
        )

    def frame(self, frame: FrameReading, *, complete: bool, sure: bool) -> None:
        """Any other."""
        header, state = frame.header, self._state
        message = frame.message
        if message is not None and message.compressed:
            state |= COMPRESSED
            self._compressed(header.length, is_last=bool(header.bits & 0x8000))
        if len(self._stream.gaps) != self._gaps:
            state |= self._gap()
        state |= 0 if complete else CUT
        state |= 0 if sure else RESYNCHRONISED
        state |= IN_MESSAGE if frame.in_message else 0
        state |= AFTER_CLOSE if frame.after_close else 0
        packet, time, _ = frame.mark
        last_packet, last_time, _ = frame.last_mark
        first = packet or 0
        self._log.add(
            state,
            packets=(first, max(first, last_packet or 0), frame.earliest),
            times=(time, last_time),
            offset=frame.offset,
            length=header.length,
            key=int.from_bytes(header.key) if header.key is not None else 0,
            missing=frame.missing,
            header=header.bits,
        )

    def _compressed(self, length: int, *, is_last: bool) -> None:
        """Keep a context now and then, where a message ends."""
        self._packed += length
        if self._packed >= self._contexts.step and is_last and self._recording.tracker.id:
            history = self._stream.context()
            if history is not None:
                name = owner(self._recording.tracker.id, self._stream.side)
                self._contexts.add(name, Context(self._stream.total, history))
                self._packed = 0

    def _gap(self) -> int:
        self._gaps = len(self._stream.gaps)
        return AFTER_GAP


class Recording:
    """The rows of one connection and what is needed to find its bytes again."""

    __slots__ = ("_contexts", "_heads", "_unmarked", "log", "tracker")

    def __init__(self, tracker: Tracker, log: RowLog, contexts: Contexts) -> None:
        self._contexts = contexts
        self.tracker = tracker
        self.log = log
        self._heads: set[tuple[Side, int]] = set()
        self._unmarked: list[Breach] = []
        """Findings whose rows have not come."""
        tracker.decoder.sink_for = self._sink

    def _sink(self, stream: FrameStream) -> SideSink:
        if self.tracker.id:
            self.heads()
        return SideSink(self, self.log, stream, self._contexts)

    def begin(self) -> None:
        """It is a WebSocket: what TCP and HTTP have shown so far, and whatever comes."""
        flow = self.tracker.flow
        for event in flow.events:
            if event.kind in SHOWN and event.side is not None:
                self._event(
                    event.kind, event.side, event.packet, event.time, event.offset, event.length
                )
        flow.listener = self._note
        self.heads()
        self.log.settle()

    def end(self) -> None:
        """No more rows will come."""
        self.tracker.flow.listener = None
        self.heads()
        self.log.settle()
        for breach in self._unmarked:
            self._mark(breach)
        self._unmarked.clear()
        self.log.shrink()

    def release(self) -> None:
        """The decoder and the flow let go of it."""
        decoder = self.tracker.decoder
        decoder.sink_for = self.tracker.flow.listener = None
        for stream in decoder.streams.values():
            stream.sink = None

    # ---- what comes -------------------------------------------------------------------------
    def _note(self, note: Note) -> None:
        kind, half, packet, time, offset, length = note
        if kind in SHOWN and half.side is not None:
            self._event(kind, half.side, packet, time, offset, length)

    def _event(
        self,
        kind: EventKind,
        side: Side,
        packet: int | None,
        time: int | None,
        offset: int | None,
        length: int,
    ) -> None:
        self.log.add(
            _TCP | _bit(side),
            packets=(packet or 0,) * 3,
            times=(time, time),
            offset=max(0, offset or 0),
            length=length,
            header=EVENT_NUMBERS[kind],
        )

    def heads(self) -> None:
        """Heads that were not told yet."""
        decoder = self.tracker.decoder
        for handshake in (*decoder.attempts, decoder.handshake):
            for head in (handshake.request, handshake.response) if handshake else ():
                if head is not None and (head.side, head.offset) not in self._heads:
                    self._heads.add((head.side, head.offset))
                    self._head(head)

    def _head(self, head: Head) -> None:
        state = _HEAD | _bit(head.side) | (0 if head.complete else CUT)
        self.log.add(
            state, packets=(head.packet or 0,) * 3, times=(head.time, head.time),
            offset=head.offset, length=head.length,
        )  # fmt: skip

    def fact(self, fact: Fact) -> None:
        """A fact of the decoder that is a row of its own."""
        if isinstance(fact, Foreign | SecondAnswer):
            span = fact.span
            header = fact.header if isinstance(fact, Foreign) else 0x4854
            self.log.add(
                _FOREIGN | _bit(span.side), packets=(span.packet or 0,) * 3,
                times=(span.time, span.time), offset=span.offset, length=span.length, header=header,
            )  # fmt: skip
        elif isinstance(fact, Handshake):
            self.heads()

    def finding(self, breach: Breach) -> None:
        """Mark the row that a finding concerns, now or when it has come."""
        if not self._mark(breach) and len(self._unmarked) < _MOST_UNMARKED:
            self._unmarked.append(breach)

    def _mark(self, breach: Breach) -> bool:
        span = breach.span
        if breach.frame is not None:
            index = self.log.find(span.side, breach.frame)
        else:
            index = self.log.find_other(
                _bit(span.side), span.part is Part.HEAD, span.offset, span.packet
            )
        if index is not None:
            self.log.mark(index)
        return index is not None


def _bit(side: Side) -> int:
    return SERVER if side is Side.SERVER else 0
