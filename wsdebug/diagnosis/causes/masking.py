"""DX110 and DX113: a side masks as the other one must."""

from __future__ import annotations

from wsdebug.diagnosis.blame import Blame, blame, violation_evidence
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.scene import Scene
from wsdebug.model.place import Side
from wsdebug.model.report import Evidence


@cause(code="DX110", title="The client does not mask its frames", fix=("mask", "error-listener"))
def client_not_masking(scene: Scene) -> Claim | None:
    """Every frame of a client must be masked (RFC 6455 5.1); these are not, and are fine otherwise.
    A hand-written client, or a proxy that passes a server's frames on to a server as they are.
    Browsers and libraries always mask.

    The server closes with 1002 ("MASK must be set"); a server without an 'error' listener may even
    die of it, and take the other connections with it (process-crash-after-violation).

    One unmasked frame among masked ones is rather a broken frame (protocol-violation).
    """
    return _claim(scene, "client-frame-not-masked", Side.CLIENT, "MASK bit 0")


@cause(code="DX113", title="The server masks its frames", fix=("unmask",))
def server_masking(scene: Scene) -> Claim | None:
    """A server must not mask its frames (RFC 6455 5.1); these are masked, and are fine otherwise. A
    hand-written server, or an echo or proxy that sends a client's frames back as they are. undici
    and Python websockets fail the connection; npm websocket, faye, websocket-client and aiohttp
    take such frames.
    """
    return _claim(scene, "server-frame-masked", Side.SERVER, "MASK bit 1")


def _claim(scene: Scene, name: str, side: Side, bit: str) -> Claim | None:
    found = blame(scene)
    if found is None or found.finding.name != name:
        return None
    others = [one for one in scene.fatal() if one.side is side and one.name != name]
    if others:
        return None
    return Claim(
        found.certainty,
        [*violation_evidence(found), *_how_many(scene, found, bit)],
        considered=["bytes altered on the way (its frames are fine otherwise)"],
    )


def _how_many(scene: Scene, found: Blame, bit: str) -> list[Evidence]:
    count = len(scene.named(found.finding.name))
    total = scene.connection.frames.get(found.offender.value, {}).get("total", 0)
    text = f"{count} of the {total} frames of the {found.offender} have {bit}; nothing else is wrong."
    return [Evidence(text, found.offender)]
