"""DX404: the beginning is missing."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX404",
    title="The capture began in the middle of the connection",
    fix=("capture-earlier",),
    last_resort=True,
)
def capture_started_midstream(scene: Scene) -> Claim | None:
    """The opening handshake is not in the capture: which extensions were agreed, how old the
    connection is and what software speaks cannot be known from it. Frames are read all the same,
    and how it ended is told.
    """
    packets = scene.connection.handshake.packets
    if scene.life.handshake != "not-captured" or packets.request is not None:
        return None  # where the request was captured, it is the answer that the capture lacks
    missing = "No upgrade request and no 101 are in the capture."
    if scene.life.is_stream:
        missing = "No CONNECT request and no answer to it can be read in the capture."
    because = [Evidence(missing)]
    if scene.end is not None:
        because.append(seen(scene.end, scene.ender, f"The first to end it was the {scene.ender}."))
    return Claim(Certainty.LIKELY, because)
