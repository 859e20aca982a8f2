"""Which rows of a connection are shown, while it grows and while a filter works through it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence

from wsdebug.model.rows import Row

Keep = Callable[[Sequence[Row], int], bool]
"""(rows, index): whether the row is shown."""


class Shown:
    """The rows that `keep` lets through, all where it is None. A filter looks at each row once, a
    piece at a time (`scan`), so that no key waits for it.
    """

    def __init__(self, rows: Sequence[Row], keep: Keep | None = None) -> None:
        self.rows = rows
        self._keep = keep
        self._kept = array("Q")
        self.scanned = 0

    def __len__(self) -> int:
        return len(self.rows) if self._keep is None else len(self._kept)

    @property
    def is_whole(self) -> bool:
        """Whether every row was looked at."""
        return self._keep is None or self.scanned >= len(self.rows)

    @property
    def is_filtered(self) -> bool:
        """Whether rows may be left out."""
        return self._keep is not None

    def scan(self, most: int) -> int:
        """Look at up to `most` more rows; how many were kept."""
        keep, rows = self._keep, self.rows
        if keep is None:
            return 0
        before = len(self._kept)
        stop = min(len(rows), self.scanned + most)
        for index in range(self.scanned, stop):
            if keep(rows, index):
                self._kept.append(index)
        self.scanned = stop
        return len(self._kept) - before

    def index(self, place: int) -> int:
        """The row's index in the store, of a line."""
        return place if self._keep is None else self._kept[place]

    def row(self, place: int) -> Row:
        """The row of a line."""
        return self.rows[self.index(place)]

    def place(self, index: int) -> int:
        """The line of a row, or of the next one that is shown."""
        if self._keep is None:
            return max(0, min(index, len(self.rows) - 1))
        return min(bisect_left(self._kept, index), max(0, len(self._kept) - 1))

    def holds(self, index: int) -> bool:
        """Whether the row is shown."""
        if self._keep is None:
            return 0 <= index < len(self.rows)
        place = bisect_left(self._kept, index)
        return place < len(self._kept) and self._kept[place] == index


def without_pings(rows: Sequence[Row], index: int) -> bool:
    """Not a ping and not a pong."""
    return rows[index].opcode not in (9, 10)
