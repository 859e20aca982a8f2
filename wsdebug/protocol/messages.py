"""Data messages (RFC 6455 5.4, 5.6): fragments put together, inflated and checked as they come.

Nothing is kept but the beginning of a character, up to 16 KiB of a compressed block, and what a
consumer asks for (`Limits.payload`).
"""

from __future__ import annotations

from wsdebug.model.facts import Bomb, CutShort, DeflateFault, Fact, Message, TextFault
from wsdebug.model.limits import Limits
from wsdebug.model.place import Mark, Part, Side, Span
from wsdebug.protocol.inflate import BLOCK, Inflater
from wsdebug.protocol.text import Utf8, Utf8Fault

_COUNTED = 4
"""Times `Limits.message` that are inflated to count; then the message is given up."""


class OpenMessage:
    """A message whose last frame has not come. `facts` are those found in the current frame."""

    __slots__ = (
        "_begin", "_frame_length", "_frame_mark", "_frame_offset", "_inflater", "_kept", "_limits",
        "_over", "_packed", "_tail", "_text", "compressed", "facts", "first_frame", "frame",
        "length", "opcode", "packed", "readable", "side",
    )  # fmt: skip

    def __init__(
        self,
        side: Side,
        opcode: int,
        compressed: bool,
        inflater: Inflater | None,
        limits: Limits,
        first_frame: int,
    ) -> None:
        """`inflater` is None for a compressed message that nobody can inflate."""
        self.side = side
        self.opcode = opcode
        self.compressed = compressed
        self.first_frame = self.frame = first_frame
        self.readable = not compressed or inflater is not None
        self.length = 0
        """Bytes so far, after inflating."""
        self.packed = 0
        """Bytes so far, as on the wire."""
        self.facts: list[Fact] = []
        self._limits = limits
        self._inflater = inflater if compressed else None
        self._packed = bytearray()
        self._kept = bytearray()
        self._begin: Span | None = None
        self._over: tuple[int, Span] | None = None
        self._frame_offset = self._frame_length = 0
        self._frame_mark: Mark = (None, None, None)
        self._tail: tuple[int, Span] | None = None
        """Frame and place of the first byte of the character that goes on."""
        self._text = Utf8() if opcode == 1 and self.readable else None
        if self._inflater is not None:
            self._inflater.begin()

    @property
    def wants(self) -> bool:
        """Whether the payload need be looked at: it is neither to be checked nor to be kept."""
        if not self.readable:
            return self._goes_on
        if self.compressed or self._text is not None:
            return True
        return len(self._kept) < self._limits.payload

    @property
    def is_idle(self) -> bool:
        """Whether nobody will ever look at the payload."""
        return not self.compressed and self._text is None and not self._limits.payload

    @property
    def _goes_on(self) -> bool:
        """Unreadable itself, it leads to where later messages are readable."""
        return self._inflater is not None and self._inflater.is_trial

    def begin_frame(self, number: int, offset: int, length: int, mark: Mark) -> None:
        """A frame of this message begins; `length` counts its header too."""
        self.frame = number
        self._frame_offset, self._frame_length, self._frame_mark = offset, length, mark
        if self._begin is None:
            self._begin = self._frame_span()

    def take(self, piece: bytes, offset: int, mark: Mark) -> None:
        """Payload without its mask, and where it begins on the wire."""
        self.packed += len(piece)
        if self._inflater is None:
            self._read(piece, offset, mark)
            return
        self._packed += piece
        while len(self._packed) >= BLOCK:
            block = bytes(self._packed[:BLOCK])
            del self._packed[:BLOCK]
            self._inflate(block, last=False)

    def skip(self, length: int) -> None:
        """Payload that nobody wants to look at."""
        self.packed += length
        if not self.compressed:
            self.length += length

    def spoil(self) -> None:
        """Bytes are missing: the message cannot be judged."""
        if self._inflater is not None and self.readable:
            self._inflater.lose()
        self.readable = False
        self._text = None
        self._packed.clear()

    def end_frame(self, last: bool) -> None:
        """The current frame is over, and with `last` the message."""
        if self._inflater is None:
            pass
        elif (self.readable or self._goes_on) and (last or self._packed):
            block = bytes(self._packed)
            self._packed.clear()
            self._inflate(block, last)
        if last and self._text is not None:
            fault = self._text.finish()
            if fault is not None:
                assert self._tail is not None
                self._tell_text(fault, *self._tail)

    def finish(self) -> None:
        """The message is over, whole or not: tell what is only known now."""
        if self._over is not None:
            frame, span = self._over
            self.facts.append(Bomb(span, frame, self.packed, self.length))

    def cut_short(self, how: str, closed: bool) -> CutShort:
        """The stream ended before the message did."""
        assert self._begin is not None
        return CutShort(self._begin, "message", self.first_frame, self.packed, None, how, closed)

    def fact(self) -> Message:
        """The complete message for a consumer that asks for payloads."""
        payload = bytes(self._kept) if self.readable else None
        return Message(
            self.side,
            self.opcode,
            self.first_frame,
            self.frame,
            self.compressed,
            self.length,
            payload,
        )

    def _read(self, piece: bytes, offset: int, mark: Mark) -> None:
        """Check and keep readable bytes; compressed ones stand anywhere in their frame."""
        begin = self.length
        self.length += len(piece)
        room = self._limits.payload - len(self._kept)
        if room > 0:
            self._kept += piece[:room]
        text = self._text
        if text is None:
            return
        fault = text.feed(piece)
        if fault is not None:
            place = self._place(offset + fault.offset - begin, mark)
            self._tell_text(fault, self.frame, place)
        elif text.carry and text.position >= begin:
            self._tail = (self.frame, self._place(offset + text.position - begin, mark))

    def _place(self, offset: int, mark: Mark) -> Span:
        if self.compressed:
            return self._frame_span()
        return Span(self.side, Part.STREAM, offset, 1, mark[0], mark[1])

    def _frame_span(self) -> Span:
        packet, time, _ = self._frame_mark
        return Span(self.side, Part.STREAM, self._frame_offset, self._frame_length, packet, time)

    def _tell_text(self, fault: Utf8Fault, frame: int, span: Span) -> None:
        self._text = None
        if self._inflater is not None and self._inflater.is_trial:
            self.spoil()  # inflated without what it refers to: no fault of the sender's
            return
        self.facts.append(
            TextFault(span, frame, fault.offset, fault.reason, fault.seen, self.compressed)
        )

    def _inflate(self, block: bytes, last: bool) -> None:
        inflater = self._inflater
        assert inflater is not None
        for out in inflater.feed(block, last):
            self._read(out, self._frame_offset, self._frame_mark)
            if self.length > self._limits.message:
                if self._over is None:
                    self._over = (self.frame, self._frame_span())
                if self.length > _COUNTED * self._limits.message:
                    self.spoil()
                    return
        if inflater.fault is not None:
            self._tell_deflate(inflater)
        if not inflater.readable:
            self.readable = False
            self._text = None

    def _tell_deflate(self, inflater: Inflater) -> None:
        fault, inflater.fault = inflater.fault, None
        assert fault is not None
        bits = inflater.window_bits
        certain = fault.reason != "window-exceeded" or bits > 8
        self.facts.append(
            DeflateFault(self._frame_span(), self.frame, fault.reason, fault.text, bits, certain)
        )
