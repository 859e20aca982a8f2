"""DX307: the 101 is wrong."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.opening import (
    header_of,
    is_unspoken,
    left_unspoken,
    refused_101,
    sure_of,
)
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence
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
    if found is None:
        return _two_tokens(scene)
    if found.name in _OWN_CAUSE:
        return None
    rule = RULES[found.name]
    because = [
        shown(found, f"The 101 has {found.saw}; wanted is {found.wanted}."),
        left_unspoken(scene),
    ]
    return Claim(
        sure_of(scene, Certainty.CERTAIN),
        because,
        considered=["bad frame (there was none yet)"],
        advice=[rule.fix],
        title=f"{rule.title.rstrip('.')}, and the client hung up",
    )


def _two_tokens(scene: Scene) -> Claim | None:
    """Legal, and refused all the same: a Connection header that names more than Upgrade."""
    names = header_of(scene.connection.handshake.response_headers, "connection") or ""
    if "," not in names or not is_unspoken(scene):
        return None
    because = [
        Evidence(
            f"The 101 has Connection: {names}. That is legal (RFC 9110 7.6.1), and some clients"
            " compare the whole value with Upgrade: aiohttp, Deno, undici, faye, npm websocket,"
            " Go's x/net/websocket, Java's HttpClient.",
            Side.SERVER,
            None,
            scene.connection.handshake.packets.response,
        ),
        left_unspoken(scene),
    ]
    return Claim(
        Certainty.LIKELY,
        because,
        considered=["a broken rule (the 101 breaks none)"],
        advice=["Let the server, or the proxy before it, answer with `Connection: Upgrade` alone."],
        title="The 101 names more than Upgrade in Connection, and the client hung up",
    )
