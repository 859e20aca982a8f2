"""DX401: all was well."""

from __future__ import annotations

from wsdebug.diagnosis.blame import blame
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.scene import Scene, seen, shown
from wsdebug.diagnosis.why import close_text
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence, Severity

_CLEAN = (None, 1000, 1001)


@cause(code="DX401", title="A clean close")
def clean_close(scene: Scene) -> Claim | None:
    """Both sides sent a Close, and the first said 1000, 1001 or nothing: the connection ended as it
    should. An application that reports an error all the same saw something else, mostly a RST after
    the close (Boost.Beast, npm websocket), or looks at another connection. Where the Close came at
    once behind a violation, it is more likely that the violation ended it.
    """
    if scene.verdict.how != "clean":
        return None
    side = Side(scene.verdict.by)
    close = scene.life.side(side).close
    if blame(scene) is not None:
        return None  # DX207: it came at once behind a violation
    if close is None or close.code not in _CLEAN:
        return None
    text = f"The {side} sent Close {close_text(close)}, the {side.other} answered."
    because = [seen(scene.verdict.at, side, text, close.frame)]
    return Claim(Certainty.CERTAIN, because, _tolerated(scene))


def _tolerated(scene: Scene) -> list[Evidence]:
    wrong = [one for one in scene.findings if one.severity is Severity.ERROR]
    return [shown(one, f"{one.code} {one.name}: it was tolerated.") for one in wrong[:3]]
