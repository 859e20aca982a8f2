"""A frame that is being read: its payload unmasked and handed on, piece by piece."""

from __future__ import annotations

from wsdebug.model.facts import Frame
from wsdebug.model.handshake import Agreed
from wsdebug.model.limits import Limits
from wsdebug.model.place import Mark, Part, Side, Span
from wsdebug.protocol.header import Header
from wsdebug.protocol.masking import unmask
from wsdebug.protocol.messages import OpenMessage
from wsdebug.protocol.text import PIECE

_CONTROL = 125


class FrameReading:
    """The frame whose payload is coming in. `left` payload bytes are still to come."""

    __slots__ = (
        "_keep", "after_close", "earliest", "faults", "header", "in_message", "is_idle", "kept",
        "last_mark", "left", "mark", "message", "missing", "number", "offset",
    )  # fmt: skip

    def __init__(
        self,
        header: Header,
        faults: int,
        number: int,
        offset: int,
        mark: Mark,
        message: OpenMessage | None,
        limits: Limits,
        *,
        in_message: bool,
        after_close: bool,
    ) -> None:
        self.header = header
        self.faults = faults
        self.number = number
        self.offset = offset
        self.mark = self.last_mark = mark
        self.earliest = mark[0] or 0
        """The first packet of all that carry it; late segments come first in the stream."""
        self.message = message
        self.in_message = in_message
        self.after_close = after_close
        self.left = header.length
        self.missing = 0
        self.kept = bytearray()
        """The payload's beginning: of a control frame, and as far as a consumer asks."""
        self._keep = max(limits.payload, _CONTROL if header.is_control else 0)
        self.is_idle = not self._keep and (message is None or message.is_idle)
        """Nobody looks at the payload."""
        if message is not None:
            message.begin_frame(number, offset, header.size + header.length, mark)

    def take(self, data: bytes | bytearray, at: int, stop: int, mark: Mark) -> int:
        """Take payload from `at` on; where it, or the data up to `stop`, ends."""
        stop = min(stop, at + self.left)
        done = self.header.length - self.left
        message, key = self.message, self.header.key
        self.left -= stop - at
        self.last_mark = mark
        if mark[0] is not None and mark[0] < self.earliest:
            self.earliest = mark[0]
        begin = self.offset + self.header.size - at + done
        first = at
        while at < stop:
            wants = message is not None and message.wants
            if not wants and len(self.kept) >= self._keep:
                if message is not None:
                    message.skip(stop - at)
                return stop
            end = min(stop, at + PIECE)
            piece = bytes(data[at:end])
            if key is not None:
                piece = unmask(piece, key, done + at - first)
            if len(self.kept) < self._keep and not self.missing:
                self.kept += piece[: self._keep - len(self.kept)]
            if message is not None:
                if wants:
                    message.take(piece, begin + at, mark)
                else:
                    message.skip(end - at)
            at = end
        return stop

    def pass_by(self, length: int, mark: Mark) -> None:
        """Go over payload bytes that nobody looks at and that are not its last."""
        self.left -= length
        self.last_mark = mark
        if mark[0] is not None and mark[0] < self.earliest:
            self.earliest = mark[0]
        if self.message is not None:
            self.message.skip(length)

    def lose(self, length: int) -> None:
        """The next payload bytes are not in the capture."""
        self.missing += length
        self.left -= length
        # What is kept is the payload's beginning: nothing behind the hole joins it.
        self._keep = len(self.kept)
        if self.message is not None:
            self.message.skip(length)
            self.message.spoil()

    def span(self, side: Side) -> Span:
        """The whole frame as declared."""
        packet, time, _ = self.mark
        size = self.header.size + self.header.length
        return Span(side, Part.STREAM, self.offset, size, packet, time)

    def fact(
        self, side: Side, agreed: Agreed, limits: Limits, *, complete: bool, sure: bool
    ) -> Frame:
        """The frame with every bit of its header; `sure`: what stood before it is known."""
        header = self.header
        key = header.key
        return Frame(
            side,
            self.number,
            self.offset,
            header.bits,
            header.size,
            header.length,
            None if key is None else int.from_bytes(key, "big"),
            agreed,
            in_message=self.in_message,
            after_close=self.after_close,
            synchronised=sure,
            missing=self.missing,
            complete=complete,
            packet=self.mark[0],
            time=self.mark[1],
            last_packet=self.last_mark[0],
            last_time=self.last_mark[1],
            payload=bytes(self.kept[: limits.payload]) if limits.payload else None,
        )
