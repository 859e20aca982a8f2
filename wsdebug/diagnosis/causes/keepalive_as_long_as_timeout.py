"""DX204: the ping comes just too late."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import no_close, who_ended
from wsdebug.diagnosis.hanging_up import below
from wsdebug.diagnosis.scene import SECOND, Ping, Scene, quiet_end, seen
from wsdebug.display.times import duration, span_of_time
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Certainty, Evidence

_CROSSING = 1 * SECOND
_LONG = 5 * SECOND // 2


@cause(
    code="DX204",
    title="The keepalive interval is as long as the idle timeout",
    fix=("ping-sooner", "raise-timeout", "reconnect"),
)
def keepalive_as_long_as_timeout(scene: Scene) -> Claim | None:
    """Pings are sent, but the pause between them is the idle limit of something on the way: one day
    the ping crosses the FIN or RST that the limit has already sent. On the wire: a ping that was
    never answered nor acknowledged within a second of the end, a silence before it as long as the
    pauses between the pings before, which were answered; or a first ping right behind the end. It
    looks like chance, for it depends on milliseconds.
    """
    quiet = quiet_end(scene)
    if quiet is None or scene.has_gaps:
        return None
    for side in SIDES:
        for ping in scene.side(side).pings[-1:]:
            told = _crossed(scene, side, ping)
            if told is not None:
                return told
    return None


def _crossed(scene: Scene, side: Side, ping: Ping) -> Claim | None:
    end = scene.end
    if end is None or end.time is None or ping.at.time is None or scene.ender is side:
        return None
    if _has_arrived(scene, side.other, ping):
        return None
    if not scene.connection.liveness.pongs and ping.at < end:
        return None  # a first ping that comes before the end may be what its receiver died of
    apart = abs(end.time - ping.at.time)
    before = scene.active_before(ping.at.time)
    limit = max(_CROSSING // 5, 2 * scene.round_trip)
    if apart > min(limit, _CROSSING) or before is None:
        return None
    silence = ping.at.time - before
    if silence < _LONG:
        return None
    crossed = f"The {side}'s last ping and the end of {below(scene.life)} crossed"
    text = f"{crossed}: {duration(apart)} lie between them."
    because = [
        seen(ping.at, side, text, ping.frame),
        Evidence(f"Nothing was sent for {span_of_time(silence / SECOND)} before that ping."),
        *_interval(scene),
        who_ended(scene),
        no_close(scene),
    ]
    considered = ["keepalive timeout (the ping had no time to be answered)"]
    limit_s = silence / SECOND
    return Claim(Certainty.VERY_LIKELY, because, considered=considered, limit=limit_s)


def _has_arrived(scene: Scene, ender: Side, ping: Ping) -> bool:
    """Whoever acknowledged the ping before it hung up was not crossed by it."""
    acked = scene.life.side(ender).acked_before
    return acked is not None and acked >= ping.end


def _interval(scene: Scene) -> list[Evidence]:
    if not scene.connection.liveness.pongs:
        return []
    return [Evidence("Earlier pings were answered: that pause is the interval of the pings.")]
