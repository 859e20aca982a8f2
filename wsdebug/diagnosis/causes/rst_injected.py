"""DX211: somebody else sent the RST."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import no_bad_frame
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.model.place import SIDES
from wsdebug.model.report import Certainty, Evidence


@cause(code="DX211", title="A third party reset the connection", fix=("find-injector", "use-wss"))
def rst_injected(scene: Scene) -> Claim | None:
    """The RST has another TTL than all other packets of its sender: it was made by something on the
    way, a firewall, an IDS, a filter. Very likely when both sides get one, or when the "sender"
    goes on sending after it as if nothing were.
    """
    ender, end = scene.ender, scene.end
    if ender is None or end is None or not scene.life.side(ender).rst_is_foreign:
        return None
    life = scene.life.side(ender)
    if life.rst != end:
        return None
    ttl = scene.connection.tcp.client.ttl if ender == "client" else scene.connection.tcp.server.ttl
    text = f"The RST in the {ender}'s name has a TTL that is not that of its other packets ({ttl})."
    because = [seen(life.rst, ender, text)]
    if life.last_data is not None and end < life.last_data:
        went_on = f"The {ender} goes on sending after it, so it did not send it itself."
        because.append(seen(life.last_data, ender, went_on))
    if all(scene.life.side(side).rst_is_foreign for side in SIDES):
        because.append(Evidence("Both sides got such a RST."))
    certainty = Certainty.VERY_LIKELY if len(because) > 1 else Certainty.LIKELY
    considered = [f"reset by the {ender} (the TTL would be its own)", *no_bad_frame(scene)]
    return Claim(certainty, because, considered=considered)
