"""What each application saw: the close code its library will have reported.

REPORT: an endpoint reports the code of the first valid Close it received while it was still
reading and before it had failed the connection itself; otherwise 1006. It never reports the code
it sent (RFC 6455 7.1.5). Libraries that deviate are named by causes, not here.
"""

from __future__ import annotations

from wsdebug.diagnosis.ending import is_clean
from wsdebug.diagnosis.life import Life, SideLife
from wsdebug.model.place import Side
from wsdebug.model.report import SideCodes

ABNORMAL = 1006
NO_STATUS = 1005
_FAILING = (1002, 1007, 1009, 1010)
"""Codes of an endpoint that fails the connection (RFC 6455 7.4.1); 1003, 1008 and 1011 may as well
be the application's own `close()`.
"""


def seen_by_application(life: Life, how: str) -> SideCodes:
    """The code each application saw; None where the capture cannot tell."""
    if life.handshake in {"rejected", "no-response"}:
        # RFC 6455 4.1: a client whose handshake fails fails the connection; the server
        # application never had one.
        return SideCodes(None if how == "capture-end" else ABNORMAL, None)
    if life.handshake == "encrypted" or how == "capture-end":
        return SideCodes()
    return SideCodes(_seen(life, Side.CLIENT), _seen(life, Side.SERVER))


def _seen(life: Life, side: Side) -> int | None:
    me, peer = life.side(side), life.side(side.other)
    if peer.close is None:
        # Whoever failed the connection reads no Close, whatever the unreadable bytes hold.
        failed = me.close is not None and me.close.code in _FAILING
        return None if peer.unreadable and not failed else ABNORMAL
    is_legible = (peer.close_is_valid or _took(me, peer)) and not peer.close_is_hidden
    if not is_legible or _failed_first(me, peer) or not _still_reading(me, peer):
        return ABNORMAL
    return NO_STATUS if peer.close.code is None else peer.close.code


def _took(me: SideLife, peer: SideLife) -> bool:
    """I answered the peer's faulty Close with its own code: I took it for good."""
    if me.close is None or me.close_at is None or peer.close is None or peer.close_at is None:
        return False
    return peer.close_at < me.close_at and me.close.code == peer.close.code


def failed_at_violation(me: SideLife, peer: SideLife) -> bool:
    """I failed the connection at the peer's violation; nothing behind it was read (RFC 6455 7.1.7).
    So after a length with its high bit set, behind which no frame can be found.
    """
    if me.close is None or me.close_at is None or peer.violated is None:
        return False
    return me.close.code in _FAILING and peer.violated <= me.close_at


def _failed_first(me: SideLife, peer: SideLife) -> bool:
    """I had failed the connection before the peer's Close came: what follows is not read."""
    if me.close is None or me.close_at is None or peer.close_at is None:
        return False
    if me.close_at >= peer.close_at:
        return False
    # RFC 6455 7.1.7: these codes say it themselves, whether or not the fault shows on the wire
    # (a size limit never does).
    if me.close.code in _FAILING:
        return True
    if is_clean(me.close):
        return False  # a violation before it was tolerated
    # RFC 6455 7.1.7: whoever fails the connection does not wait for the answer. So with 1011 for
    # a keepalive without pong, while an application's own `close(1011)` waits.
    hung_up = me.orderly_end is not None and me.orderly_end < peer.close_at
    return hung_up or (peer.violated is not None and peer.violated <= me.close_at)


def _still_reading(me: SideLife, peer: SideLife) -> bool:
    """A FIN after the own Close is a half-close; one before any Close is the end."""
    assert peer.close_at is not None
    if me.rst is not None and me.rst < peer.close_at:
        return False
    if _closed_unread(me):
        return False
    if me.orderly_end is None or peer.close_at < me.orderly_end:
        return True
    return me.close_at is not None and me.close_at <= me.orderly_end


def _closed_unread(me: SideLife) -> bool:
    """It aborted after the peer's Close, with no FIN and no answer before: a close() with unread
    bytes in the socket sends RST, not FIN (RFC 1122 4.2.2.13), and who reads a Close answers it.
    """
    if me.rst is None or me.rst_is_foreign or me.orderly_end is not None:
        return False
    return me.close_at is None or me.rst < me.close_at
