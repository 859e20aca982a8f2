"""The opening handshake as causes see it: what was asked, what came back, who gave up."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.model.place import Part, Side
from wsdebug.model.report import Certainty, Evidence, Finding, HandshakeReport, Severity

_AT_ONCE = 1.0
"""Seconds after the 101 within which a client that refuses it has hung up."""
_LATER = 60.0
"""The same for one that never spoke, to a server that never spoke."""


def header_of(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    """The first value of a header, by its name in lower case."""
    return next((value for key, value in headers if key.lower() == name), None)


def upgrade_missing(shake: HandshakeReport) -> bool:
    """A request that only a WebSocket client makes, without the header that makes it an upgrade;
    or with it and `Connection: close`, which nginx writes unless told what to write.
    """
    if header_of(shake.request_headers, "sec-websocket-key") is None:
        return False
    return header_of(shake.request_headers, "upgrade") is None or is_cut_connection(shake)


def is_cut_connection(shake: HandshakeReport) -> bool:
    """Upgrade was passed on, and Connection, which has to name it (RFC 9110 7.8), was not."""
    has_upgrade = header_of(shake.request_headers, "upgrade") is not None
    connection = header_of(shake.request_headers, "connection") or ""
    return has_upgrade and connection.strip().lower() == "close"


def dropped_upgrade(scene: Scene) -> tuple[Scene, Scene] | None:
    """The legs before and behind a proxy, if only the first has the Upgrade header."""
    for leg in scene.legs:
        front, back = (scene, leg) if scene.is_front else (leg, scene)
        if upgrade_missing(back.connection.handshake) and not upgrade_missing(
            front.connection.handshake
        ):
            return front, back
    return None


def refused_101(scene: Scene, *names: str) -> Finding | None:
    """What is wrong with the 101 (one of these rules; none given: any), if the client hung up over
    it: at once, and without a frame of its own.
    """
    wrong = [one for one in scene.findings if _is_of_101(one) and (not names or one.name in names)]
    if not wrong or scene.life.handshake != "accepted":
        return None
    total = scene.connection.frames.get("client", {})
    spoke = sum(count for kind, count in total.items() if kind not in ("total", "close"))
    end = scene.end
    age = scene.since_101(end) if end is not None else None
    if scene.has_gaps and (total.get("total") or not scene.is_complete(Side.CLIENT)):
        return None  # it may have gone on after the 101
    if scene.ender is not Side.CLIENT or age is None or spoke:
        return None
    # undici and nhooyr/websocket refuse it too, and leave TCP open for a while.
    is_left = age <= _LATER and not any(scene.connection.frames.get("server", {}).values())
    return wrong[0] if age <= _AT_ONCE or is_left else None


def is_unspoken(scene: Scene) -> bool:
    """The client hung up right behind the 101, and neither side had sent a frame."""
    frames = scene.connection.frames
    is_silent = not any(count for side in frames.values() for count in side.values())
    if scene.life.handshake != "accepted" or scene.has_gaps or not is_silent:
        return False
    return scene.ender is Side.CLIENT and _is_at_once(scene)


def left_unspoken(scene: Scene) -> Evidence:
    """How the client left over a 101 that it refused."""
    when = "at once" if _is_at_once(scene) else "later"
    text = f"The client hung up {when}, without a frame of its own."
    return seen(scene.end, Side.CLIENT, text)


def sure_of(scene: Scene, at_most: Certainty) -> Certainty:
    """How sure it is that the client left over its 101: late, it may have had other reasons."""
    return at_most if _is_at_once(scene) else Certainty.POSSIBLE


def _is_at_once(scene: Scene) -> bool:
    age = scene.since_101(scene.end) if scene.end is not None else None
    return age is not None and age <= _AT_ONCE


def _is_of_101(finding: Finding) -> bool:
    """What a strict client may refuse: libraries do not agree on what they let pass."""
    if finding.part is not Part.HEAD or finding.side is not Side.SERVER:
        return False
    return finding.name != "second-101" and finding.severity is not Severity.NOTE
