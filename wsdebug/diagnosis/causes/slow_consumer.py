"""DX212: one side did not read."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import no_bad_frame
from wsdebug.diagnosis.hanging_up import hung_up
from wsdebug.diagnosis.scene import SECOND, Scene, seen
from wsdebug.diagnosis.why import close_text
from wsdebug.display.times import duration
from wsdebug.model.report import Certainty, Evidence

_SOON = 30 * SECOND
_SAID = {
    False: "announced a receive window of zero",
    True: "left the stream without a flow control window (no WINDOW_UPDATE)",
}


@cause(code="DX212", title="The receiver did not read, and was cut off", fix=("drain", "unblock"))
def slow_consumer(scene: Scene) -> Claim | None:
    """One side announced a receive window of zero for more than 5 s: its program did not read, its
    buffers were full. Over HTTP/2 the other side used its window up, and got no WINDOW_UPDATE.
    Then the other side gave it up: a keepalive that got no pong (its ping waits behind the data), a
    full send buffer, a limit on slow clients.

    TCP itself is fine: it goes on probing the window. A window that opens again and a session that
    goes on are no cause of anything.
    """
    ender, end = scene.ender, scene.end
    if ender is None or end is None or end.time is None or not scene.is_open:
        return None
    slow = ender.other
    shut = scene.side(slow).shut
    if shut is None:
        return None
    begin, until = shut
    stop = end.time if until is None else min(until, end.time)
    if end.time - stop > _SOON or stop <= begin or _is_clean(scene):
        return None
    length = duration(stop - begin)
    because = [
        Evidence(f"The {slow} {_SAID[scene.life.is_stream]} for {length}: it did not read.", slow),
        _ending(scene),
    ]
    certainty = Certainty.VERY_LIKELY if end.time - stop <= SECOND else Certainty.LIKELY
    considered = no_bad_frame(scene)
    if not scene.life.is_stream:
        considered = ["network loss (the window probes were answered)", *considered]
    return Claim(
        certainty,
        because,
        considered=considered,
        title=f"The {slow} did not read for {length}, and was cut off",
    )


def _is_clean(scene: Scene) -> bool:
    return scene.verdict.how in ("clean", "capture-end")


def _ending(scene: Scene) -> Evidence:
    assert scene.ender is not None
    life = scene.life.side(scene.ender)
    if life.close is not None and life.close_at == scene.end:
        text = f"Then the {scene.ender} sent Close {close_text(life.close)}."
        return seen(scene.end, scene.ender, text, life.close.frame)
    did = hung_up(scene.life, scene.verdict.how) if scene.life.is_stream else "ended TCP"
    return seen(scene.end, scene.ender, f"Then the {scene.ender} {did} without a Close frame.")
