"""DX303: the server said no."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.hanging_up import opening
from wsdebug.diagnosis.opening import dropped_upgrade, header_of
from wsdebug.diagnosis.scene import Scene
from wsdebug.knowledge.http_status import http_status
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence

_PROXYS_OWN = (502, 503, 504)


@cause(code="DX303", title="The server refused the upgrade", last_resort=True)
def handshake_rejected(scene: Scene) -> Claim | None:
    """The upgrade request got a final answer other than 101, and the status says why: 301, 302,
    307, 308 (browsers do not follow), 400 (a broken request, or a server without such a path), 401,
    403 (origin, a web application firewall), 404 (path), 426 (no upgrade arrived), 429, 500, 502
    and 504 (the proxy did not reach the server), 503 (busy; Retry-After). Browsers tell the page
    none of it: it sees 1006.
    """
    shake = scene.connection.handshake
    status = shake.status
    if scene.life.handshake != "rejected" or status is None or dropped_upgrade(scene) is not None:
        return None
    known = http_status(status)
    name = f" {known.name}" if known is not None else ""
    because = [
        Evidence(f"The server answered {status}{name}.", Side.SERVER, None, shake.packets.response),
        *([Evidence(known.meaning)] if known is not None else []),
        *_details(scene),
    ]
    is_sure = scene.life.server.is_complete
    return Claim(
        Certainty.CERTAIN if is_sure else Certainty.POSSIBLE,
        because,
        [] if is_sure else [Evidence(_NOT_FIRST, Side.SERVER)],
        advice=[known.advice] if known is not None else [],
        title=f"The server refused the {opening(scene.life)} with {status}{name}",
    )


_NOT_FIRST = "Bytes of the server are missing: the real answer may stand in them, before this one."


def _details(scene: Scene) -> list[Evidence]:
    """Headers of the answer that say more, and who wrote it."""
    shake = scene.connection.handshake
    found = []
    for name in ("location", "retry-after", "www-authenticate", "sec-websocket-version"):
        value = header_of(shake.response_headers, name)
        if value is not None:
            said = f"It says {name.title()}: {value}."
            found.append(Evidence(said, Side.SERVER, None, shake.packets.response))
    origin = header_of(shake.request_headers, "origin")
    if shake.status == 403 and origin is not None:
        text = f"The request has Origin: {origin}; servers check it."
        found.append(Evidence(text, Side.CLIENT, None, shake.packets.request))
    server = header_of(shake.response_headers, "server")
    if server is not None:
        whose = (
            "; with this status it speaks of what is behind it"
            if shake.status in _PROXYS_OWN
            else ""
        )
        found.append(Evidence(f"The answer was written by {server}{whose}.", Side.SERVER))
    return found
