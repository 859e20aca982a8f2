"""Payloads that the report shows, as text: of a side's last frame and of frames with findings."""

from __future__ import annotations

from wsdebug.display.escape import printable
from wsdebug.model.facts import Fact, Frame, Message
from wsdebug.model.place import Side
from wsdebug.rules import Breach

_CLOSE = 8


class Previews:
    """Of one connection; only the last of each side is kept, and what a finding asks for."""

    __slots__ = ("_last", "_pending", "_shown", "before_close")

    def __init__(self, shown: int) -> None:
        """`shown`: bytes of a payload."""
        self._shown = shown
        self._last: dict[Side, tuple[int, str]] = {}
        self.before_close: dict[Side, tuple[int, str]] = {}
        """Of each side's last frame that is no Close: its number and its payload, inflated where it
        is a whole message.
        """
        self._pending: dict[tuple[Side, int], list[int]] = {}

    def see(self, fact: Fact, breaches: list[tuple[Breach, str | None]]) -> None:
        """Keep the payload of a frame, and give it to the breaches that wait for it."""
        if isinstance(fact, Frame) and fact.payload is not None:
            text = self._text(fact, fact.payload)
            self._last[fact.side] = (fact.number, text)
            if fact.opcode != _CLOSE:
                self.before_close[fact.side] = (fact.number, text)
            for index in self._pending.pop((fact.side, fact.number), ()):
                breaches[index] = (breaches[index][0], text)
        elif isinstance(fact, Message) and fact.compressed and fact.payload is not None:
            self._inflated(fact, fact.payload)

    def of(self, breach: Breach, index: int) -> str | None:
        """The payload of a breach's frame, or None: then the breach at `index` gets it later."""
        if breach.frame is None:
            return None
        number, text = self._last.get(breach.span.side, (-1, ""))
        if number == breach.frame:
            return text
        self._pending.setdefault((breach.span.side, breach.frame), []).append(index)
        return None

    def _text(self, frame: Frame, payload: bytes) -> str:
        text = printable(payload, self._shown)
        is_compressed = frame.rsv & 4 and frame.agreed.deflate is not None
        return f"(compressed) {text}" if is_compressed else text

    def _inflated(self, message: Message, payload: bytes) -> None:
        """A message of one compressed frame can be read after all."""
        if message.first_frame == message.last_frame:
            text = f"(inflated) {printable(payload, self._shown)}"
            self.before_close[message.side] = (message.last_frame, text)
