"""DX507: the same silence before the end of many."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.diagnosis.fleet.crowd import Crowd
from wsdebug.diagnosis.fleet.member import Member
from wsdebug.diagnosis.fleet.registry import Fleet, FleetClaim, fleet_cause
from wsdebug.diagnosis.fleet.timers import Limited, limited
from wsdebug.diagnosis.timeouts import PASSED_ON
from wsdebug.display.quantities import counted
from wsdebug.display.times import span_of_time
from wsdebug.knowledge.timeouts import SHAPES, Timeout, by_shape, fitting
from wsdebug.model.report import Certainty, Evidence

_SHORTEST = 1.0
"""Seconds of silence that are worth the name."""


@fleet_cause(
    code="DX507",
    title="The same idle timeout ended several connections",
    advice=(
        (
            "Ping more often than that, best from the server: half of the timeout leaves room for"
            " one that is late."
        ),
    ),
)
def common_idle_timeout(fleet: Fleet) -> Iterator[FleetClaim]:
    """At least three connections of one server end by FIN or RST without a Close after the same
    silence, within 2 %, though not at the same moment, and they are at least half of those that
    ended like this after a silence. A number that comes back is a timer. It names every product
    whose default it is, and where both legs of a proxy were seen, only those whose ends look so.

    When all were silent from the same moment on and ended at the same moment, the silence proves
    nothing, unless some default is just as long: then it is called possible. Connections that a
    client closes after such a silence, and those with a ping that was not answered, do not count.
    """
    for crowd in fleet.crowds:
        silent = [one for one in crowd.cut if _is_silent(one)]
        for group in limited(silent, lambda one: one.silence or 0):
            claim = _claim(crowd, group)
            if claim is not None:
                yield claim


def _is_silent(one: Member) -> bool:
    is_long = one.silence is not None and one.silence >= _SHORTEST
    return is_long and not one.is_unanswered and one.fault is None


def _defaults(group: Limited) -> tuple[Timeout, ...]:
    found = fitting(group.seconds, kind="idle", shape=group.shape)
    # Who is known to pass bytes on draws no key of its own.
    if any(one.own_key for one in group.members):
        return tuple(one for one in found if one.shape not in PASSED_ON)
    return found


def _claim(crowd: Crowd, group: Limited) -> FleetClaim | None:
    shape = group.shape
    defaults = _defaults(group)
    if not group.is_staggered and not defaults:
        return None
    own_key = any(one.own_key for one in group.members)
    configured = by_shape(shape) if not defaults and "-" in shape and not own_key else ()
    number = counted(len(group.members), "connection")
    lasted = span_of_time(group.seconds)
    because = [
        Evidence(
            f"{number} ended after {group.range} of silence",
            packet=group.members[0].packet,
        )
    ]
    if "-" in shape:
        because.append(Evidence(f"both legs of the proxy were seen: {SHAPES[shape]}"))
    if defaults:
        named = ", ".join(dict.fromkeys(f"{one.product} ({one.setting})" for one in defaults))
        because.append(Evidence(f"{lasted} is the default of {named}"))
    elif configured:
        named = ", ".join(dict.fromkeys(one.product for one in configured))
        because.append(Evidence(f"nobody has {lasted} by default; such ends are those of {named}"))
    else:
        because.append(Evidence(f"nobody that is known has {lasted} by default: it was configured"))
    changes = dict.fromkeys(
        f"{one.product}: {one.change}" for one in (defaults or configured) if one.change
    )
    return FleetClaim(
        server=crowd.server,
        certainty=Certainty.VERY_LIKELY if group.is_staggered else Certainty.POSSIBLE,
        title=f"{number} ended after the same silence of {lasted}: an idle timeout",
        connections=group.ids,
        victims=group.ids,
        because=because,
        against=[]
        if group.is_staggered
        else [Evidence("all ended at the same moment: their process may have died as well")],
        advice=list(changes),
        begin=group.begin,
        end=group.end,
    )
