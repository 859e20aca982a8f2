"""A side that met a violation and sent no Close: did it hang up at that, or let it pass?

RFC 6455 7.1.7 lets an endpoint that fails a connection hang up without a Close. Practice: ws up to
7.4 does so, and hands its application the code of its own complaint, where others hand it 1006.
"""

from __future__ import annotations

import msgspec

from wsdebug.diagnosis.life import Life
from wsdebug.diagnosis.logged import libraries_of, logged_by, side_end
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Connection, SideCodes

AT_ONCE = 1_000_000_000
"""Nanoseconds within which an end is the answer to what came before it (CAUSES, DX207)."""


def reaction(life: Life, side: Side) -> str:
    """What a side did that sent no Close to the other's violation: it `hung-up` at once, or was
    `unmoved` although there was time; empty where neither holds.
    """
    me, peer = life.side(side), life.side(side.other)
    if me.close is not None or peer.violated is None or not me.is_complete:
        return ""
    if life.responded is not None and peer.violated <= life.responded:
        return ""  # a head that was refused: RFC 6455 7.1.5, no connection had been established
    ends = [one for one in (me.tcp_end, peer.tcp_end) if one is not None and peer.violated <= one]
    first = min(ends, default=None)
    if first is None or first.time is None or peer.violated.time is None:
        return ""
    if first.time - peer.violated.time > AT_ONCE:
        return "unmoved"
    is_mine = first == me.tcp_end and not me.rst_is_foreign and life.proxy_side is None
    return "hung-up" if is_mine else ""


def seen_by_its_own_words(life: Life, connection: Connection) -> SideCodes:
    """What the applications saw, where a side hung up at a violation: its library decides, and
    where the handshake does not name that the capture cannot tell.
    """
    seen = connection.end.seen_by_application
    for side in SIDES:
        if reaction(life, side) == "hung-up" and getattr(seen, side.value) is not None:
            seen = msgspec.structs.replace(seen, **{side.value: _told(connection, side)})
    return seen


def _told(connection: Connection, side: Side) -> int | None:
    _, is_assumed = libraries_of(connection, side)
    if is_assumed:
        return None
    codes = {one.surfaced for one in logged_by(side_end(connection, side, "hung-up"))}
    code = codes.pop() if len(codes) == 1 else None
    return code if isinstance(code, int) else None
