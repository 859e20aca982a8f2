"""DX203: a longest life."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import no_bad_frame, who_ended
from wsdebug.diagnosis.scene import Scene
from wsdebug.diagnosis.timeouts import age_timeouts
from wsdebug.display.times import span_of_time
from wsdebug.model.report import Certainty, Evidence

_FLOWING = 3
"""Frames at least: a connection that never spoke is silent, not old."""


@cause(
    code="DX203",
    title="A longest life of connections ended it although data flowed",
    fix=("expect-end", "reconnect", "both-legs"),
)
def age_limit(scene: Scene) -> Claim | None:
    """The end came a round number of seconds after the 101 although payload still flowed in the
    last quarter of that time: not silence ended it, but age. Google Cloud load balancers give a
    WebSocket the 30 s of the backend timeout, Cloud Run 5 minutes, AWS API Gateway 2 hours.

    One connection only shows that the number fits; several with the same age show that it is a
    limit (common-age-limit).
    """
    wait, how = scene.wait, scene.verdict.how
    if wait is None or wait.age is None or scene.has_gaps or not scene.is_open:
        return None
    total = sum(each.get("total", 0) for each in scene.connection.frames.values())
    if how not in ("fin", "rst") or total < _FLOWING:
        return None
    fitting = age_timeouts(wait)
    if not fitting:
        return None
    names = ", ".join(dict.fromkeys(f"{one.product} ({one.setting})" for one in fitting))
    silence = span_of_time(wait.silence or 0.0)
    because = [
        Evidence(f"It ended {span_of_time(wait.age)} after the 101. That is the limit of {names}."),
        Evidence(f"Payload flowed until {silence} before the end, so it was no idle timeout."),
        who_ended(scene),
    ]
    certainty = Certainty.LIKELY if wait.both_legs else Certainty.POSSIBLE
    against = [Evidence("One connection alone: the number may be chance.")]
    return Claim(certainty, because, against, no_bad_frame(scene))
