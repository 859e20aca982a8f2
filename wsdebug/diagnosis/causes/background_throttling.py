"""DX216: a hidden page's timers were slowed down."""

from __future__ import annotations

import itertools

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.scene import SECOND, Scene, seen
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence

_AWAKE = (24.0, 31.0)
_ASLEEP = (56.0, 64.0)
_EACH = 2
_APART = 2.0
"""Seconds: acknowledgements closer together than this belong to one burst."""


@cause(
    code="DX216",
    title="A hidden page's pings came too rarely",
    fix=("ping-from-server", "reconnect"),
)
def background_throttling(scene: Scene) -> Claim | None:
    """A page pings by a timer every 25 to 30 s; when its tab is hidden, the browser lets timers run
    once a minute only, the pings drift to 60 s apart, and the server ends the connection as idle.
    It happens only to tabs nobody looks at, minutes after they were left.
    """
    if scene.betrayed.client != "browser" or scene.ender is not Side.SERVER or not scene.is_open:
        return None
    if scene.verdict.how in ("clean", "capture-end") or scene.has_gaps:
        return None
    pauses = _pauses(scene)
    slow = [one for one in pauses if _ASLEEP[0] <= one <= _ASLEEP[1]]
    awake = [one for one in pauses[: -len(slow)] if _AWAKE[0] <= one <= _AWAKE[1]] if slow else []
    if len(slow) < _EACH or len(awake) < _EACH or pauses[-len(slow) :] != slow:
        return None
    because = [
        Evidence(f"The page first sent something every {awake[0]:.0f} s.", Side.CLIENT),
        Evidence(
            f"Its last pauses were of {slow[-1]:.0f} s: timers of a hidden page.", Side.CLIENT
        ),
        seen(scene.end, Side.SERVER, "Then the server ended the connection."),
    ]
    return Claim(
        Certainty.LIKELY, because, considered=["client left (it was the server that ended it)"]
    )


def _pauses(scene: Scene) -> list[float]:
    """Seconds between the bursts in which the client's bytes were acknowledged."""
    times = [at for at, acked in scene.client.acks if at is not None and acked > scene.client.base]
    pauses = [(later - before) / SECOND for before, later in itertools.pairwise(times)]
    return [pause for pause in pauses if pause > _APART]
