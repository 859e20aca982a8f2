"""DX405: nothing can be read."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.scene import SECOND, Scene, seen
from wsdebug.diagnosis.timeouts import idle_timeouts
from wsdebug.display.times import span_of_time
from wsdebug.model.report import Certainty, Evidence

_LONG = 5.0


@cause(code="DX405", title="Encrypted, and no keys are at hand", fix=("key-log",), last_resort=True)
def encrypted_no_keys(scene: Scene) -> Claim | None:
    """The connection is TLS and its keys are not known: whether it is a WebSocket, and what was
    said, cannot be known from this capture. What TCP shows holds all the same: who ended it, by FIN
    or RST, how long it was silent before, whether packets went unanswered.
    """
    if scene.life.handshake != "encrypted":
        return None
    return Claim(Certainty.CERTAIN, [*_ending(scene)])


def _ending(scene: Scene) -> list[Evidence]:
    verdict, end = scene.verdict, scene.end
    if verdict.how == "timeout":
        return [
            seen(
                verdict.at,
                None,
                f"The {verdict.by} sent the same bytes again and again, unanswered.",
            )
        ]
    if end is None or verdict.how == "capture-end":
        return []
    kind = "RST" if verdict.how == "rst" else "FIN"
    silence = (scene.life.silence_before(end) or 0) / SECOND
    if silence < _LONG or scene.wait is None:
        return [seen(end, scene.ender, f"The {scene.ender} ended TCP by {kind}.")]
    text = f"The {scene.ender} ended TCP by {kind} after {span_of_time(silence)} of silence."
    names = ", ".join(dict.fromkeys(one.product for one in idle_timeouts(scene.wait)))
    fits = [Evidence(f"That silence is the default limit of {names}.")] if names else []
    return [seen(end, scene.ender, text), *fits]
