"""Reports that recur are written once; then only their values are put in (`model.recurring`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import TypeAlias

from wsdebug import compiled
from wsdebug.model.recurring import Pattern, Values
from wsdebug.report.encoding import encoded

_NANO = 1e9
_MOST = 1_024

Fill: TypeAlias = Callable[[Values], bytes]
"""Writes the report with these values, as `encoded` does."""


class Mould:
    """Reports of one pattern: `pieces` of JSON, and between them the values `chosen`, by their
    places in one row of numbers, times and texts.
    """

    __slots__ = ("_chosen", "_form")

    def __init__(self, pieces: tuple[bytes, ...], chosen: tuple[int, ...]) -> None:
        self._form = "%s".join(piece.decode().replace("%", "%%") for piece in pieces)
        self._chosen = itemgetter(*chosen)

    def filled(self, values: Values) -> bytes:
        """With these values."""
        written: str = self._form % self._chosen(_texts(values))
        return written.encode("ascii")


def _texts(values: Values) -> list[str]:
    """Each value as JSON has it, a text without its quotes."""
    numbers, times, start, texts = values
    row = (*numbers, *[(time - start) / _NANO for time in times])
    return [*encoded(row)[1:-1].decode("ascii").split(","), *texts]


@lru_cache(maxsize=_MOST)
def mould_of(pattern: Pattern) -> Fill:
    """Made when it is needed first."""
    marks = [text.encode("ascii") for text in _texts(pattern.marks)]
    found = re.split(b"(" + b"|".join(map(re.escape, marks)) + b")", encoded(pattern.example))
    make = Mould if compiled.moulds is None else compiled.moulds.Mould
    fill: Fill = make(tuple(found[::2]), tuple(map(marks.index, found[1::2]))).filled
    return fill
