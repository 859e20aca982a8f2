"""The frames of one side from their headers on: begun, read, told, counted."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from wsdebug.model.facts import Close, CutShort, Fact
from wsdebug.model.handshake import Agreed
from wsdebug.model.limits import Limits
from wsdebug.model.place import NO_MARK, Mark, Part, Side, Span
from wsdebug.protocol import header as head
from wsdebug.protocol.borders import Manner, manner_of
from wsdebug.protocol.busy import BusyTimes
from wsdebug.protocol.closing import close_body
from wsdebug.protocol.frame_note import FrameNote
from wsdebug.protocol.header import Header
from wsdebug.protocol.liveness import Beat, Liveness
from wsdebug.protocol.masking import KeyWatch
from wsdebug.protocol.messages import OpenMessage
from wsdebug.protocol.reading import FrameReading
from wsdebug.protocol.side_context import SideContext
from wsdebug.protocol.small_messages import PIECE as INFLATED

_NO_MANNERS: frozenset[Manner] = frozenset()  # one for all: each would take 216 bytes


class SideFrames(SideContext):
    """What is known of a side's frames, given where they begin. Offsets count from the byte after
    the head; `base` is that byte's offset in the side's TCP stream.
    """

    __slots__ = (
        "_ended_at", "_facts", "_is_closed", "_is_unsure", "_key", "_keys", "_last", "_light",
        "_limits", "_liveness", "_manners", "_now", "_open", "_packs", "_sure_from", "_watch",
        "base", "before_close", "busy", "closes", "counts", "messages", "total",
    )  # fmt: skip

    def __init__(
        self,
        side: Side,
        agreed: Agreed,
        watch: bytes | None,
        limits: Limits,
        liveness: Liveness,
        base: int,
    ) -> None:
        super().__init__(side, agreed)
        self.base = base
        self.counts = [0] * 16
        """Frames by opcode."""
        self.total = 0
        self.messages = 0
        """Complete data messages."""
        self.closes: list[Close] = []
        """The first two."""
        self._watch = watch
        self._limits = limits
        self._liveness = liveness
        self._facts: list[Fact] = []
        self._last: tuple[int, int, Mark] | None = None
        self._ended_at: tuple[int, Mark] = (-1, NO_MARK)
        self.busy = BusyTimes()
        self.before_close: FrameNote | None = None
        """The last frame before this side's first Close."""
        self._now: FrameReading | None = None
        self._open: OpenMessage | None = None
        self._is_closed = False
        self._is_unsure = False
        """Until the end of a first data message behind a hole: what stands before is not known."""
        self._packs = not limits.payload and limits.message >= INFLATED
        """Whether compressed messages may be checked in one go."""
        self._sure_from = 0
        """The number of the frame from which on the border found last is certain."""
        self._key = -1
        """The masking key of the last frame with payload, big-endian; -1 none."""
        self._keys = KeyWatch()
        self._light = 0
        """Faults of headers that leave a frame a frame and that were seen."""
        self._manners = _NO_MANNERS
        """Graver ones."""

    @property
    def _is_doubtful(self) -> bool:
        """What does not fit would speak against the border found last."""
        return self.total < self._sure_from

    def _drain(self) -> Sequence[Fact]:
        facts, self._facts = self._facts, []
        return facts

    @property
    def last(self) -> FrameNote | None:
        """The last frame that has begun."""
        if self._last is None:
            return None
        number, (opcode, length, mark) = self.total - 1, self._last
        # Frames of the quick lane end in the packet they begin in.
        end = self._ended_at[1] if self._ended_at[0] == number else mark
        return FrameNote(number, opcode, length, *mark[:2], *end[:2])

    @property
    def in_message(self) -> bool:
        """Whether a fragmented message is open."""
        return self._open is not None

    @abstractmethod
    def _give_up(self, offset: int) -> None:
        """From `offset` on no border is known."""

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
            self._message_of(header, number, mark[0]),
            self._limits,
            in_message=in_message,
            after_close=self._is_closed,
        )
        if opcode == 8 and not self._is_closed:
            self.before_close = self.last
        self.total = number + 1
        self.counts[opcode] += 1
        self._last = (opcode, header.length, mark)
        if header.key is not None and header.length:
            self._note_key(int.from_bytes(header.key, "big"), offset + header.size - 4, mark)
        self._now = now
        if faults & head.HIGH_BIT:
            # RFC 6455 5.2: the highest bit must be 0; where such a frame ends nobody can say.
            self._finish(complete=False)
            self._give_up(offset + header.size)
        elif not header.length:
            self._finish()

    def _note_key(self, key: int, offset: int, mark: Mark) -> None:
        # RFC 6455 5.3: a fresh key for each frame, drawn so that nobody can foresee it.
        if key in (0, self._key):
            span = Span(self.side, Part.STREAM, offset, 4, mark[0], mark[1])
            self._keys.note(key, self.total - 1, span)
        self._key = key

    def _message_of(self, header: Header, number: int, packet: int | None) -> OpenMessage | None:
        """The message that a frame belongs to; None for control frames and those out of order."""
        opcode, fin, rsv = header.opcode, header.bits & 0x8000, header.bits >> 12 & 7
        before = self._open
        if opcode == 0 or opcode & 8:
            return None if opcode else before
        if opcode > 2 and (fin or before is not None):
            return None
        inflater = self._inflater_of_side(packet) if rsv & 4 else None
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

    def _finish(self, *, complete: bool = True) -> None:
        """The frame is over: tell it, then what its payload showed."""
        now, self._now = self._now, None
        assert now is not None
        message, bits = now.message, now.header.bits
        self.busy.note(now.mark[1], now.last_mark[1])
        self._ended_at = (now.number, now.last_mark)
        if not complete or self._is_telling(now):
            fact = now.fact(
                self.side, self._agreed, self._limits, complete=complete, sure=not self._is_unsure
            )
            self._facts.append(fact)
        if bits & 0x800:
            if complete:
                self._control(now)
        elif message is not None:
            last = complete and bool(bits & 0x8000)
            message.end_frame(last)
            if last:
                self._close_message(message)
            if not (self._is_unsure or self._is_doubtful):
                self._facts += message.facts
            message.facts.clear()
            if last and self._limits.payload:
                self._facts.append(message.fact())
        self._tell_frame(now, complete=complete, sure=not self._is_unsure)
        if bits & 0x8800 == 0x8000 and complete:
            self._is_unsure = False  # behind a final data frame no message is open

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
        if message.compressed and message.packed:
            is_missing = self._is_history_lost or not self._agreed.known
            self.unreadable += is_missing and not message.readable
            self.inflated += message.readable
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
            end = self.base + now.offset + header.size + header.length
            body, span = bytes(now.kept[:125]), now.span(self.side)
            beat = Beat(now.number, end, now.mark[1], body, span, acknowledged=now.mark[2])
            if self._is_unsure:
                self._liveness.unsure(self.side, beat, is_ping=header.opcode == 9)
            elif header.opcode == 9:
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
        self._liveness.closed |= {self.side}
        self._facts.append(close)

    def _cut_short(self, how: str, header: Span | None) -> None:
        """Tell what the end of the stream cut off; `header` is a beginning of one."""
        closed = self._is_closed or self.side.other in self._liveness.closed
        is_over, now, message = how != "capture", self._now, self._open
        if header is not None and is_over and not self._is_unsure:
            self._facts.append(CutShort(header, "frame", self.total, 0, None, how, closed))
        elif now is not None:
            got = now.header.length - now.left
            self._finish(complete=False)
            if is_over and not self._is_unsure:
                span = now.span(self.side)
                wanted = now.header.length
                cut = CutShort(span, "frame", now.number, got, wanted, how, closed)
                self._facts.append(cut)
        if message is None:
            return
        message.finish()
        self._facts += message.facts
        if is_over and not self._is_unsure and (now is None or message.first_frame != now.number):
            self._facts.append(message.cut_short(how, closed))
