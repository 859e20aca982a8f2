"""DX209: TCP was closed, and that is all there is."""

from __future__ import annotations

from wsdebug.diagnosis.blame import is_failed
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import (
    client_left,
    last_words,
    no_bad_frame,
    no_close,
    other_leg,
    proxy_alone,
    who_ended,
)
from wsdebug.diagnosis.hanging_up import hung_up
from wsdebug.diagnosis.scene import Scene, quiet_end, seen
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX209",
    title="TCP was closed without a Close frame",
    fix=("why-hung-up", "goodbye", "reconnect"),
    last_resort=True,
)
def tcp_fin_without_close(scene: Scene) -> Claim | None:
    """One side closed TCP in an orderly way (FIN) without a Close frame, and nothing in the capture
    says why: a process that exited or was killed (the kernel sends the FIN), a closed tab, a call
    of `terminate()`, `destroy()` or `close()` on the socket. The other application sees 1006.

    This is the last resort: no violation, no unanswered ping, no silence as long as a known limit
    came before it.
    """
    quiet = quiet_end(scene)
    if quiet is None or scene.verdict.how != "fin" or scene.has_gaps or is_failed(scene):
        return None
    words = last_words(scene, quiet[0])
    leg, alone = other_leg(scene) or _passed_on(scene), proxy_alone(scene)
    because = [who_ended(scene), *([leg] if leg else []), no_close(scene)]
    because += [words] if words else []
    because.append(Evidence(_CANNOT))
    considered = [
        *no_bad_frame(scene),
        *_no_silence(scene),
        "reset (it ended in order)",
        *client_left(scene),
    ]
    return Claim(
        Certainty.LIKELY if alone else Certainty.CERTAIN,
        because,
        [alone] if alone else [],
        considered,
        title=_title(scene),
    )


def _title(scene: Scene) -> str:
    if scene.life.other_leg is not None:
        return "The proxy between client and server ended both legs without a Close frame"
    if scene.life.is_passed_on and scene.ender is not None:
        return f"The {_far(scene.ender)} hung up without a Close frame, and the proxy passed it on"
    who = scene.ender if proxy_alone(scene) is None else "proxy between client and server"
    return f"The {who} {hung_up(scene.life, 'fin')} without a Close frame"


def _far(side: Side) -> str:
    return f"{side} {'behind' if side is Side.SERVER else 'in front of'} the proxy"


def _passed_on(scene: Scene) -> Evidence | None:
    """What the other leg shows of who began."""
    if not scene.life.is_passed_on or not scene.legs or scene.ender is None:
        return None
    leg = scene.legs[0]
    text = (
        f"On the other leg of the path, connection {leg.connection.id}, the {_far(scene.ender)} had"
        " hung up before."
    )
    return seen(leg.end, leg.ender, text)


def _no_silence(scene: Scene) -> list[str]:
    wait = scene.wait
    silence = wait.silence if wait is not None else None
    long = _LONG_ON_BOTH_LEGS if wait is not None and wait.both_legs else _LONG
    if silence is None or silence >= long:
        return []
    return ["idle timeout (there was no long silence before the end)"]


_LONG = 5.0
"""Seconds of silence that an idle timeout may have ended (as for DX202)."""
_LONG_ON_BOTH_LEGS = 1.0
"""The same where both legs show that a proxy ended them."""
_CANNOT = (
    "Why it hung up cannot be known from this capture: exit, kill and terminate() look alike here."
    " Its own log at that moment tells."
)
