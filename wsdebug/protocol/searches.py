"""The searches for a border that go on at one time: each keeps bytes, so no more than a limit."""

from __future__ import annotations

from typing import Protocol


class Search(Protocol):
    """Whoever keeps bytes until a border is found in them."""

    def abandon(self) -> None:
        """Let the bytes go: others need the memory."""


class Searches:
    """Those of a capture, the one that began first first; it gives way when one more begins."""

    __slots__ = ("_most", "_open", "given_up")

    def __init__(self, most: int) -> None:
        self._most = max(1, most)
        self._open: dict[Search, None] = {}
        self.given_up = 0
        """How many gave way."""

    def begin(self, search: Search) -> None:
        """`search` keeps bytes from now on."""
        if search in self._open:
            return
        if len(self._open) >= self._most:
            oldest = next(iter(self._open))
            del self._open[oldest]
            oldest.abandon()
            self.given_up += 1
        self._open[search] = None

    def end(self, search: Search) -> None:
        """It keeps nothing any more."""
        self._open.pop(search, None)
