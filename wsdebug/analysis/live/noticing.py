"""News of an open connection: told when it begins to be worth a line, and when it is over."""

from __future__ import annotations

from wsdebug.analysis.live.pulse import pulse_of
from wsdebug.analysis.live.watched import Watched
from wsdebug.diagnosis.news import OVER, Sign, signs
from wsdebug.model.instant import Instant
from wsdebug.model.live import Listener, News

_MOST = 50
"""News of one connection."""


def notice(watched: Watched, now: int, listener: Listener) -> None:
    """Look at it, and tell what is new."""
    if watched.lines >= _MOST:
        return
    found = {sign.key: sign for sign in signs(pulse_of(watched.tracker), now)}
    for key, sign in found.items():
        if key in watched.signs or key in watched.steps:
            continue
        if sign.kind == "idle":
            watched.steps.add(key)
        else:
            watched.signs[key] = sign
        _tell(watched, sign, now, listener)
    for key in [key for key in watched.signs if key not in found]:
        sign = watched.signs.pop(key)
        _tell(watched, sign, now, listener, over=True)


def _tell(
    watched: Watched, sign: Sign, now: int, listener: Listener, *, over: bool = False
) -> None:
    watched.lines += 1
    wait = sign.wait
    news = News(
        kind=sign.kind,
        text=OVER[sign.kind] if over else sign.text,
        at=Instant(now),
        side=wait.side if wait is not None else None,
        frame=sign.frame,
        packet=wait.packet if wait is not None else None,
        seconds=round((now - sign.since) / 1e9, 3),
        over=over,
    )
    listener.news(watched.tracker.id, news)
