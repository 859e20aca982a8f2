"""Payload that a report may show (`--payload`): kept as text while the frames pass."""

from __future__ import annotations

from wsdebug.display.escape import printable
from wsdebug.model.facts import Fact, Frame, Message
from wsdebug.model.place import Side


class PayloadTexts:
    """Those of one connection. Of each side the last frame's, and the last one's that is no Close;
    frames with findings take theirs when it comes.
    """

    __slots__ = ("_last", "_most", "_waiting", "before_close")

    def __init__(self, most: int) -> None:
        """`most`: bytes of a payload that are shown."""
        self._most = most
        self._last: dict[Side, tuple[int, str]] = {}
        self.before_close: dict[Side, tuple[int, str]] = {}
        """Of each side's last frame that is no Close: its number and its payload, inflated where
        the frame is a whole message."""
        self._waiting: dict[tuple[Side, int], list[int]] = {}

    def take(self, fact: Fact) -> tuple[list[int], str]:
        """Keep what a fact holds; the breaches that had waited for it, and the text."""
        if isinstance(fact, Frame) and fact.payload is not None:
            return self._frame(fact, fact.payload)
        if isinstance(fact, Message) and fact.compressed and fact.payload is not None:
            self._inflated(fact, fact.payload)
        return [], ""

    def of(self, side: Side, frame: int, breach: int) -> str | None:
        """The payload of a frame that is being told; where it comes later, `breach` waits."""
        number, text = self._last.get(side, (-1, ""))
        if number == frame:
            return text
        self._waiting.setdefault((side, frame), []).append(breach)
        return None

    def _frame(self, frame: Frame, payload: bytes) -> tuple[list[int], str]:
        text = printable(payload, self._most)
        if frame.rsv & 4 and frame.agreed.deflate is not None:
            text = f"(compressed) {text}"
        self._last[frame.side] = (frame.number, text)
        if frame.opcode != 8:
            self.before_close[frame.side] = (frame.number, text)
        return self._waiting.pop((frame.side, frame.number), []), text

    def _inflated(self, message: Message, payload: bytes) -> None:
        """A message of one compressed frame can be read after all."""
        if message.first_frame == message.last_frame:
            text = f"(inflated) {printable(payload, self._most)}"
            self.before_close[message.side] = (message.last_frame, text)
