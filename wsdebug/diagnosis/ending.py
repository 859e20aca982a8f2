"""How a connection ended, by the first row of REPORT's table that matches.

Theory: RFC 6455 7.1 knows clean and not clean. Practice: people want to know who did it and
whether the wire alone can tell. A violation never changes how a connection ended.
"""

from __future__ import annotations

from typing import NamedTuple

from wsdebug.diagnosis.life import Ladder, Life, SideLife, Stamp
from wsdebug.knowledge.close_codes import is_clean as is_clean_code
from wsdebug.model.facts import Close
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Severity

SECOND = 1_000_000_000
PATIENCE = 5 * SECOND
"""After a Close, so much further capture must be there before a missing answer means anything."""


class Verdict(NamedTuple):
    """A row of the table: how, by whom, when, and how bad."""

    how: str
    by: str
    at: Stamp | None
    severity: Severity


def is_clean(close: Close) -> bool:
    """Whether a Close reports no failure: 1000, 1001, 1012, empty, 3000-4999."""
    return close.body != "1-byte" and is_clean_code(close.code)


def ending(life: Life) -> Verdict:
    """How the connection ended. Encrypted ones run through the TCP rows alone, as notes."""
    verdict = _handshake_ending(life) or _timeout(life) or _terminal_ending(life)
    if life.handshake == "encrypted":
        return verdict._replace(severity=Severity.NOTE)
    return verdict


def _handshake_ending(life: Life) -> Verdict | None:
    if life.handshake == "rejected":
        return Verdict("handshake-rejected", "server", life.responded, Severity.ERROR)
    if life.handshake != "no-response":
        return None
    first = _first(life)
    if first is None:
        return None
    side, stamp = first
    waited = None
    if life.requested and life.requested.time is not None and stamp.time is not None:
        waited = stamp.time - life.requested.time
    # An answer may stand in what the capture lacks of the server.
    is_wait = waited is not None and waited >= SECOND and life.server.is_complete
    if side is Side.CLIENT and is_wait:
        return Verdict("handshake-timeout", "client", stamp, Severity.ERROR)
    return _tcp_verdict(life, side, stamp)


def _timeout(life: Life) -> Verdict | None:
    """A ladder that began at or before the first terminal event and never healed."""
    first = _first(life)
    for side in SIDES:
        for ladder in life.side(side).ladders:
            began_in_time = first is None or ladder.first <= first[1]
            if began_in_time and not _healed(life, ladder):
                return Verdict("timeout", side.value, ladder.first, Severity.ERROR)
    return None


def _healed(life: Life, ladder: Ladder) -> bool:
    # REPORT: after the ladder neither side sends a new byte of data, else it healed.
    return any(
        one.last_data is not None and one.last_data > ladder.last
        for one in (life.client, life.server)
    )


def _terminal_ending(life: Life) -> Verdict:
    first = _first(life)
    if first is None:
        return Verdict("capture-end", "unknown", life.last, Severity.NOTE)
    side, stamp = first
    closer = life.side(side)
    if closer.close is None or closer.close_at != stamp:
        return _tcp_verdict(life, side, stamp)
    return _close_verdict(life, side, closer, stamp)


def _tcp_verdict(life: Life, side: Side, stamp: Stamp) -> Verdict:
    ender = life.side(side)
    how = "rst" if ender.rst == stamp else "fin"
    foreign = how == "rst" and ender.rst_is_foreign
    by = "middlebox" if foreign or life.proxy_side is side else side.value
    # A Close may stand in the bytes that cannot be read: then this may well be its clean end.
    known = not (life.client.unreadable or life.server.unreadable)
    return Verdict(how, by, stamp, Severity.ERROR if known else Severity.NOTE)


def _close_verdict(life: Life, side: Side, closer: SideLife, stamp: Stamp) -> Verdict:
    assert closer.close is not None
    answerer = life.side(side.other)
    answered = answerer.close_at is not None and not (
        (closer.rst and closer.rst <= answerer.close_at)
        # Its own RST stands behind its Close, though one packet may hold both.
        or (answerer.rst and answerer.rst < answerer.close_at)
    )
    clean = is_clean(closer.close)
    if answered and answerer.close is not None:
        # Who reads on to the answer finds bytes before it at which a decoder gives up.
        if clean and is_clean(answerer.close) and not answerer.close_is_hidden:
            return Verdict("clean", side.value, stamp, Severity.NOTE)
        return Verdict("close-handshake-abnormal", side.value, stamp, Severity.ERROR)
    if closer.tcp_end is None and answerer.tcp_end is None and _ends_soon(life, stamp):
        return Verdict("capture-end", "unknown", life.last, Severity.NOTE)
    severity = Severity.WARNING if clean else Severity.ERROR
    if clean and answerer.close is None and answerer.unreadable:
        severity = Severity.NOTE  # it may have been answered where the capture cannot show it
    return Verdict("close-one-side", side.value, stamp, severity)


def _ends_soon(life: Life, stamp: Stamp) -> bool:
    if life.capture_end is None or stamp.time is None:
        return True
    return life.capture_end - stamp.time <= PATIENCE


def _first(life: Life) -> tuple[Side, Stamp] | None:
    """The first terminal event of the connection and whose it is."""
    events = [(stamp, side) for side in SIDES if (stamp := life.side(side).terminal) is not None]
    if not events:
        return None
    stamp, side = min(events, key=lambda event: event[0])
    return side, stamp
