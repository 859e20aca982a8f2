"""DX307: the 101 is wrong."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.opening import refused_101
from wsdebug.diagnosis.scene import Scene, seen, shown
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty
from wsdebug.rules import RULES

_OWN_CAUSE = ("wrong-accept", "subprotocol-not-offered", "subprotocol-not-selected")


@cause(
    code="DX307", title="The 101 breaks the protocol, and the client hung up", fix=("fix-answer",)
)
def server_handshake_violation(scene: Scene) -> Claim | None:
    """The 101 breaks a rule at which a client has to fail the connection (an extension nobody
    offered, a parameter that is not allowed, headers missing), and the client hung up at once
    without a frame. undici and npm websocket also refuse a 101 with `Connection: keep-alive,
    Upgrade`.
    """
    found = refused_101(scene)
    if found is None or found.name in _OWN_CAUSE:
        return None
    rule = RULES[found.name]
    because = [
        shown(found, f"The 101 has {found.saw}; wanted is {found.wanted}."),
        seen(scene.end, Side.CLIENT, "The client hung up at once, without a frame of its own."),
    ]
    return Claim(
        Certainty.CERTAIN,
        because,
        considered=["bad frame (there was none yet)"],
        advice=[rule.fix],
        title=f"{rule.title.rstrip('.')}, and the client hung up",
    )
