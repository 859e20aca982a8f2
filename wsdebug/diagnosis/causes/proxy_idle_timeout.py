"""DX202: silence, then the end."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import (
    client_left,
    no_bad_frame,
    no_close,
    other_leg,
    pings,
    who_ended,
)
from wsdebug.diagnosis.scene import Scene, quiet_end
from wsdebug.diagnosis.timeouts import Wait, idle_timeouts, shaped_alike
from wsdebug.display.times import span_of_time
from wsdebug.knowledge.advice import advice
from wsdebug.knowledge.timeouts import SHAPES, Timeout
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence

_LONG = 5.0
"""Seconds of silence before one leg's end that are worth a suspicion."""
_ANY = 1.0
"""The same where both legs show that a proxy ended them."""
_NAMED = 5


@cause(code="DX202", title="An idle timeout between client and server cut the connection")
def proxy_idle_timeout(scene: Scene) -> Claim | None:
    """Nothing was sent for a while, then TCP was ended (FIN or RST) without a Close frame: a proxy, a
    load balancer or the server's own idle limit. Both applications see 1006.

    How long the silence was tells whose limit it can be: 60 s are the default of nginx and of AWS load
    balancers and of others, so the number alone never names one product. What tells them apart is the
    shape: FIN to both sides (nginx), FIN to the client and RST to the backend (HAProxy in http mode).
    That takes a capture with both legs of the proxy: then the cause is very likely. With one leg it is
    likely at best: an application may hang up after a silence as well.

    Any byte keeps the line alive for most of them, so a ping from either side is enough.
    """
    quiet, wait = quiet_end(scene), scene.wait
    if quiet is None or wait is None or wait.silence is None or scene.has_gaps:
        return None
    if wait.silence < (_ANY if wait.both_legs else _LONG) or _is_another(scene, quiet[0]):
        return None
    fitting = idle_timeouts(wait)
    because = [
        Evidence(f"The silence before the end is {span_of_time(wait.silence)}. {_defaults(wait, fitting)}"),
        who_ended(scene),
        *([leg] if (leg := other_leg(scene)) else []),
        no_close(scene),
        pings(scene),
    ]
    return Claim(
        _certainty(scene, quiet[0], fitting),
        because,
        _against(scene, wait),
        _considered(scene, quiet[0]),
        _advice(scene, fitting or shaped_alike(wait)),
        _title(scene),
    )


def _is_another(scene: Scene, ender: Side) -> bool:
    """A ping of the ender waits for its pong, a full receiver, or a forged RST: other causes."""
    one = scene.life.side(ender)
    return bool(scene.side(ender).pings) or one.rst_is_foreign or bool(scene.side(ender.other).shut)


def _certainty(scene: Scene, ender: Side, fitting: Sequence[Timeout]) -> Certainty:
    if scene.life.other_leg is not None:
        return Certainty.VERY_LIKELY
    # On the server's leg of a proxy the proxy is the client.
    if fitting or ender is Side.SERVER:
        return Certainty.LIKELY
    return Certainty.POSSIBLE


def _defaults(wait: Wait, fitting: Sequence[Timeout]) -> str:
    names = list(dict.fromkeys(f"{one.product} ({one.setting})" for one in fitting))
    shape = f"The shape of the end, {SHAPES[wait.shape]}, " if wait.both_legs else ""
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return f"That is what these use unless told otherwise: {', '.join(names[:_NAMED])}{more}."
    alike = list(dict.fromkeys(one.product for one in shaped_alike(wait)))
    if alike:
        return f"No known default; {shape[:1].lower()}{shape[1:]}is that of {' and of '.join(alike)}."
    return "That is no default we know: somebody has configured it, or an application hung up."


def _against(scene: Scene, wait: Wait) -> list[Evidence]:
    if wait.both_legs:
        return []
    found = [Evidence("Only one leg is in the capture: who cut it cannot be known from it.")]
    if scene.betrayed.proxy is None:
        found.append(Evidence("No header names a proxy."))
    return found


def _considered(scene: Scene, ender: Side) -> list[str]:
    hung_up = f"the {ender}'s application hung up after the silence (its log at that moment tells)"
    crash = f"crash of the {ender} (it would come at any time, not after a silence)"
    both = scene.life.other_leg is not None
    return [
        *(["one of the two applications (both legs ended at once, from the proxy)"] if both else [crash]),
        *([] if both else [hung_up]),
        *client_left(scene),
        *no_bad_frame(scene),
    ]


def _advice(scene: Scene, fitting: Sequence[Timeout]) -> list[str]:
    names = scene.betrayed.names
    changes = [f"{one.product}: {one.change}" for one in fitting if one.change]
    raised = advice("raise-timeout", names)
    if changes:
        raised = "\n".join([raised.split("\n")[0], *dict.fromkeys(changes[:_NAMED])])
    told = [advice("ping", names), raised]
    if scene.life.other_leg is None:
        told.append(advice("both-legs"))
    return [*told, advice("reconnect", names)]


def _title(scene: Scene) -> str | None:
    if scene.life.other_leg is None:
        return None
    return "An idle timeout of the proxy between client and server cut the connection"
