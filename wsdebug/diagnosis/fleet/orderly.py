"""Connections that ended in order: most of a healthy capture, and kept as three numbers each."""

from __future__ import annotations

from array import array

_COLUMNS = 3


class Orderly:
    """Of such a connection only matters which it was, and when (ns since 1970) it was there."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows = array("q")

    def add(self, id_: int, start: int, ended: int) -> None:
        """One more."""
        self._rows.extend((id_, start, ended))

    def __len__(self) -> int:
        return len(self._rows) // _COLUMNS

    @property
    def ids(self) -> array[int]:
        """In the order in which they were added, as all of these."""
        return self._rows[::_COLUMNS]

    @property
    def starts(self) -> array[int]:
        """First packets."""
        return self._rows[1::_COLUMNS]

    @property
    def ends(self) -> array[int]:
        """First Closes."""
        return self._rows[2::_COLUMNS]
