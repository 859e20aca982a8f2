"""DX201: somebody called close()."""

from __future__ import annotations

from wsdebug.diagnosis.blame import blame
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import no_bad_frame
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.diagnosis.why import close_text
from wsdebug.knowledge.close_advice import close_advice
from wsdebug.knowledge.close_codes import close_code
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX201",
    title="An application closed the connection",
    fix=("read-log",),
    last_resort=True,
)
def closed_by_application(scene: Scene) -> Claim | None:
    """One side sent a Close that no violation, timeout or limit explains: its application called
    close(), or raised an error that its library turned into 1011. The code and the reason say what
    it meant; 1008, 1011, 1012, 1013 and 3000 to 4999 are the common ones. 1000, 1001 and an empty
    Close are a clean close.
    """
    ender = scene.ender
    if ender is None or not scene.is_open:
        return None
    closer = scene.life.side(ender)
    if closer.close is None or closer.close_at != scene.end or blame(scene) is not None:
        return None
    if closer.close.code in _COMPLAINTS and _is_unseen(scene, ender.other):
        return None
    text = f"The {ender} sent Close {close_text(closer.close)}"
    because = [seen(closer.close_at, ender, f"{text}.", closer.close.frame)]
    code = closer.close.code
    if code is not None:
        because.append(Evidence(close_code(code).meaning))
    because.append(_answer(scene))
    said = close_advice(code) if code is not None else None
    return Claim(
        Certainty.CERTAIN,
        because,
        considered=[*no_bad_frame(scene), "timeout (a proxy sends no Close)"],
        advice=[said] if said else None,
        title=f"The {ender}'s application closed the connection with {_code(code)}",
    )


_COMPLAINTS = (1002, 1007)
"""What a library says of bytes that it was sent, and hardly an application."""


def _is_unseen(scene: Scene, side: Side) -> bool:
    """What it complains of may stand in bytes of `side` that the capture lacks."""
    one = scene.connection
    gaps = any(gap.side is side for gap in (*one.gaps, *one.unsynchronised))
    return gaps or scene.life.side(side).unreadable


def _code(code: int | None) -> str:
    return "no code" if code is None else str(code)


def _answer(scene: Scene) -> Evidence:
    assert scene.ender is not None
    other = scene.ender.other
    answer = scene.life.side(other)
    if answer.close is None:
        return Evidence(f"The {other} did not answer it with a Close.", other)
    text = f"The {other} answered {close_text(answer.close)}."
    return seen(answer.close_at, other, text, answer.close.frame)
