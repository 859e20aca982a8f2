"""DX406: an endpoint complains, and the wire is right."""

from __future__ import annotations

from wsdebug.diagnosis.blame import blame
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import closed_inside
from wsdebug.diagnosis.intruder import altered
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.diagnosis.why import close_text
from wsdebug.model.place import Part, Side
from wsdebug.model.report import Certainty, Evidence, Severity

_COMPLAINTS = (1002, 1007)
_OF_A_LIBRARY = tuple(
    b"frame utf opcode rsv mask continuation fragment flate zlib reserved websocket".split()
)
"""One of these is in the reason that a library gives; a program's own speaks of other things."""
_GENERAL = (b"protocol error", b"protocol violation")


@cause(
    code="DX406",
    title="A protocol error was reported, and the wire shows none",
    fix=("other-side", "deflate-off"),
)
def wire_is_valid(scene: Scene) -> Claim | None:
    """One side sent Close 1002 or 1007, which accuses the other of breaking the protocol, and every
    byte the other sent before is in the capture and sound. So its decoder is wrong, or what sits
    between the capture and it changed the bytes. A capture on its own host would tell.

    Only a library can know: where the reason speaks of no frame, no UTF-8 and the like, the program
    itself sent the code, and this is a guess.
    """
    ender = scene.ender
    if ender is None or not scene.is_open or scene.has_gaps or blame(scene) is not None:
        return None
    close = scene.life.side(ender).close
    if close is None or close.code not in _COMPLAINTS or altered(scene) is not None:
        return None
    if scene.life.side(ender).close_at != scene.end or scene.connection.findings_left_out:
        return None
    other = ender.other
    if not all(leg.life.side(other).is_whole for leg in (scene, *scene.legs)):
        return None
    if _breaks_a_rule(scene, other) or closed_inside(scene) is not None:
        return None
    because = [
        seen(scene.end, ender, f"The {ender} sent Close {close_text(close)}.", close.frame),
        Evidence(
            f"Every byte of the {other} before it is in the capture and breaks no rule.", other
        ),
    ]
    considered = [f"protocol violation of the {other} (there is none on the wire here)"]
    if _is_own(close.reason):
        against = [
            Evidence(f"The reason is no library's: a program of the {ender} may have said it.")
        ]
        return Claim(Certainty.POSSIBLE, because, against, considered)
    return Claim(Certainty.VERY_LIKELY, because, considered=considered)


def _breaks_a_rule(scene: Scene, other: Side) -> bool:
    """It sent something wrong, if nothing that has to end a connection."""
    return any(
        one.side is other and one.part is Part.STREAM and one.severity is Severity.ERROR
        for one in scene.findings
    )


def _is_own(reason: bytes) -> bool:
    """Words that no library finds for a broken frame."""
    said = reason.lower()
    return bool(said) and not any(word in said for word in (*_OF_A_LIBRARY, *_GENERAL))
