"""Reports that say the same again: those of a busy server's connections differ in values only."""

from __future__ import annotations

from typing import NamedTuple

from wsdebug.model.report import Connection


class Values(NamedTuple):
    """What one report has of its own."""

    numbers: tuple[int | None, ...]
    """Some are times in ns since 1970 (`Pattern.times`); a report has the seconds from `start`."""
    start: int
    texts: tuple[str, ...]
    """ASCII, without a character that JSON writes in another way."""


class Pattern:
    """What reports have in common: one of them, `marks` in the place of its values. Each mark can
    be found in what the example is written to, and nothing else there is equal to it.
    """

    __slots__ = ("example", "marks", "severity", "times")

    def __init__(self, example: Connection, marks: Values, times: frozenset[int]) -> None:
        """`times`: which of the numbers are some."""
        self.example = example
        self.marks = marks
        self.times = times
        self.severity = example.severity


class Recurring(NamedTuple):
    """The report of one connection: its values, in the order of the pattern's marks."""

    id: int
    pattern: Pattern
    values: Values
