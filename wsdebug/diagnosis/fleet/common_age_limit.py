"""DX508: many ended at the same age, although they were in use."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.diagnosis.fleet.crowd import Crowd
from wsdebug.diagnosis.fleet.member import Member
from wsdebug.diagnosis.fleet.registry import Fleet, FleetClaim, fleet_cause
from wsdebug.diagnosis.fleet.timers import Limited, limited
from wsdebug.display.quantities import counted
from wsdebug.display.times import span_of_time
from wsdebug.knowledge.timeouts import fitting
from wsdebug.model.report import Certainty, Evidence

_YOUNGEST = 2.0
"""Seconds: whoever ends sooner was never let live."""


@fleet_cause(
    code="DX508",
    title="The same age limit ended several connections",
    advice=(
        (
            "Pings do not help against an age limit. Raise it where it is set, or let clients"
            " reconnect before it strikes: open the next connection, then close the old one."
        ),
    ),
)
def common_age_limit(fleet: Fleet) -> Iterator[FleetClaim]:
    """At least three connections of one server end by FIN or RST without a Close at the same age,
    counted from the 101, within 2 %, at different moments, and with payload in the last quarter of
    their lives: no silence ended them. They are at least half of those that ended like this.
    Google's load balancers and Cloud Run, AWS API Gateway and Azure Front Door have such limits.

    Connections that began together and ended together say nothing of their age.
    """
    for crowd in fleet.crowds:
        aged = [one for one in crowd.cut if _is_aged(one)]
        for group in limited(aged, lambda one: one.age or 0):
            if group.is_staggered:
                yield _claim(crowd, group)


def _is_aged(one: Member) -> bool:
    is_old = one.age is not None and one.age >= _YOUNGEST
    return is_old and one.is_flowing and one.fault is None


def _claim(crowd: Crowd, group: Limited) -> FleetClaim:
    defaults = fitting(group.seconds, kind="age")
    number = counted(len(group.members), "connection")
    age = span_of_time(group.seconds)
    because = [
        Evidence(
            f"{number} ended {group.range} after their 101",
            packet=group.members[0].packet,
        ),
        Evidence("payload flowed in the last quarter of each life"),
    ]
    if defaults:
        named = ", ".join(dict.fromkeys(f"{one.product} ({one.setting})" for one in defaults))
        because.append(Evidence(f"{age} is the default of {named}"))
    changes = dict.fromkeys(f"{one.product}: {one.change}" for one in defaults if one.change)
    return FleetClaim(
        server=crowd.server,
        certainty=Certainty.VERY_LIKELY,
        title=f"{number} ended at the same age of {age}, although they were in use",
        connections=group.ids,
        victims=group.ids,
        because=because,
        advice=list(changes),
        begin=group.begin,
        end=group.end,
    )
