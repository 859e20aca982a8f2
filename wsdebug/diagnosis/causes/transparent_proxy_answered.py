"""DX302: something on the way answered as if it were a page."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.opening import dropped_upgrade, header_of, upgrade_missing
from wsdebug.diagnosis.scene import Scene
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX302", title="A proxy answered in the server's place", fix=("use-wss", "pass-upgrade")
)
def transparent_proxy_answered(scene: Scene) -> Claim | None:
    """A complete upgrade request got `200 OK` with a `Via` header: a proxy on the way that knows
    nothing of WebSocket took it for a page, answered from its cache or asked the server for a plain
    one. A 200 without Via is the server's own (handshake-rejected).
    """
    shake = scene.connection.handshake
    via = header_of(shake.response_headers, "via")
    if scene.life.handshake != "rejected" or shake.status != 200 or via is None:
        return None
    if upgrade_missing(shake) or dropped_upgrade(scene) is not None:
        return None
    because = [
        Evidence("The upgrade request is complete.", Side.CLIENT, None, shake.packets.request),
        Evidence(f"200 came back, with Via: {via}.", Side.SERVER, None, shake.packets.response),
    ]
    return Claim(Certainty.VERY_LIKELY, because)
