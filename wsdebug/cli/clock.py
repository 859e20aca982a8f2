"""The clock of a capture that grows, told by its packets and carried on by ours in between."""

from __future__ import annotations

import time
from collections.abc import Callable

TICK = 0.1
"""Seconds between two looks at what goes on."""
IDLE = 0.05
"""Seconds to wait where nothing was there to read."""


class CaptureClock:
    """Packets may come from another host, whose clock is not ours, and from long ago: so it is
    never ahead of the last packet by more than the time that we have waited since that came.
    """

    def __init__(self, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock = clock
        self._last: int | None = None
        self._since = clock()
        self._due = self._since

    def now(self, last: int | None) -> int | None:
        """The time, in ns, where `last` is that of the last packet; None where there is none."""
        if last != self._last:
            self._last, self._since = last, self._clock()
        return None if last is None else last + self._clock() - self._since

    def is_time(self) -> bool:
        """Whether to look again; not more often than each `TICK`."""
        here = self._clock()
        if here < self._due:
            return False
        self._due = here + round(TICK * 1e9)
        return True
