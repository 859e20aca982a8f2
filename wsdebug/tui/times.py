"""Four ways to say when: since the connection began, UTC, local time, since the line before."""

from __future__ import annotations

import datetime as dt

FORMATS = ("relative", "UTC", "local", "delta")


def shown_time(form: str, time: int | None, start: int | None, before: int | None) -> str:
    """`time` (ns since 1970) as the column shows it; empty where there is none."""
    if time is None:
        return ""
    if form == "relative":
        return "" if start is None else f"{(time - start) / 1e9:+.3f}"
    if form == "delta":
        return "" if before is None else f"{(time - before) / 1e9:.3f}"
    seconds, fraction = divmod(time, 1_000_000_000)
    try:
        moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
        moment = moment.astimezone() if form == "local" else moment
    except (OverflowError, ValueError, OSError):  # a hostile capture may say any year
        return "?"
    return f"{moment:%H:%M:%S}.{fraction // 1_000_000:03d}"


def shown_gap(time: int | None, before: int | None) -> str:
    """The time since the line before: `4.1 s`, `0.3 ms`; none where that ended later, as an event
    of TCP inside a frame does.
    """
    if time is None or before is None or time < before:
        return ""
    seconds = (time - before) / 1e9
    if seconds < 0.0995:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds:.1f} s" if seconds < 6000 else f"{seconds / 3600:.1f} h"
