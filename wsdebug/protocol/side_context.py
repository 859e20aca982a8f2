"""The compression context of one side: made when first needed, shared limits, history lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsdebug.model.handshake import Agreed
from wsdebug.model.place import Side
from wsdebug.protocol.inflate import Inflater
from wsdebug.protocol.inflaters import Inflaters
from wsdebug.protocol.sink import FrameSink

if TYPE_CHECKING:
    from wsdebug.protocol.reading import FrameReading


class SideContext:
    """What a side's compressed messages are read with (RFC 7692 7.2)."""

    __slots__ = (
        "_agreed",
        "_inflater",
        "_is_history_lost",
        "inflated",
        "inflaters",
        "side",
        "sink",
        "unreadable",
    )

    def __init__(self, side: Side, agreed: Agreed) -> None:
        self.side = side
        self._agreed = agreed
        self._is_history_lost = False
        """The compressor has seen messages that the capture lacks."""
        self._inflater: Inflater | None = None
        self.inflaters: Inflaters | None = None
        """Shared by all streams of a capture."""
        self.sink: FrameSink | None = None
        """Told of every frame, where somebody asked."""
        self.unreadable = 0
        """Complete compressed messages whose context lies in what the capture lacks."""
        self.inflated = 0
        """Compressed messages that could be read though nobody knows what was agreed."""

    @property
    def is_deflate_agreed(self) -> bool:
        """Whether permessage-deflate is known to be on."""
        return self._agreed.deflate is not None

    def _tell_frame(self, frame: FrameReading, *, complete: bool, sure: bool) -> None:
        if self.sink is not None:
            self.sink.frame(frame, complete=complete, sure=sure)

    def _inflater_of_side(self, packet: int | None) -> Inflater | None:
        """For a message of which bytes came in that packet."""
        agreed = self._agreed
        if self._inflater is None and (agreed.deflate is not None or not agreed.known):
            self._inflater = Inflater(agreed.deflate, self.side)
            if self._is_history_lost:
                self._inflater.lose()
        if self._inflater is not None and self.inflaters is not None:
            self.inflaters.use(self._inflater, packet)
        return self._inflater

    def context(self) -> bytes | None:
        """What the next compressed message may refer to; None where that is not known."""
        return self._inflater.history if self._inflater is not None else None

    def _lose_history(self) -> None:
        """Messages are missing that later ones may refer to (RFC 7692 7.2.3.2)."""
        self._is_history_lost = True
        if self._inflater is not None:
            self._inflater.lose()

    def _release_inflater(self) -> None:
        if self._inflater is not None and self.inflaters is not None:
            self.inflaters.release(self._inflater)
        self._inflater = None
