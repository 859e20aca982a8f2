"""Times as people read them."""

from __future__ import annotations

from wsdebug.display.quantities import grouped


def duration(nanoseconds: int) -> str:
    """A length of time given in nanoseconds, as `span_of_time` says it."""
    return span_of_time(nanoseconds / 1e9)


def span_of_time(seconds: float) -> str:
    """A length of time: "0.4 ms", "187.0 s", "9 min 12 s", "2 h 05 min".

    Up to five minutes a tenth of a second counts: timeouts are told apart by it.
    """
    if seconds < 0.1:
        return f"{seconds * 1000:.{2 if seconds < 0.0001 else 1}f} ms"
    if seconds < 300:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{grouped(hours)} h {minutes:02d} min"


def later(seconds: float) -> str:
    """How long after something else: "at once", "2.5 s later"."""
    return "at once" if seconds < 0.1 else f"{span_of_time(seconds)} later"


def since_start(seconds: float | None) -> str:
    """A moment on the connection's own clock: "+127.004"; empty where there is no time stamp."""
    return "" if seconds is None else f"{seconds:+.3f}"
