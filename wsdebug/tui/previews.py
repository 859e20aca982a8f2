"""What stands in the payload column, read from the capture for rows that were on the screen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeAlias

_Key: TypeAlias = tuple[int, int, bool]

_KEPT = 4096
_BATCH = 64


class Previews:
    """Texts by (connection, row). A text that is not there yet is asked for by being looked at."""

    def __init__(self, read: Callable[[int, int], str]) -> None:
        self._read = read
        self._texts: OrderedDict[_Key, str] = OrderedDict()
        self._wanted: OrderedDict[_Key, None] = OrderedDict()

    def text(self, connection: int, row: int, is_judged: bool = True) -> str:
        """The text, empty until it was read; once more when the connection is judged, which tells
        the subprotocol.
        """
        key = (connection, row, is_judged)
        text = self._texts.get(key)
        if text is None:
            self._wanted[key] = None
            self._wanted.move_to_end(key)
            while len(self._wanted) > _BATCH:  # scrolled past: nobody waits for it any more
                self._wanted.popitem(last=False)
            return ""
        return text

    @property
    def is_wanting(self) -> bool:
        """Whether there is something to read."""
        return bool(self._wanted)

    def fetch(self) -> None:
        """Read what is wanted; runs beside the screen."""
        while self._wanted:
            key, _ = self._wanted.popitem()
            self._texts[key] = self._read(*key[:2])
            while len(self._texts) > _KEPT:
                self._texts.popitem(last=False)
