"""Reports that recur are written once; then only their values are put in (`model.recurring`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import itemgetter
from typing import TypeAlias

from wsdebug import compiled
from wsdebug.model.recurring import Pattern, Values
from wsdebug.report.encoding import encoded

_NANO = 1e9
_MOST = 512

Fill: TypeAlias = Callable[[Values], bytes]
"""Writes the report with these values, as `encoded` does."""


class Mould:
    """Reports of one pattern: `pieces` of JSON, and between them the values `chosen`, by their
    places in one row of `numbers` numbers and then of texts; those in `times` are times.
    """

    __slots__ = ("_chosen", "_form", "_times")

    def __init__(
        self,
        pieces: tuple[bytes, ...],
        chosen: tuple[int, ...],
        numbers: int,  # noqa: ARG002 - what is compiled must know
        times: frozenset[int],
    ) -> None:
        self._times = times
        self._form = "%s".join(piece.decode().replace("%", "%%") for piece in pieces)
        self._chosen = itemgetter(*chosen)

    def filled(self, values: Values) -> bytes:
        """With these values."""
        written: str = self._form % self._chosen(_texts(values, self._times))
        return written.encode("ascii")


def _texts(values: Values, times: frozenset[int]) -> list[str]:
    """Each value as JSON has it, a text without its quotes."""
    numbers, start, texts = values
    row: list[float | None] = list(numbers)
    for place in times:
        row[place] = ((numbers[place] or 0) - start) / _NANO
    return [*encoded(row)[1:-1].decode("ascii").split(","), *texts]


@lru_cache(maxsize=_MOST)
def mould_of(pattern: Pattern) -> Fill:
    """Made when it is needed first."""
    text, marks = encoded(pattern.example), _texts(pattern.marks, pattern.times)
    found = sorted(
        (at, at + len(mark), place)
        for place, mark in enumerate(marks)
        for at in _places(text, mark.encode("ascii"))
    )
    begins, ends, chosen = zip(*found, strict=True)
    pieces = [text[at:end] for at, end in zip((0, *ends), (*begins, len(text)), strict=True)]
    make = Mould if compiled.moulds is None else compiled.moulds.Mould
    numbers = len(pattern.marks.numbers)
    fill: Fill = make(tuple(pieces), chosen, numbers, pattern.times).filled
    return fill


def _places(text: bytes, mark: bytes) -> Iterator[int]:
    """Where it begins. A regular expression of all marks would take longer to make than ten
    reports take the long way.
    """
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + len(mark))
