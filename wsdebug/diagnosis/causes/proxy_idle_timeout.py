"""DX202: silence, then the end."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.diagnosis.betrayed import suited
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
from wsdebug.diagnosis.timeouts import (
    Wait,
    idle_timeouts,
    lateness,
    shaped_alike,
    strikes_on_the_dot,
)
from wsdebug.display.times import span_of_time
from wsdebug.knowledge.advice import advice
from wsdebug.knowledge.timeouts import ALL, SHAPES, Timeout
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence

_LONG = 5.0
"""Seconds of silence before one leg's end that are worth a suspicion."""
_ANY = 1.0
"""The same where both legs show that a proxy ended them."""
_EARLY = 0.02
"""Seconds by which a timer that somebody has set may strike sooner."""
_LAZY = 0.32
"""The same for nginx: it leaves a timer alone that is to be moved by less than 0.3 s, so that what
is sent in the first 0.3 s of a silence does not count (seen with 1.22).
"""
_TELLING = "fin-client-rst-backend"
"""A shape that only a decision leaves: the kernel ends all sockets of a process that dies alike."""
_NAMED = 5
_NOT_WHOLE = (
    "It is no whole number of seconds, as people set them. nginx's timers may strike up to 0.3 s"
    " too soon; a proxy that is reloaded or dies ends both legs at any time."
)
_BY_CHANCE = (
    "About one silence in ten is as near to a whole second by chance, and a proxy that is killed,"
    " stopped or reloaded ends both legs like this, too. The same silence on several connections"
    " would decide it."
)
_WHERE = {
    "nginx": "   # in the location with proxy_pass",
    "HAProxy": "   # in defaults or in the backend",
}
_ONE_LEG = (
    "Only one leg is in the capture: who cut it cannot be known from it, and an application that"
    " hangs up, or a process that is killed, after a silence looks the same."
)


@cause(
    code="DX202",
    title="An idle timeout between client and server cut the connection",
    fix=("ping", "raise-timeout", "both-legs", "reconnect"),
)
def proxy_idle_timeout(scene: Scene) -> Claim | None:
    """Nothing was sent for a while, then TCP was ended (FIN or RST) without a Close frame: a proxy,
    a load balancer or the server's own idle limit. Both applications see 1006.

    How long the silence was tells whose limit it can be: 60 s are the default of nginx and of AWS
    load balancers and of others, so the number alone never names one product. What tells them apart
    is the shape: FIN to both sides (nginx), FIN to the client and RST to the backend (HAProxy in
    http mode). That takes a capture with both legs of the proxy. Then the cause is very likely if
    the silence is a known default to the tenth of a second, or a whole second with the shape of
    HAProxy, which no process leaves that dies; else likely: a proxy that is killed or reloaded ends
    both legs at any time. What several connections have in common stands apart (DX507).
    With one leg it is likely at best, and only where the server's side ended it after a silence
    that is a known default, or where its library has an idle limit of its own: an application may
    hang up, and a process be killed, after a silence as well.
    Where both legs show that one end hung up and the proxy passed it on, it is not this.

    Any byte keeps the line alive for most of them, so a ping from either side is enough.
    """
    quiet, wait = quiet_end(scene), scene.wait
    if (
        _is_passed_on(scene)
        or quiet is None
        or wait is None
        or wait.silence is None
        or scene.has_gaps
    ):
        return None
    if wait.silence < (_ANY if wait.both_legs else _LONG) or _is_another(scene, quiet[0]):
        return None
    fitting = _narrowed(scene, idle_timeouts(wait))
    if wait.both_legs and not fitting and not _is_configured(wait.silence, _early(wait)):
        return None
    alike = _narrowed(scene, shaped_alike(wait))
    because = [
        Evidence(_silence(wait.silence, fitting)),
        who_ended(scene),
        *([leg] if (leg := other_leg(scene)) else []),
        *_shape(wait, alike),
        *_named(scene),
        *_owned(scene),
        no_close(scene),
        pings(scene),
    ]
    return Claim(
        _certainty(scene, quiet[0], wait, fitting),
        because,
        _against(scene, wait, fitting),
        _considered(scene),
        _advice(scene, [*alike, *fitting], wait.silence),
        _title(scene),
    )


def _is_passed_on(scene: Scene) -> bool:
    """Both legs were seen, and the proxy did not end both."""
    return scene.life.other_leg is None and (scene.life.leg is not None or bool(scene.legs))


def _early(wait: Wait) -> float:
    """How much too soon the proxy of this shape may be."""
    return _LAZY if wait.shape == "fin-both" else _EARLY


def _is_configured(seconds: float, early: float = _EARLY) -> bool:
    """Whether a timer may have been set to it: people set whole seconds, and timers of proxies are
    late by milliseconds. A proxy that is reloaded or dies ends its connections at any time.
    """
    return (seconds + early) % 1 <= early + lateness(seconds)


def _proxy(scene: Scene) -> str | None:
    """What the path's handshakes name: the proxy's own Server header stands on one leg only."""
    names = (one.betrayed.proxy for one in (scene, *scene.legs))
    return next((name for name in names if name is not None), None)


