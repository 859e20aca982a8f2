"""DX305: the connection ended before there was an answer."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.hanging_up import asking, hung_up
from wsdebug.diagnosis.scene import SECOND, Scene, seen
from wsdebug.display.escape import printable
from wsdebug.display.times import span_of_time
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Certainty, Evidence


@cause(code="DX305", title="The upgrade request got no answer", fix=("listen",))
def handshake_no_response(scene: Scene) -> Claim | None:
    """The connection ended before an answer to the upgrade request: the server hung up (a crash, a
    proxy whose backend is gone, a server that destroys upgrades nobody takes) or the client did so
    at once. What came back may be no HTTP at all.
    """
    end, asked = scene.verdict.at, scene.life.requested
    if scene.life.handshake != "no-response" or scene.verdict.how not in ("fin", "rst"):
        return None
    if scene.life.stream_end is not None and scene.life.stream_end.kind == "rst-stream":
        return None  # an answer, and one with a reason (DX219, DX306)
    if not scene.is_complete(Side.SERVER):
        return None  # an answer may stand in what is missing
    if end is None or asked is None or (scene.answer or "").startswith(("SSH-", "\x15\x03")):
        return None
    waited = span_of_time(max(0, (end.time or 0) - (asked.time or 0)) / SECOND)
    did = hung_up(scene.life, scene.verdict.how)
    because = [
        seen(asked, Side.CLIENT, f"The {asking(scene.life)} was sent."),
        seen(end, scene.ender, f"The {scene.ender} {did} {waited} later."),
    ]
    if scene.answer is not None:
        line = printable(scene.answer, 40)
        because.append(
            seen(scene.life.responded, Side.SERVER, f'What came back is no whole answer: "{line}".')
        )
    side = scene.ender
    if side is not None and not scene.life.knows_first(side):
        text = f"What is missing of the {side.other} may be its own end of TCP, and come before."
        against = [Evidence(text, side.other)]
        return Claim(Certainty.LIKELY, because, against)
    begun = not any(scene.life.side(each).starts_late for each in SIDES)
    return Claim(
        Certainty.CERTAIN if begun else Certainty.LIKELY,
        because,
        considered=["refused (there would be a status)"],
        title=f"The {asking(scene.life)} got no answer",
    )
