"""DX306: the request itself is wrong."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.opening import upgrade_missing
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.model.place import Part, Side
from wsdebug.model.report import Certainty, Evidence, Severity
from wsdebug.rules import RULES

_BLAMING = (400, 405, 426, 505)
_PROTOCOL_ERROR = 1


@cause(code="DX306", title="The upgrade request breaks the protocol", fix=("fix-request",))
def client_handshake_violation(scene: Scene) -> Claim | None:
    """The request breaks a rule (key, version, method, headers) and the server refused it with a
    status that blames the request: 400, 405, 426 or 505, over HTTP/2 with RST_STREAM
    PROTOCOL_ERROR. A hand-written client, or a proxy that rewrites the request. A request without
    Upgrade but with a key is a proxy's work (proxy-drops-upgrade-headers).
    """
    shake = scene.connection.handshake
    refused = _reset(scene) or _rejected(scene)
    if refused is None or (upgrade_missing(shake) and not scene.life.is_stream):
        return None
    wrong = [
        one
        for one in scene.findings
        if one.side is Side.CLIENT and one.part is Part.HEAD and one.severity is Severity.ERROR
    ]
    if not wrong:
        return None
    rule = RULES[wrong[0].name]
    because = [
        *(shown(one, f"{RULES[one.name].title.rstrip('.')}: {one.saw}.") for one in wrong[:3]),
        refused,
    ]
    return Claim(
        Certainty.CERTAIN,
        because,
        advice=[rule.fix],
        title=f"{rule.title.rstrip('.')}, and the server refused it",
    )


def _rejected(scene: Scene) -> Evidence | None:
    """A status that blames the request."""
    shake = scene.connection.handshake
    if scene.life.handshake != "rejected" or shake.status not in _BLAMING:
        return None
    text = f"The server answered {shake.status}."
    return Evidence(text, Side.SERVER, None, shake.packets.response)


def _reset(scene: Scene) -> Evidence | None:
    """RFC 9113 8.1.1: a malformed request is a stream error of the type PROTOCOL_ERROR."""
    end = scene.life.stream_end
    if scene.life.handshake != "no-response" or end is None or end.code != _PROTOCOL_ERROR:
        return None
    word = "GOAWAY" if end.kind == "goaway" else "RST_STREAM"
    text = f"The {end.side} answered with {word} PROTOCOL_ERROR."
    return Evidence(text, end.side, None, end.packet)
