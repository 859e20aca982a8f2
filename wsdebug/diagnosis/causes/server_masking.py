"""DX113: the server masks."""

from __future__ import annotations

from wsdebug.diagnosis.causes.client_not_masking import masking_claim
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.scene import Scene
from wsdebug.model.place import Side


@cause(code="DX113", title="The server masks its frames", fix=("unmask",))
def server_masking(scene: Scene) -> Claim | None:
    """A server must not mask its frames (RFC 6455 5.1); these are masked, and are fine otherwise. A
    hand-written server, or an echo or proxy that sends a client's frames back as they are. undici
    and Python websockets fail the connection; npm websocket, faye, websocket-client and aiohttp
    take such frames.
    """
    return masking_claim(scene, "server-frame-masked", Side.SERVER, "MASK bit 1")
