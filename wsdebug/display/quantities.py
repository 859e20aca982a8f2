"""Counts and times as people read them."""

from __future__ import annotations


def grouped(number: int) -> str:
    """`48201` as "48 201": thousands set apart by a space, which no locale misreads."""
    return f"{number:,}".replace(",", " ")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`(1, "frame")` as "1 frame", `(2, "frame")` as "2 frames"."""
    return f"{grouped(number)} {noun if number == 1 else plural or noun + 's'}"


def span_of_time(seconds: float) -> str:
    """A length of time: "0.4 ms", "187.0 s", "9 min 12 s", "2 h 05 min".

    Up to five minutes a tenth of a second counts: timeouts are told apart by it.
    """
    if seconds < 0.1:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 300:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{grouped(hours)} h {minutes:02d} min"


def since_start(seconds: float | None) -> str:
    """A moment on the connection's own clock: "+127.004"; empty where there is no time stamp."""
    return "" if seconds is None else f"{seconds:+.3f}"
