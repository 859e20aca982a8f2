"""What compressed messages may refer to, kept now and then, so that none must be inflated from the
beginning of its connection only to be looked at.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from wsdebug.model.place import Side

STEP = 64 << 10
"""Compressed bytes of a side between two; doubled when there are too many."""


class Context(NamedTuple):
    """The end of what a side's messages before `frame` inflate to."""

    frame: int
    history: bytes


class Contexts:
    """All of a capture. The thread that reads the capture adds; others ask."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._by_side: dict[int, list[Context]] = {}
        self.step = STEP
        self.messages: dict[int, tuple[int, int]] = {}
        """The message that was looked at last, of a side: its first frame, and one it has, too."""

    def add(self, owner: int, context: Context) -> None:
        """`owner` names a side of a connection."""
        if self._most <= 0:
            return
        self._by_side.setdefault(owner, []).append(context)
        self._count += 1
        if self._count > self._most:
            self._thin()

    def before(self, owner: int, frame: int) -> Context | None:
        """The last one at or before a frame."""
        contexts = self._by_side.get(owner, [])
        index = bisect_right(contexts, frame, key=lambda each: each.frame)
        return contexts[index - 1] if index else None

    def _thin(self) -> None:
        """Every other one goes; where there is one alone, it goes too."""
        self._by_side = {
            owner: contexts[1::2] for owner, contexts in self._by_side.items() if len(contexts) > 1
        }
        self._count = sum(map(len, self._by_side.values()))
        self.step *= 2


def owner(connection: int, side: Side) -> int:
    """The name of a side of a connection in `Contexts`."""
    return connection << 1 | (side is Side.SERVER)
