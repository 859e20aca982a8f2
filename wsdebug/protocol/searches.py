"""The searches for a border that go on at one time, and how many bytes they may keep together."""

from __future__ import annotations

from typing import Protocol


class Search(Protocol):
    """Whoever keeps bytes until a border is found in them."""

    def abandon(self) -> None:
        """Let the bytes go: others need the memory."""


class Searches:
    """Those of a capture, the one that began first first; it gives way when there is no room."""

    __slots__ = ("_most", "_open", "_total", "given_up")

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[Search, int] = {}
        self._total = 0
        self.given_up = 0
        """How many gave way."""

    def keep(self, search: Search, size: int) -> None:
        """`search` keeps so many bytes now."""
        self._total += size - self._open.get(search, 0)
        self._open[search] = size
        while self._total > self._most:
            oldest = next(iter(self._open))
            self.end(oldest)
            oldest.abandon()
            self.given_up += 1

    def end(self, search: Search) -> None:
        """It keeps nothing any more."""
        self._total -= self._open.pop(search, 0)
