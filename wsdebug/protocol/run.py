"""Bytes behind a lost border: what was captured, and holes of known length in between."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import TypeAlias

from wsdebug.model.place import Mark
from wsdebug.protocol.held import Held

WIDEST = 64 << 10
"""Bytes of a hole that a run goes on behind; a longer one begins a new run."""
MOST_PIECES = 16_384
"""Each takes some 250 bytes besides its data: one-byte segments would take a gigabyte."""

Piece: TypeAlias = tuple[bytes | int, Mark]
"""Captured bytes, or how many are missing, and who brought them."""


class Run(Held):
    """Stream bytes from `offset` on; `holes` are stream offsets, `starts` those of segments. In
    `data` a hole is FF, with which no header begins; nothing else may look there.
    """

    __slots__ = ("holes", "starts")

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset
        self.holes: list[tuple[int, int]] = []
        self.starts: list[int] = []

    @property
    def end(self) -> int:
        """Stream offset behind the last byte."""
        return self.offset + len(self.data)

    def put(self, data: bytes, mark: Mark, *, is_start: bool = True) -> None:
        """More bytes, `is_start` where they begin a captured segment."""
        at = self.end
        if is_start:
            self.starts.append(at)
        self.add(data, at, mark)

    def put_hole(self, length: int, mark: Mark) -> None:
        """Bytes the capture lacks."""
        at = self.end
        self.holes.append((at, at + length))
        self.add(b"\xff" * length, at, mark)

    def known_until(self, at: int) -> int:
        """Index behind the captured bytes that begin at index `at`; `at` itself within a hole."""
        place = self.offset + at
        index = bisect_right(self.holes, place, key=lambda hole: hole[1])
        if index == len(self.holes):
            return len(self.data)
        return max(at, self.holes[index][0] - self.offset)

    def is_start(self, at: int) -> bool:
        """Whether a captured segment begins at index `at`."""
        place = self.offset + at
        index = bisect_left(self.starts, place)
        return index < len(self.starts) and self.starts[index] == place

    def pieces(self, at: int) -> Iterator[Piece]:
        """Everything from index `at` on, as it came."""
        while at < len(self.data):
            stop, mark = self.same_mark_until(at), self.mark_at(at)
            known = self.known_until(at)
            yield (bytes(self.data[at:stop]) if known > at else stop - at), mark
            at = stop

    def forget(self, count: int) -> None:
        """The first `count` bytes are not looked at any more."""
        self.drop(count)
        del self.starts[: bisect_left(self.starts, self.offset)]
        gone = bisect_right(self.holes, self.offset, key=lambda hole: hole[1])
        del self.holes[:gone]

    @property
    def is_crowded(self) -> bool:
        """Whether its pieces take more memory than they should."""
        return len(self._places) > MOST_PIECES
