"""DX308: the sides do not agree on a subprotocol."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.opening import left_unspoken, refused_101, sure_of
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence


@cause(code="DX308", title="Client and server do not agree on a subprotocol", fix=("subprotocol",))
def subprotocol_mismatch(scene: Scene) -> Claim | None:
    """The server chose a subprotocol that the client had not offered, or chose none of those it
    had, and the client hung up at once. Browsers fail the connection in both cases; names are
    compared letter by letter.
    """
    found = refused_101(scene, "subprotocol-not-offered", "subprotocol-not-selected")
    if found is None:
        return None
    offered = scene.connection.handshake.offered
    names = ", ".join(offered.subprotocols) if offered and offered.subprotocols else "none"
    because = [
        Evidence(
            f"The client offered: {names}.",
            Side.CLIENT,
            None,
            scene.connection.handshake.packets.request,
        ),
        shown(found, f"The server answered {found.saw}."),
        left_unspoken(scene),
    ]
    is_certain = found.name == "subprotocol-not-offered"
    certainty = Certainty.CERTAIN if is_certain else Certainty.VERY_LIKELY
    return Claim(sure_of(scene, certainty), because, considered=["bad frame (there was none yet)"])
