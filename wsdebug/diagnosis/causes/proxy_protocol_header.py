"""DX106: a PROXY protocol header."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import foreign_kind
from wsdebug.diagnosis.scene import Scene, seen, shown
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence


@cause(code="DX106", title="A PROXY protocol header stands in the stream", fix=("proxy-protocol",))
def proxy_protocol_header(scene: Scene) -> Claim | None:
    """A proxy writes `PROXY TCP4 ...` (version 1) or the twelve bytes of version 2 in front of what
    it forwards, and the receiver was not told to expect it. In front of the upgrade request it is
    read over here; a server that is not configured for it answers 400 or hangs up.
    """
    found = foreign_kind(scene)
    if found is not None and found[1] == "proxy-header":
        text = f"The {found[0].offender} sent a PROXY protocol header at a frame border."
        return Claim(Certainty.CERTAIN, [shown(found[0].finding, text), found[0].reaction])
    return _refused_tls(scene) or _refused(scene)


def _refused_tls(scene: Scene) -> Claim | None:
    """The server took the header for a broken ClientHello."""
    tls = scene.connection.tls
    if tls is None or not tls.proxy_header or tls.version is not None or scene.end is None:
        return None
    because = [Evidence("A PROXY protocol header stands in front of the ClientHello.", Side.CLIENT)]
    alert = next((one for one in tls.alerts if one.side is Side.SERVER), None)
    if alert is not None:
        text = f"The server answered with the TLS alert {alert.name} in place of a ServerHello."
        return Claim(Certainty.CERTAIN, [*because, Evidence(text, Side.SERVER, None, alert.packet)])
    # Where it sent anything, that may have been a ServerHello which the capture lacks.
    if scene.ender is not Side.SERVER or scene.server.opening:
        return None
    because.append(seen(scene.end, Side.SERVER, "The server hung up without a ServerHello."))
    return Claim(Certainty.VERY_LIKELY, because)


def _refused(scene: Scene) -> Claim | None:
    """The server took the header for a broken request."""
    shake = scene.connection.handshake
    leg = next((one for one in (scene, *scene.legs) if one.is_proxied), None)
    if leg is None or scene.life.handshake != "rejected" or shake.status != _BAD_REQUEST:
        return None
    packets = leg.connection.handshake.packets
    where = "" if leg is scene else f" on connection {leg.connection.id}, behind the proxy"
    because = [
        Evidence(
            f"A PROXY protocol header stands in front of the upgrade request{where}.",
            Side.CLIENT,
            None,
            packets.request,
        ),
        Evidence(
            "The server answered 400: it took the header for a broken request.",
            Side.SERVER,
            None,
            shake.packets.response,
        ),
    ]
    considered = ["a broken request (behind that header it is sound)"]
    return Claim(Certainty.CERTAIN, because, considered=considered)


_BAD_REQUEST = 400
