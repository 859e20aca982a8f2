"""A moment in the time of the capture."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Instant:
    """A moment, in nanoseconds since 1970; `str()` is ISO 8601 in UTC, with nanoseconds where
    the capture has them and microseconds otherwise.
    """

    __slots__ = ("ns",)

    def __init__(self, ns: int) -> None:
        self.ns = ns

    def __str__(self) -> str:
        seconds, fraction = divmod(self.ns, 1_000_000_000)
        digits = f"{fraction:09d}"
        return f"{_second(seconds)}.{digits.removesuffix('000')}Z"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instant) and other.ns == self.ns

    def __hash__(self) -> int:
        return hash(self.ns)

    def __repr__(self) -> str:
        return f"Instant({self.ns})"


@lru_cache(maxsize=256)  # many connections begin in one second
def _second(seconds: int) -> str:
    """Date and time: the first 19 characters; strftime would take three times as long."""
    return (_EPOCH + dt.timedelta(seconds=seconds)).isoformat()[:19]
