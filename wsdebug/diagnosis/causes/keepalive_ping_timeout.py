"""DX206: no pong came."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wsdebug.diagnosis.betrayed import suited
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.hanging_up import below
from wsdebug.diagnosis.ladders import deadly_ladder
from wsdebug.diagnosis.scene import SECOND, Ping, Scene, seen
from wsdebug.diagnosis.why import close_text
from wsdebug.display.times import duration
from wsdebug.knowledge.advice import advice
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Certainty, Evidence

_SAYS_SO = re.compile(rb"\b(ping|pong|keep-?alive|heartbeat)", re.IGNORECASE)
"""In the reasons of libraries: "keepalive ping timeout" (websockets), "ping timed out" (tornado,
with 1000), "No response from ping frame." (Deno, with 1001), "Ping/Pong timeout" (simple-websocket,
with 1008).
"""
_PATIENCE = SECOND * 9 // 10
"""So long at least a ping must have waited."""
_UNDER_WAY = SECOND // 10
"""What comes so soon after a ping may have been sent before that arrived."""


@cause(
    code="DX206",
    title="A ping got no pong, so its sender gave up",
    fix=("unblock", "read-path", "reconnect"),
)
def keepalive_ping_timeout(scene: Scene) -> Claim | None:
    """One side pinged, no pong came within its library's patience (20 s in Python websockets and
    Socket.IO), and it gave the connection up: Close 1011 "keepalive ping timeout", or just FIN or
    RST. tornado sends 1000 "ping timed out", Deno 1001 "No response from ping frame.". The Close
    may never reach the wire, because it waits behind the unanswered ping.

    Whether TCP acknowledged the ping tells where to look. If it did, the host is there and its
    program does not answer: a blocked event loop, a full receive queue. If it did not, path or host
    are dead (peer-vanished).
    """
    for side in SIDES:
        pinged = scene.side(side).pings
        if pinged and scene.is_open:
            told = _gave_up(scene, side, pinged[0]) or _behind_a_ladder(scene, side, pinged)
            if told is not None:
                return told
    return _engine_io(scene)


def _gave_up(scene: Scene, side: Side, ping: Ping) -> Claim | None:
    """The one who pinged ended it after the ping had waited."""
    life, end = scene.life.side(side), scene.end
    if scene.ender is not side or end is None or scene.has_gaps or life.rst_is_foreign:
        return None
    waited = (end.time or 0) - (ping.at.time or 0)
    says_so = life.close is not None and _SAYS_SO.search(life.close.reason) is not None
    if not says_so and (waited < _PATIENCE or not _is_failure(scene, side)):
        return None
    if not says_so and _lives_on(scene, side.other, ping):
        return None
    arrived = scene.side(side).acked_beyond(ping.end)
    because = [
        seen(
            ping.at,
            side,
            f"The {side}'s ping waited {duration(waited)} for a pong that never came.",
            ping.frame,
        ),
        _ending(scene, side),
        _arrival(side.other, arrived),
    ]
    full = scene.side(side.other).shut
    certainty = Certainty.VERY_LIKELY if not full else Certainty.LIKELY
    against = (
        [Evidence(f"The {side.other}'s receive window was closed: it could not take the ping.")]
        if full
        else []
    )
    considered = [
        "idle timeout of a proxy (the ping kept the line busy)",
        "bad frame (none found before the end)",
    ]
    return Claim(certainty, because, against, considered, _advice(scene, arrived=arrived))


def _lives_on(scene: Scene, side: Side, ping: Ping) -> bool:
    """It sent something well after the ping, were it a pong with other data: it was not silent."""
    last = scene.life.spoke_before(side, scene.end) if scene.end is not None else None
    if last is None or last.time is None or ping.at.time is None:
        return False
    return last.time - ping.at.time > max(scene.usual_trip, _UNDER_WAY)


def _is_failure(scene: Scene, side: Side) -> bool:
    """It hung up without a Close, or with 1011 and no reason: a program gives one of its own."""
    life = scene.life.side(side)
    if life.close is None or life.close_at != scene.end:
        return True
    return life.close.code == 1011 and not life.close.reason


def _behind_a_ladder(scene: Scene, side: Side, pinged: Sequence[Ping]) -> Claim | None:
    """The ping itself is what TCP sends again and again."""
    ladder = deadly_ladder(scene)
    if ladder is None or scene.verdict.by != side:
        return None
    ping = next((one for one in pinged if one.at.packet == ladder.first_packet), None)
    if ping is None:
        return None
    because = [
        seen(ping.at, side, f"What the {side} sent in vain is a ping.", ping.frame),
        _arrival(side.other, arrived=False),
        Evidence("A Close 1011 of its keepalive would wait behind the ping and never be seen."),
    ]
    return Claim(Certainty.LIKELY, because, advice=_advice(scene, arrived=False))


def _engine_io(scene: Scene) -> Claim | None:
    """Socket.IO pings with a text message of one byte."""
    end, last = scene.end, scene.server.last
    if not scene.betrayed.engine_io or scene.ender is not Side.SERVER or end is None:
        return None
    if last is None or (last.opcode, last.length) != (1, 1) or scene.has_gaps:
        return None
    answer = scene.client.last
    waited = (end.time or 0) - (last.at.time or 0)
    if waited < _PATIENCE or (answer is not None and last.at <= answer.at):
        return None
    text = f"The server's ping of Socket.IO (a text of one byte) waited {duration(waited)} in vain."
    because = [seen(last.at, Side.SERVER, text, last.number), _ending(scene, Side.SERVER)]
    return Claim(Certainty.VERY_LIKELY, because, advice=_advice(scene, arrived=True))


def _ending(scene: Scene, side: Side) -> Evidence:
    life = scene.life.side(side)
    if life.close is not None and life.close_at == scene.end:
        return seen(
            scene.end,
            side,
            f"Then the {side} sent Close {close_text(life.close)}.",
            life.close.frame,
        )
    text = f"Then the {side} ended {below(scene.life)} without a Close frame."
    return seen(scene.end, side, text)


def _arrival(other: Side, arrived: bool) -> Evidence:
    if arrived:
        return Evidence(
            f"TCP of the {other} acknowledged the ping: the host is there, its program is silent.",
            other,
        )
    return Evidence(
        f"TCP of the {other} never acknowledged the ping: the path or the host is dead.", other
    )


def _advice(scene: Scene, *, arrived: bool) -> list[str]:
    topics = ("unblock" if arrived else "read-path", "reconnect")
    return [advice(topic, suited(topic, scene.betrayed)) for topic in topics]
