"""DX207: one side broke the protocol, the other hung up."""

from __future__ import annotations

from wsdebug.diagnosis.blamed import Blame, violation_evidence
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import culprit, overrun_of
from wsdebug.diagnosis.scene import Scene
from wsdebug.model.place import Side
from wsdebug.model.report import Evidence
from wsdebug.rules import RULES

_OWN_CAUSE = ("foreign-bytes", "second-101")


@cause(
    code="DX207",
    title="One side broke the protocol, the other failed the connection",
    fix=("obey",),
)
def protocol_violation(scene: Scene) -> Claim | None:
    """A frame broke a rule at which the receiver has to fail the connection, and the receiver did
    so: a Close 1002, 1003, 1007, 1009 or 1010, or a bare FIN or RST, within a second (or two round
    trips). Some send an empty Close or 1000 instead (hyper and tungstenite, aiohttp): where nothing
    stands between the violation and that, it is likely.

    The application of the side that hung up sees 1006, since it got no Close; the other one sees
    the code. wsproto-based servers and uWebSockets drop TCP without a Close; so does ws up to 7.4,
    whose own application sees the code of its complaint (1002, 1007, 1009) all the same.

    A violation that was tolerated, or that came after the receiver's own Close, is a finding and no
    cause of the end.
    """
    found = culprit(scene)
    if found is None or found.finding.name in _OWN_CAUSE:
        return None
    if found.how != "close" and found.by is found.offender:
        return None
    if _only_masks(scene, found):
        return None  # DX110 and DX113 say who does not mask, or does
    if overrun_of(scene, "frame") or overrun_of(scene, "characters"):
        return None  # DX108 and DX109 say why
    rule = RULES[found.finding.name]
    did = "closed" if found.is_vague else "failed"
    title = f"{rule.title.rstrip('.')}, and the {found.by} {did} the connection"
    return Claim(
        found.certainty,
        [*violation_evidence(found), *_silent_end(found)],
        considered=["the application's own close (its code would be another one)"]
        if found.is_answered
        else ["idle timeout (the end followed the violation at once)"],
        advice=[rule.fix],
        title=title,
    )


def _silent_end(found: Blame) -> list[Evidence]:
    if found.is_vague and found.how == "close":
        return [Evidence("Some libraries fail a connection with no code, or with 1000.", found.by)]
    if found.how == "close":
        return []
    side: Side = found.by
    return [Evidence(f"Some servers say nothing on a violation: the {side} just hung up.", side)]


def _only_masks(scene: Scene, found: Blame) -> bool:
    """Nothing but the mask is wrong with its frames."""
    fatal = {one.name for one in scene.fatal() if one.side is found.offender}
    return bool(fatal) and fatal <= {"client-frame-not-masked", "server-frame-masked"}
