"""DX306: the request itself is wrong."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.opening import upgrade_missing
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.model.place import Part, Side
from wsdebug.model.report import Certainty, Evidence, Severity
from wsdebug.rules import RULES

_BLAMING = (400, 405, 426, 505)


@cause(code="DX306", title="The upgrade request breaks the protocol", fix=("fix-request",))
def client_handshake_violation(scene: Scene) -> Claim | None:
    """The request breaks a rule (key, version, method, headers) and the server refused it with a
    status that blames the request: 400, 405, 426 or 505. A hand-written client, or a proxy that
    rewrites the request. A request without Upgrade but with a key is a proxy's work
    (proxy-drops-upgrade-headers).
    """
    shake = scene.connection.handshake
    if scene.life.handshake != "rejected" or shake.status not in _BLAMING or upgrade_missing(shake):
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
        Evidence(f"The server answered {shake.status}.", Side.SERVER, None, shake.packets.response),
    ]
    return Claim(
        Certainty.CERTAIN,
        because,
        advice=[rule.fix],
        title=f"{rule.title.rstrip('.')}, and the server refused it",
    )
