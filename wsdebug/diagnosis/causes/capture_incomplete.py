"""DX403: the capture lacks what would tell."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.display.quantities import counted
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX403",
    title="Cannot be known from this capture: bytes are missing",
    fix=("capture-all",),
    last_resort=True,
)
def capture_incomplete(scene: Scene) -> Claim | None:
    """Bytes that the receiver acknowledged are not in the capture, or some could not be read as
    frames: the reason, even a Close frame, may stand in them. What is seen of the end is told, and
    nothing is guessed. Capture again without loss, on one of the two hosts, with whole packets.
    """
    if not scene.has_gaps or not scene.is_open:
        return None
    gaps = [*scene.connection.gaps, *scene.connection.unsynchronised]
    lost = sum(gap.length or 0 for gap in gaps)
    text = (
        f"{counted(len(gaps), 'gap')}, {counted(lost, 'byte')} or more: a Close may stand in them."
    )
    because = [Evidence(text), *_ending(scene)]
    return Claim(Certainty.CERTAIN, because)


def _ending(scene: Scene) -> list[Evidence]:
    if scene.end is None:
        return []
    return [seen(scene.end, scene.ender, f"What is seen of the end came from the {scene.ender}.")]
