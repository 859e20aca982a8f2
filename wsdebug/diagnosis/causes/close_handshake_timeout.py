"""DX215: nobody answered the Close."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.hanging_up import below
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.diagnosis.why import close_text
from wsdebug.display.times import span_of_time
from wsdebug.knowledge.timeouts import fitting
from wsdebug.model.report import Certainty, Evidence

_PATIENCE = 2.0


@cause(
    code="DX215",
    title="The Close was never answered, so its sender hung up",
    fix=("answer-close", "unblock"),
)
def close_handshake_timeout(scene: Scene) -> Claim | None:
    """One side sent a Close, got none back within its library's patience (30 s in ws, 10 s in
    Python websockets) and ended TCP itself. Its application sees 1006 although it closed in good
    order. The other side did not read: a blocked program, a receive queue that is full, a peer that
    is gone.
    """
    ender, end = scene.ender, scene.end
    if scene.verdict.how != "close-one-side" or ender is None or end is None or scene.has_gaps:
        return None
    closer, other = scene.life.side(ender), scene.life.side(ender.other)
    hung_up = closer.tcp_end
    if closer.close is None or hung_up is None or hung_up.time is None or end.time is None:
        return None
    if other.close is not None or (other.tcp_end is not None and other.tcp_end < hung_up):
        return None
    waited = (hung_up.time - end.time) / 1e9
    if waited < _PATIENCE:
        return None
    known = ", ".join(f"{one.product} ({one.setting})" for one in fitting(waited, kind="close"))
    because = [
        seen(end, ender, f"The {ender} sent Close {close_text(closer.close)}.", closer.close.frame),
        seen(
            hung_up,
            ender,
            f"It waited {span_of_time(waited)} for an answer and ended {below(scene.life)} itself.",
        ),
        *([Evidence(f"That is the patience of {known}.")] if known else []),
    ]
    return Claim(
        Certainty.VERY_LIKELY,
        because,
        considered=["network dead (then nothing acknowledges the Close)"],
    )
