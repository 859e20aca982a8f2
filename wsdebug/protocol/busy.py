"""When a side was busy with one long frame: nothing else can be written inside a frame."""

from __future__ import annotations

LONG = 1_000_000_000
"""A frame that takes so many nanoseconds or more is remembered."""
MOST = 64


class BusyTimes(list[tuple[int, int]]):
    """(begin, end) of long frames in ns, oldest first."""

    def note(self, begin: int | None, end: int | None) -> None:
        """A frame came from `begin` to `end`."""
        if begin is None or end is None or end - begin < LONG:
            return
        self.append((begin, end))
        if len(self) > MOST:
            # Two neighbours become one: a side then counts as busy for longer than it was.
            (first, _), (_, last) = self[:2]
            self[:2] = [(first, last)]
