"""Who is told of a connection, and who keeps bytes that are in no packet as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from wsdebug.model.place import Mark, Side

if TYPE_CHECKING:
    from wsdebug.transport.flow import Flow


class Consumer(Protocol):
    """Who is told of a connection's streams; the bytes themselves go to each `half.feed`."""

    def take(self, facts: Sequence[Any]) -> None:
        """What a `half.feed` has returned; not called where that is nothing."""

    def gap(self, side: Side, length: int | None, mark: Mark, reason: str) -> None:
        """The capture lacks `length` bytes here; in order with `feed`."""

    def overlap(self, side: Side, offset: int, kept: bytes, other: bytes, mark: Mark) -> None:
        """Different bytes came for the same place; `kept` are those of the stream."""

    def end(self, side: Side, how: str, mark: Mark) -> None:
        """The stream ends in order: "fin" or "rst". Once a side; nothing is fed behind it."""

    def close(self, flow: Flow) -> None:
        """The connection is over or the capture has ended."""


class Keeper(Protocol):
    """Who keeps the bytes of a connection inside another one, for a later look."""

    def add(self, data: bytes) -> None:
        """The next ones."""

    def skip(self, size: int) -> None:
        """So many are not in the capture."""
