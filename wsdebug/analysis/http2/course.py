"""Where a stream's bytes stand in the TCP stream below, to know what was acknowledged."""

from __future__ import annotations

from bisect import bisect_right

_MOST = 2_048


class Course:
    """Pairs of (end of a piece in TCP's stream, end of it in the stream). Behind 2 048 pieces every
    other one goes: an answer is then smaller, never larger.
    """

    __slots__ = ("_ends", "_offsets")

    def __init__(self) -> None:
        self._ends: list[int] = []
        self._offsets: list[int] = []

    def add(self, end: int, offset: int) -> None:
        """The next piece."""
        self._ends.append(end)
        self._offsets.append(offset)
        if len(self._ends) > _MOST:
            del self._ends[::2]
            del self._offsets[::2]

    def at(self, acknowledged: int) -> int:
        """How many of the stream's bytes an acknowledgement of TCP's bytes covers."""
        count = bisect_right(self._ends, acknowledged)
        return self._offsets[count - 1] if count else 0