def _narrowed(scene: Scene, fitting: Sequence[Timeout]) -> Sequence[Timeout]:
    """Where both legs and a header name the proxy, only its own timeouts."""
    name = _proxy(scene)
    if name is None or scene.life.other_leg is None:
        return fitting
    mine = [one for one in fitting if name.lower() in one.product.lower().split()]
    return mine or fitting


def _named(scene: Scene) -> list[Evidence]:
    name = _proxy(scene)
    if name is None:
        return []
    return [Evidence(f"A header of the 101 names {name}.", Side.SERVER)]


def _is_another(scene: Scene, ender: Side) -> bool:
    """A ping of the ender waits for its pong, a full receiver, or a forged RST: other causes."""
    one = scene.life.side(ender)
    return bool(scene.side(ender).pings) or one.rst_is_foreign or bool(scene.side(ender.other).shut)


def _is_proven(wait: Wait, fitting: Sequence[Timeout]) -> bool:
    """Whether more than chance can have made the silence as long as it is (docs/decisions/0024)."""
    if any(strikes_on_the_dot(wait, one, _early(wait)) for one in fitting):
        return True
    return wait.shape == _TELLING and wait.silence is not None and _is_configured(wait.silence)


def _certainty(scene: Scene, ender: Side, wait: Wait, fitting: Sequence[Timeout]) -> Certainty:
    if scene.life.other_leg is not None:
        return Certainty.VERY_LIKELY if _is_proven(wait, fitting) else Certainty.LIKELY
    is_known = bool(fitting or _own(scene)) and ender is Side.SERVER
    return Certainty.LIKELY if is_known else Certainty.POSSIBLE


def _silence(seconds: float, fitting: Sequence[Timeout]) -> str:
    said = f"The silence before the end is {span_of_time(seconds)}."
    names = list(dict.fromkeys(f"{one.product} ({one.setting})" for one in fitting))
    if not names:
        return f"{said} That is no default we know; a timer may be set to it."
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{said} These use that unless told otherwise: {', '.join(names[:_NAMED])}{more}."


def _shape(wait: Wait, alike: Sequence[Timeout]) -> list[Evidence]:
    """What of the end on both legs tells one proxy from another."""
    names = " and of ".join(dict.fromkeys(one.product for one in alike))
    if not names:
        return []
    return [Evidence(f"{SHAPES[wait.shape]}: that is the way of {names}, whatever the number.")]


def _own(scene: Scene) -> list[Timeout]:
    """The idle limit of the server's own library, where the server's side ended it."""
    if scene.ender is not Side.SERVER or scene.life.other_leg is not None:
        return []
    return [one for one in ALL if one.kind == "idle" and one.product == scene.betrayed.server]


def _owned(scene: Scene) -> list[Evidence]:
    return [
        Evidence(
            f"The server is {one.product}, which has a limit of its own: {one.setting}.",
            Side.SERVER,
        )
        for one in _own(scene)[:1]
    ]


def _against(scene: Scene, wait: Wait, fitting: Sequence[Timeout]) -> list[Evidence]:
    if wait.both_legs:
        if _is_proven(wait, fitting):
            return []
        is_whole = wait.silence is not None and _is_configured(wait.silence)
        return [Evidence(_BY_CHANCE if is_whole else _NOT_WHOLE)]
    found = [Evidence(_ONE_LEG)]
    if _proxy(scene) is None:
        found.append(Evidence("No header names a proxy."))
    return found


def _considered(scene: Scene) -> list[str]:
    if scene.life.other_leg is not None:
        both = "one of the two applications (both legs ended at once, from the proxy)"
        return [both, *no_bad_frame(scene)]
    return [*client_left(scene), *no_bad_frame(scene)]


def _advice(scene: Scene, fitting: Sequence[Timeout], silence: float) -> list[str]:
    found = [one.betrayed for one in (scene, *scene.legs)]
    names = [name for one in found for name in one.names]
    own = _own(scene)
    settings = {one.change: one.product for one in reversed([*own, *fitting]) if one.change}
    changes = [f"{product}: {change}{_where(product)}" for change, product in settings.items()][
        ::-1
    ]
    raised = advice("raise-own-timeout" if own else "raise-timeout", names)
    if changes:
        raised = "\n".join([raised.split("\n")[0], *dict.fromkeys(changes[:_NAMED])])
    told = [advice("ping", suited("ping", *found), silence), raised]
    if scene.life.other_leg is None:
        told.append(advice("both-legs"))
    return [*told, advice("reconnect", suited("reconnect", *found))]


def _where(product: str) -> str:
    return _WHERE.get(product.split(maxsplit=1)[0], "")


def _title(scene: Scene) -> str | None:
    if scene.life.other_leg is not None:
        return "An idle timeout of the proxy between client and server cut the connection"
    if _own(scene):
        return "An idle timeout of the server, or of what stands before it, cut the connection"
    return None
