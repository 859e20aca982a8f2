"""DX213: the sender stopped inside a frame."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import no_close, who_ended
from wsdebug.diagnosis.scene import Scene, quiet_end, shown
from wsdebug.model.report import Certainty


@cause(
    code="DX213",
    title="The sender stopped in the middle of a frame",
    fix=("why-hung-up", "reconnect"),
)
def truncated_mid_frame(scene: Scene) -> Claim | None:
    """The side that ended TCP did so inside a frame: its
    process died or was killed while it wrote, or it called `terminate()` without waiting for what
    it had sent. A frame that is cut because the *other* side hung up is no sign of this.
    """
    quiet = quiet_end(scene)
    if quiet is None or scene.has_gaps:
        return None
    ender, _ = quiet
    cut = next((one for one in scene.named("frame-cut-short") if one.side is ender), None)
    if cut is None:
        return None
    because = [
        shown(cut, f"The {ender} ended inside a frame: {cut.saw}."),
        who_ended(scene),
        no_close(scene),
    ]
    considered = ["a limit of the receiver (it was the sender that hung up)"]
    title = f"The {ender} stopped in the middle of a frame"
    return Claim(Certainty.CERTAIN, because, considered=considered, title=title)
