"""DX217: the HTTP/2 connection was ended, not the WebSocket."""

from __future__ import annotations

from wsdebug.diagnosis.blame import blame
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import close_may_be_missing, no_bad_frame
from wsdebug.diagnosis.life import Stamp
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.knowledge.http2_errors import meaning
from wsdebug.model.http2 import error_name
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX217",
    title="The HTTP/2 connection was ended, not the WebSocket",
    fix=("h2-goaway", "reconnect"),
)
def h2_goaway(scene: Scene) -> Claim | None:
    """A GOAWAY ended the HTTP/2 connection, and with it every stream: this WebSocket and whatever
    else it carried. Proxies and servers send it on a reload, after an idle time, a longest life or
    a number of requests, and on an error of the connection that may have nothing to do with the
    WebSocket. No Close frame comes before it, so applications see 1006.

    With NO_ERROR it announces the end, and streams below the number it names may go on; with any
    other code it is the end.
    """
    end = scene.life.stream_end
    if end is None or end.kind != "goaway" or scene.verdict.how not in ("fin", "rst"):
        return None
    if blame(scene) is not None:
        return None
    name = error_name(end.code)
    said = f', "{end.debug}"' if end.debug else ""
    text = f"The {end.side} sent GOAWAY {name}{said}: {meaning(name)}."
    because = [seen(Stamp(end.packet or 0, end.time), end.side, text)]
    if not scene.has_gaps:
        because.append(Evidence("No Close frame came before it on this stream."))
    certainty = Certainty.LIKELY if scene.has_gaps else Certainty.CERTAIN
    return Claim(certainty, because, close_may_be_missing(scene), considered=no_bad_frame(scene))
