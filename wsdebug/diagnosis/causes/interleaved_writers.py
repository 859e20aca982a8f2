"""DX108: two writers on one connection."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import overrun_of
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.model.report import Certainty, Evidence


@cause(code="DX108", title="Two writers wrote into each other's frames", fix=("write-lock",))
def interleaved_writers(scene: Scene) -> Claim | None:
    """Two threads or tasks write to one connection without a lock: a whole frame of the one stands
    inside the payload of the other's, in the right role, and just as many bytes as it has stand
    behind the declared end. After them the stream makes sense again.

    It takes load to happen, and it hits now and then. The receiver says the text is no UTF-8, or
    names a reserved bit or opcode of the bytes behind.
    """
    found = overrun_of(scene, "frame")
    if found is None:
        return None
    finding, reaction = found
    size = finding.length
    because = [
        shown(finding, f"{size} bytes at a frame border are no frame."),
        Evidence(
            f"Inside the frame before them stands a whole frame of just {size} bytes, in the right"
            " role: they are what it pushed out.",
            finding.side,
        ),
        reaction,
    ]
    considered = [
        "length written too small (the text and its rest do not make as many characters)",
        "bytes altered on the way (both frames are whole)",
    ]
    return Claim(Certainty.VERY_LIKELY, because, considered=considered)
