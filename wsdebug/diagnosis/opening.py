"""The opening handshake as causes see it: what was asked, what came back, who gave up."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.diagnosis.scene import Scene
from wsdebug.model.place import Part, Side
from wsdebug.model.report import Finding, HandshakeReport, Severity

_AT_ONCE = 1.0
"""Seconds after the 101 within which a client that refuses it has hung up."""


def header_of(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    """The first value of a header, by its name in lower case."""
    return next((value for key, value in headers if key.lower() == name), None)


def upgrade_missing(shake: HandshakeReport) -> bool:
    """A request that only a WebSocket client makes, without the header that makes it an upgrade."""
    has_key = header_of(shake.request_headers, "sec-websocket-key") is not None
    return has_key and header_of(shake.request_headers, "upgrade") is None


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
    is_over = scene.ender is Side.CLIENT and age is not None and age <= _AT_ONCE
    return wrong[0] if is_over and not spoke else None


def _is_of_101(finding: Finding) -> bool:
    """What a strict client may refuse: libraries do not agree on what they let pass."""
    if finding.part is not Part.HEAD or finding.side is not Side.SERVER:
        return False
    return finding.name != "second-101" and finding.severity is not Severity.NOTE
