"""DX402: nothing has ended."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.hanging_up import asking
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.model.place import SIDES
from wsdebug.model.report import Certainty


@cause(code="DX402", title="Still open when the capture ends")
def still_open(scene: Scene) -> Claim | None:
    """The capture ends before the connection does: how it ended cannot be known from it. Capture
    until the application reports its error, and some seconds more: tcpdump writes packets up to a
    second late, and what it has not written when it is stopped is lost (`--immediate-mode` writes
    at once).
    """
    if scene.verdict.how != "capture-end" or scene.life.handshake == "encrypted":
        return None
    if scene.connection.tcp.unheard is not None:
        return None
    closer = next((side for side in SIDES if scene.life.side(side).close is not None), None)
    if closer is not None:
        text = f"The {closer} has sent a Close, and the capture ends before more could be seen."
    elif scene.life.handshake == "no-response":
        text = f"The {asking(scene.life)} was sent, and no answer is in the capture."
    else:
        text = "No Close, FIN or RST is in the capture."
    return Claim(Certainty.CERTAIN, [seen(scene.life.last, None, text)])
