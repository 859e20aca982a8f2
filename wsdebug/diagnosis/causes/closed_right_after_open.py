"""DX214: refused after the upgrade."""

from __future__ import annotations

from wsdebug.diagnosis.blame import blame
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import no_close, who_ended
from wsdebug.diagnosis.scene import Scene, quiet_end
from wsdebug.display.quantities import counted
from wsdebug.display.times import span_of_time
from wsdebug.model.place import Part, Side
from wsdebug.model.report import Certainty, Evidence

_SOON = 3.0
_AT_ONCE = 0.2
"""Seconds in which nothing but a check can have ended it; later it may as well be a kill."""


@cause(
    code="DX214",
    title="The connection was dropped right after it had opened",
    fix=("check-after-open", "uncaught"),
)
def closed_right_after_open(scene: Scene) -> Claim | None:
    """FIN or RST within 3 s of the 101, with one frame or none: the upgrade was accepted and the
    connection refused after it. A check of token, origin or path that calls `terminate()`, a
    handler that raised at once, an exception that ended the whole process (`ws` 8 throws when two
    owners take one upgrade), a proxy whose server behind it was not there.
    """
    quiet, end = quiet_end(scene), scene.end
    if quiet is None or end is None or scene.has_gaps or scene.life.handshake != "accepted":
        return None
    ender, _ = quiet
    age = scene.since_101(end)
    total = sum(each.get("total", 0) for each in scene.connection.frames.values())
    is_refused = any(one.part is Part.HEAD and one.fatal for one in scene.findings)
    is_refused = is_refused or blame(scene) is not None
    if age is None or age > _SOON or total > 1 or is_refused or ender is not Side.SERVER:
        return None
    because = [
        Evidence(
            f"The end came {span_of_time(age)} after the 101, after {counted(total, 'frame')}."
        ),
        who_ended(scene),
        no_close(scene),
    ]
    considered = [
        "idle timeout (it was too soon)",
        "bad frame (there was hardly one)",
        "uncaught exception in the server's process (cannot be ruled out: look at its log)",
    ]
    certainty = Certainty.LIKELY if age <= _AT_ONCE else Certainty.POSSIBLE
    return Claim(certainty, because, considered=considered)
