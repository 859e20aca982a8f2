"""Which rows of a connection are shown, while it grows and while a filter works through it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence

from wsdebug.model.rows import Row


class Shown:
    """All rows, or with `narrowed` those that `keep` was told of. A filter looks at each row once,
    a piece at a time (`filtering`), so that no key waits for it.
    """

    __slots__ = ("_kept", "rows", "scanned")

    def __init__(self, rows: Sequence[Row], *, narrowed: bool = False) -> None:
        self.rows = rows
        self._kept = array("I") if narrowed else None
        self.scanned = 0
        """Rows that were looked at."""

    def __len__(self) -> int:
        return len(self.rows) if self._kept is None else len(self._kept)

    @property
    def is_whole(self) -> bool:
        """Whether every row was looked at."""
        return self._kept is None or self.scanned >= len(self.rows)

    @property
    def is_filtered(self) -> bool:
        """Whether rows may be left out."""
        return self._kept is not None

    def keep(self, index: int) -> None:
        """Show a row, behind all that were kept before."""
        if self._kept is not None:
            self._kept.append(index)

    def index(self, place: int) -> int:
        """The row's index in the store, of a line."""
        return place if self._kept is None else self._kept[place]

    def row(self, place: int) -> Row:
        """The row of a line."""
        return self.rows[self.index(place)]

    def place(self, index: int) -> int:
        """The line of a row, or of the next one that is shown."""
        if self._kept is None:
            return max(0, min(index, len(self.rows) - 1))
        return min(bisect_left(self._kept, index), max(0, len(self._kept) - 1))

    def holds(self, index: int) -> bool:
        """Whether the row is shown."""
        if self._kept is None:
            return 0 <= index < len(self.rows)
        place = bisect_left(self._kept, index)
        return place < len(self._kept) and self._kept[place] == index
