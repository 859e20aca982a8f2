"""Who is told of every frame of a side, those that no rule objects to as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from wsdebug.model.place import Mark

if TYPE_CHECKING:
    from wsdebug.protocol.reading import FrameReading


class FrameSink(Protocol):
    """Called once for each frame, when it is over."""

    def whole(self, bits: int, length: int, key: int, offset: int, mark: Mark) -> None:
        """A sound frame that lay in one piece. `key` 0: not masked."""

    def frame(self, frame: FrameReading, *, complete: bool, sure: bool) -> None:
        """Any other; `sure`: what stood before it is known."""
