"""How far the reading is, on standard error: only for a person, only if it takes a while."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TextIO

from wsdebug.display.quantities import counted

_PATIENCE = 0.5
"""Seconds before the first line."""
_PAUSE = 0.1
"""Seconds between two lines."""


class Progress:
    """One line that is drawn over itself and leaves nothing behind."""

    def __init__(
        self, stream: TextIO | None, *, shown: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream if shown else None
        self._clock = clock
        self._due = clock() + _PATIENCE
        self._columns = 0

    def update(self, fraction: float | None, connections: int) -> None:
        """Draw, if it is time. `fraction` 0 to 1, None where the length is not known."""
        if self._stream is None or self._clock() < self._due:
            return
        self._due = self._clock() + _PAUSE
        share = "" if fraction is None else f"{fraction:4.0%}  ".replace("%", " %")
        self._draw(f"{share}{counted(connections, 'connection')} ended  ctrl-c stops and shows all")

    def clear(self) -> None:
        """Wipe the line, before anything else is written."""
        if self._columns:
            self._draw("")
            self._draw("")

    def _draw(self, line: str) -> None:
        if self._stream is None:
            return
        with contextlib.suppress(OSError, ValueError):
            self._stream.write("\r" + line.ljust(self._columns))
            self._stream.flush()
        self._columns = len(line)
