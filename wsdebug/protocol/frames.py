"""One side's frames (RFC 6455 5): bytes in, facts out.

Three lanes. Whole, unfragmented, uncompressed data frames that nobody asked to see are checked
in `feed` itself (a million of them a capture). Every other frame with a sound header is taken
apart by `_begin`, `FrameReading` and `_finish`, its payload piece by piece. Bytes whose header is
doubtful are held, with their marks, until `held.decide` can say whether they are a frame.

What is decided depends on the bytes alone, never on how they were split.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from wsdebug.model.facts import Agreed, Close, CutShort, Fact, Foreign, SecondAnswer
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import NO_MARK, Mark, Part, Side, Span
from wsdebug.protocol import header as head
from wsdebug.protocol.borders import AT_FIN, AT_RUN_END, Manner, Shape, manner_of
from wsdebug.protocol.closing import close_body
from wsdebug.protocol.foreign import ForeignRun
from wsdebug.protocol.header import Header, faults_of_bits, faults_of_length, header_at
from wsdebug.protocol.held import Held, Ruling, decide
from wsdebug.protocol.inflate import Inflater
from wsdebug.protocol.liveness import Beat, Liveness
from wsdebug.protocol.masking import KeyWatch
from wsdebug.protocol.messages import OpenMessage
from wsdebug.protocol.reading import FrameReading
from wsdebug.protocol.text import PIECE

_ZERO_KEY = b"\x00\x00\x00\x00"


class FrameNote(NamedTuple):
    """A frame as the summary names it; `packet` and `time` are those of its first byte."""

    number: int
    opcode: int
    length: int
    packet: int | None
    time: int | None


class FrameStream:
    """The frames of one side. Offsets count from the first byte after the head; `base` is that
    byte's offset in the side's TCP stream."""

    __slots__ = (
        "_agreed", "_calm", "_ended", "_facts", "_first", "_held", "_inflater", "_is_closed",
        "_is_lost", "_keys", "_lane", "_last", "_light", "_limits", "_liveness", "_manners",
        "_now", "_open", "_run", "_watch", "base", "closes", "counts", "gaps", "messages",
        "offset", "side", "total", "unsynchronised",
    )  # fmt: skip

    def __init__(
        self,
        side: Side,
        agreed: Agreed,
        watch: bytes | None = None,
        limits: Limits = DEFAULT_LIMITS,
        liveness: Liveness | None = None,
        base: int = 0,
    ) -> None:
        self.side = side
        self.base = base
        self.offset = 0
        """Bytes of the stream so far, those the capture lacks included."""
        self.counts = [0] * 16
        """Frames by opcode."""
        self.total = 0
        self.messages = 0
        """Complete data messages."""
        self.closes: list[Close] = []
        """The first two."""
        self.gaps: list[tuple[int, int | None]] = []
        """Offset and length of what the capture lacks; the first `Limits.events` of them."""
        self.unsynchronised: list[tuple[int, int]] = []
        """Offset and length of what cannot be read as frames for want of a border."""
        self._agreed = agreed
        self._watch = watch
        self._limits = limits
        self._liveness = liveness or Liveness(limits)
        self._lane = _fast_lane(side, None if limits.payload else watch)
        self._facts: list[Fact] = []
        self._first: FrameNote | None = None
        self._last: tuple[int, int, int, Mark] | None = None
        self._now: FrameReading | None = None
        self._open: OpenMessage | None = None
        self._held = Held()
        self._run: ForeignRun | None = None
        self._calm = True
        """Nothing is under way: the next byte begins a frame, no message is open."""
        self._is_closed = self._is_lost = self._ended = False
        self._inflater: Inflater | None = None
        self._keys = KeyWatch()
        self._light = 0
        self._manners: frozenset[Manner] = frozenset()

    @property
    def first(self) -> FrameNote | None:
        """The first frame."""
        return self._first

    @property
    def last(self) -> FrameNote | None:
        """The last frame that has begun."""
        if self._last is None:
            return None
        number, opcode, length, mark = self._last
        return FrameNote(number, opcode, length, mark[0], mark[1])

    @property
    def in_frame(self) -> bool:
        """Whether a frame has begun and is not over; bytes that are still in doubt count."""
        return self._now is not None or bool(self._held.data)

    @property
    def in_message(self) -> bool:
        """Whether a fragmented message is open."""
        return self._open is not None

    def feed(self, data: bytes, mark: Mark = NO_MARK) -> Sequence[Fact]:
        """Take the next bytes of the stream; what became certain by them."""
        begin = self.offset
        size = len(data)
        self.offset = begin + size
        at = 0
        if not self._calm and (at := self._resume(data, begin, mark)) >= size:
            return self._drain()
        lane = self._lane
        # The hot loop: a call or an attribute more here is 5 % more for a chat capture.
        while self._calm and size - at >= 2:
            bits = data[at] << 8 | data[at + 1]
            opcode = lane[bits]
            start = at + 2
            length = bits & 0x7F
            if opcode and length == 126:
                start += 2
                length = int.from_bytes(data[at + 2 : start], "big")
                if length < 126 or length > PIECE:
                    opcode = 0
            if opcode:
                key = b""
                if bits & 0x80:
                    start += 4
                    key = data[start - 4 : start]
                    if length and (key == self._keys.last or key == _ZERO_KEY):
                        opcode = 0
                stop = start + length
                if stop > size:
                    opcode = 0
                elif opcode == 1:
                    text = data[start:stop]
                    if key:
                        pad = (key * ((length >> 2) + 1))[:length]
                        plain = int.from_bytes(text, "little") ^ int.from_bytes(pad, "little")
                        text = plain.to_bytes(length, "little")
                    try:
                        str(text, "utf-8")
                    except UnicodeDecodeError:
                        opcode = 0
            if opcode:
                if key and length:
                    self._keys.last = key
                self._last = (self.total, opcode, length, mark)
                if self._first is None:
                    self._first = self.last
                self.total += 1
                self.counts[opcode] += 1
                self.messages += 1
                at = stop
            else:
                at = self._slow_frame(data, at, begin, mark)
        if at < size:
            self._walk(data, at, begin, mark)
        return self._drain() if self._facts else ()

    def gap(self, length: int | None, mark: Mark = NO_MARK) -> Sequence[Fact]:
        """The capture lacks the next `length` bytes; None: nobody knows how many."""
        if length == 0:
            return ()
        if len(self.gaps) < self._limits.events:
            self.gaps.append((self.offset, length))
        if not self._is_lost:
            self._lose_bytes(length)
        self.offset += length or 0
        self._count_lost()
        return self._drain()

    def end(self, how: str = "fin", mark: Mark = NO_MARK) -> Sequence[Fact]:
        """The stream is over: by "fin", by "rst", or because the "capture" is."""
        if self._ended:
            return ()
        self._ended = True
        if not self._is_lost:
            self._decide_held(AT_RUN_END if how == "capture" else AT_FIN)
            self._end_run()
            self._cut_short(how)
        keys = self._keys.fact(self.side)
        if keys is not None:
            self._facts.append(keys)
        self._facts += self._liveness.end(self.side)
        self._inflater = None
        return self._drain()

    def _drain(self) -> Sequence[Fact]:
        facts, self._facts = self._facts, []
        return facts

    # ---- the bytes' way ---------------------------------------------------------------------
    def _settle(self) -> None:
        """Note whether the next byte may go the fast lane."""
        self._calm = (
            self._now is None
            and self._open is None
            and self._run is None
            and not self._held.data
            and not (self._is_closed or self._is_lost)
        )

    def _resume(self, data: bytes, begin: int, mark: Mark) -> int:
        """Go on with what the last feed left; where in `data` a border is."""
        if self._is_lost:
            self._count_lost()
            return len(data)
        if self._held.data or self._run is not None:
            self._hold(data, begin, mark)
            return len(data)
        at = 0
        if self._now is not None:
            at = self._now.take(data, 0, len(data), mark)
            if not self._now.left:
                self._finish()
                self._settle()
        return at

    def _walk(self, data: bytes, at: int, begin: int, mark: Mark) -> None:
        """Take frames from `at` to the end of the data, at a border to begin with."""
        while at < len(data):
            if self._held.data or self._run is not None or self._is_lost:
                return
            at = self._slow_frame(data, at, begin, mark)

    def _slow_frame(self, data: bytes, at: int, begin: int, mark: Mark) -> int:
        """Take one frame at a border, or hold all the rest where the header is in doubt."""
        header = header_at(data, at)
        faults = head.DOUBTFUL
        if header is not None and (header.bits or self._open is not None):
            faults = faults_of_bits(header.bits, self.side, self._agreed)
            faults |= faults_of_length(header)
        if header is None or faults & head.DOUBTFUL or self._agreed.unknown:
            self._hold(data[at:], begin + at, mark)
            return len(data)
        self._begin(header, faults, begin + at, mark)
        at += header.size
        if self._now is not None:
            at = self._now.take(data, at, len(data), mark)
            if not self._now.left:
                self._finish()
        self._settle()
        return at

    def _hold(self, data: bytes, offset: int, mark: Mark) -> None:
        self._held.add(data, offset, mark)
        if len(self._held.data) >= self._held.need:
            self._decide_held(None)
        self._settle()

    def _shape(self) -> Shape:
        return Shape(self.side, self._agreed, self._light, self._manners)

    def _decide_held(self, end: float | None, *, is_gap: bool = False) -> None:
        """Deal with held bytes as far as they can be told; `end` as for `borders.chain`."""
        held = self._held
        data, at = held.data, 0
        held.need = 0
        while at < len(data) and not self._is_lost:
            if self._now is not None:
                at = self._now.take(data, at, held.same_mark_until(at), held.mark_at(at))
                if not self._now.left:
                    self._finish()
            elif self._run is not None:
                step = self._run.follow(data, at, self._shape(), end)
                at = step.at
                if step.found:
                    self._end_run()
                elif at < len(data):
                    held.need = step.need
                    break
            else:
                is_open = self._open is not None
                found = decide(data, at, self._shape(), self._limits, end, in_message=is_open)
                offset = held.offset + at
                if found.ruling is Ruling.FRAME and found.header is not None:
                    self._begin(found.header, found.faults, offset, held.mark_at(at))
                    at += found.header.size
                elif found.ruling is Ruling.FOREIGN and not is_gap:
                    self._run = ForeignRun(offset, held.mark_at(at), self.base, self._limits)
                else:
                    held.need = found.need
                    break
        held.drop(len(data) if self._is_lost else at)

    def _end_run(self) -> None:
        """Foreign bytes are over: tell them."""
        run, self._run = self._run, None
        if run is None or not run.length:
            return
        span = run.span(self.side)
        if run.answer is not None:
            self._facts.append(SecondAnswer(span, run.answer))
            return
        preview = bytes(run.preview)
        self._facts.append(
            Foreign(
                span,
                run.kind,
                preview,
                int.from_bytes(preview[:2].ljust(2, b"\0"), "big"),
                self._agreed,
                self._is_closed,
                self._open is not None,
                self.total,
            )
        )

    # ---- a frame ----------------------------------------------------------------------------
    def _begin(self, header: Header, faults: int, offset: int, mark: Mark) -> None:
        number, opcode = self.total, header.opcode
        self._light |= faults & ~head.DOUBTFUL
        if faults & head.DOUBTFUL:
            self._manners |= {manner_of(header.bits, faults)}
        in_message = self._open is not None
        now = FrameReading(
            header,
            faults,
            number,
            offset,
            mark,
            self._message_of(header, number),
            self._limits,
            in_message=in_message,
            after_close=self._is_closed,
        )
        self.total = number + 1
        self.counts[opcode] += 1
        self._last = (number, opcode, header.length, mark)
        if self._first is None:
            self._first = self.last
        if header.key is not None and header.length:
            if header.key in (self._keys.last, _ZERO_KEY):
                place = offset + header.size - 4
                span = Span(self.side, Part.STREAM, place, 4, mark[0], mark[1])
                self._keys.note(header.key, number, span)
            self._keys.last = header.key
        self._now = now
        if faults & head.HIGH_BIT:
            # RFC 6455 5.2: the highest bit must be 0; where such a frame ends nobody can say.
            self._finish(complete=False)
            self._give_up(offset + header.size)
        elif not header.length:
            self._finish()

    def _message_of(self, header: Header, number: int) -> OpenMessage | None:
        """The message that a frame belongs to; None for control frames and those out of order."""
        opcode, fin, rsv = header.opcode, header.bits & 0x8000, header.bits >> 12 & 7
        before = self._open
        if opcode == 0 or opcode & 8:
            return None if opcode else before
        if opcode > 2 and (fin or before is not None):
            return None
        inflater = self._inflater_of_side() if rsv & 4 else None
        if before is not None and before.compressed and rsv & 4:
            before.spoil()
        message = OpenMessage(self.side, opcode, bool(rsv & 4), inflater, self._limits, number)
        if rsv & 3 or opcode > 2:
            # Bits nobody has agreed on may mean that the payload is something else.
            message.spoil()
        if not fin:
            # RFC 6455 5.4: messages do not interleave. A whole one inside another is read by
            # itself; the beginning of one more means that the old one is not finished.
            self._open = message
        return message

    def _inflater_of_side(self) -> Inflater | None:
        agreed = self._agreed
        if self._inflater is None and (agreed.deflate is not None or not agreed.known):
            self._inflater = Inflater(agreed.deflate, self.side)
        return self._inflater

    def _finish(self, *, complete: bool = True) -> None:
        """The frame is over: tell it, then what its payload showed."""
        now, self._now = self._now, None
        assert now is not None
        message, bits = now.message, now.header.bits
        if not complete or self._is_telling(now):
            self._facts.append(now.fact(self.side, self._agreed, self._limits, complete=complete))
        if bits & 0x800:
            if complete:
                self._control(now)
        elif message is not None:
            last = complete and bool(bits & 0x8000)
            message.end_frame(last)
            if last:
                self._close_message(message)
            self._facts += message.facts
            message.facts.clear()
            if last and self._limits.payload:
                self._facts.append(message.fact())

    def _is_telling(self, now: FrameReading) -> bool:
        """Whether the frame is asked for, or its header alone does not show what is wrong."""
        if self._watch is None or self._watch[now.header.bits]:
            return True
        if now.after_close or now.faults:
            return True
        opcode = now.header.opcode
        return not opcode & 8 and (opcode == 0) is not now.in_message

    def _close_message(self, message: OpenMessage) -> None:
        message.finish()
        if message.opcode in (1, 2):
            self.messages += 1
        if message is self._open:
            self._open = None

    def _control(self, now: FrameReading) -> None:
        header = now.header
        if header.opcode == 8:
            self._close(now)
        elif header.opcode in (9, 10):
            if now.missing:
                self._liveness.lose(self.side)
                return
            end = now.offset + header.size + header.length
            beat = Beat(now.number, end, now.mark[1], bytes(now.kept[:125]), now.span(self.side))
            if header.opcode == 9:
                self._liveness.ping(self.side, beat)
            else:
                self._liveness.pong(self.side, beat)

    def _close(self, now: FrameReading) -> None:
        header = now.header
        index = self.counts[8] - 1
        body = close_body(bytes(now.kept[:125]), header.length)
        end = self.base + now.offset + header.size + header.length
        close = Close(now.span(self.side), now.number, *body, index, now.mark[2], end)
        if len(self.closes) < 2:
            self.closes.append(close)
        self._is_closed = True
        self._liveness.closed.add(self.side)
        self._facts.append(close)

    # ---- what is missing --------------------------------------------------------------------
    def _lose_bytes(self, length: int | None) -> None:
        """Go over a hole: within a payload it costs nothing, else the border is lost."""
        self._decide_held(AT_RUN_END, is_gap=True)
        now = self._now
        if self._is_lost:
            return
        if now is not None:
            inside = length is not None and length <= now.left
            now.lose(min(length, now.left) if length is not None else now.left)
            if not now.left:
                self._finish()
            self._settle()
            if inside:
                return
        if self._run is not None and self._run.skip_gap(length):
            return
        self._end_run()
        start = self._held.offset if self._held.data else self.offset + (length or 0)
        self._give_up(start)

    def _give_up(self, offset: int) -> None:
        """From `offset` on no border is known."""
        self._is_lost = True
        self._calm = False
        self._open = self._now = None
        self._held.drop(len(self._held.data))
        self._liveness.lose(self.side)
        self.unsynchronised.append((offset, 0))
        self._count_lost()

    def _count_lost(self) -> None:
        if self._is_lost:
            start = self.unsynchronised[-1][0]
            self.unsynchronised[-1] = (start, max(0, self.offset - start))

    def _cut_short(self, how: str) -> None:
        """Tell what the end of the stream cut off."""
        closed = self._is_closed or self.side.other in self._liveness.closed
        is_over, now, message = how != "capture", self._now, self._open
        if self._held.data and is_over:
            held = self._held
            packet, time, _ = held.mark_at(0)
            span = Span(self.side, Part.STREAM, held.offset, len(held.data), packet, time)
            self._facts.append(CutShort(span, "frame", self.total, 0, None, how, closed))
        elif now is not None:
            got = now.header.length - now.left
            self._finish(complete=False)
            if is_over:
                span = now.span(self.side)
                wanted = now.header.length
                cut = CutShort(span, "frame", now.number, got, wanted, how, closed)
                self._facts.append(cut)
        if message is None:
            return
        message.finish()
        self._facts += message.facts
        if is_over and (now is None or message.first_frame != now.number):
            self._facts.append(message.cut_short(how, closed))


@lru_cache(maxsize=16)
def _fast_lane(side: Side, watch: bytes | None) -> bytes:
    """For each 16-bit header the opcode, 1 or 2, of a frame that `feed` may take by itself: FIN,
    no RSV bit, the mask as it should be, a length of 7 or 16 bits, and not watched; else 0."""
    lane = bytearray(0x10000)
    if watch is None:
        return bytes(lane)
    mask = 0x80 if side is Side.CLIENT else 0
    for opcode in (1, 2):
        for length in range(127):
            bits = 0x8000 | opcode << 8 | mask | length
            lane[bits] = 0 if watch[bits] else opcode
    return bytes(lane)
