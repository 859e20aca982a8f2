"""DX304: the client gave up waiting."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.hanging_up import asking
from wsdebug.diagnosis.scene import SECOND, Scene, seen
from wsdebug.display.times import span_of_time
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX304",
    title="The upgrade request was never answered, and the client gave up",
    fix=("listen",),
)
def handshake_timeout(scene: Scene) -> Claim | None:
    """The client sent its upgrade request, got no answer and hung up a second or more later. TCP
    works, so something listens there: a server without an 'upgrade' listener, a blocked event loop,
    a proxy that waits for a backend. The client's application sees 1006. Whether a timer of its
    library gave up ("Opening handshake has timed out"), its program did, or its process ended, the
    wire does not show, unless the time is a library's own (10 s: Python websockets).
    """
    end, asked = scene.verdict.at, scene.life.requested
    if scene.verdict.how != "handshake-timeout" or end is None or asked is None:
        return None
    if not scene.is_complete(Side.SERVER):
        return None  # an answer may stand in what is missing
    waited = span_of_time(((end.time or 0) - (asked.time or 0)) / SECOND)
    because = [
        seen(asked, Side.CLIENT, f"The {asking(scene.life)} was sent."),
        seen(end, Side.CLIENT, f"The client hung up {waited} later, without an answer."),
        *_acknowledged(scene),
    ]
    considered = ["nobody listens (TCP was accepted)", "refused (there would be a status)"]
    title = f"The {asking(scene.life)} was never answered, and the client gave up"
    return Claim(Certainty.CERTAIN, because, considered=considered, title=title)


def _acknowledged(scene: Scene) -> list[Evidence]:
    if scene.client.acked_beyond(1):
        return [Evidence("TCP of the server acknowledged the request: it arrived.", Side.SERVER)]
    return [Evidence("TCP of the server never acknowledged the request.", Side.SERVER)]
