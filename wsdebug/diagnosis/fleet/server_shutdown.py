"""DX504: the server said goodbye to everybody."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.diagnosis.fleet.burst import FEWEST, chained, spread
from wsdebug.diagnosis.fleet.crowd import SECOND, Crowd
from wsdebug.diagnosis.fleet.member import Member, paths
from wsdebug.diagnosis.fleet.registry import Fleet, FleetClaim, fleet_cause
from wsdebug.display.quantities import counted
from wsdebug.display.times import span_of_time
from wsdebug.knowledge.close_codes import close_name
from wsdebug.model.report import Certainty, Evidence

_GOODBYES = (1001, 1012)


@fleet_cause(
    code="DX504",
    title="The server shut down and closed its connections in order",
    advice=(
        (
            "Nothing is broken: the server closed as it should. Clients have to reconnect, with"
            " growing, random pauses."
        ),
    ),
)
def server_shutdown(fleet: Fleet) -> Iterator[FleetClaim]:
    """The server sends Close 1001 (going away) or 1012 (service restart) on at least three
    connections within a second, before their clients say anything of the kind. Python websockets
    sends 1001 when it is told to stop, uvicorn 1012.

    If others of the same server live on, it may as well have sent away a part of its clients:
    with less than half of them gone nothing is said. Clients that close with 1001 by themselves
    (a browser that leaves a page does) are no shutdown.
    """
    for crowd in fleet.crowds:
        left = [one for one in crowd.members if one.code in _GOODBYES and _is_goodbye(one)]
        left.sort(key=lambda one: one.ended or 0)
        for group in chained(left, SECOND):
            if len(group) >= FEWEST:
                yield from _claim(crowd, group)


def _is_goodbye(one: Member) -> bool:
    return one.is_open and one.ender == "server" and not one.is_passed_on


def _claim(crowd: Crowd, group: list[Member]) -> Iterator[FleetClaim]:
    begin, end = group[0].ended or 0, group[-1].ended or 0
    survived = crowd.outlived(end + SECOND, begin)
    if survived and 2 * len(group) < crowd.alive_at(begin):
        return
    codes = sorted({one.code for one in group if one.code is not None})
    named = " and ".join(f"{code} ({close_name(code)})" for code in codes)
    number = counted(len(group), "connection")
    ids = paths(group)
    because = [
        Evidence(
            f"the server sent Close {named} on {number} within {span_of_time(spread(begin, end))}",
            packet=group[0].packet,
        )
    ]
    against = [Evidence("others of its connections lived on")] if survived else []
    if not survived:
        because.append(Evidence("no connection to it outlived that"))
    yield FleetClaim(
        server=crowd.server,
        certainty=Certainty.LIKELY if survived else Certainty.VERY_LIKELY,
        title=f"The server shut down: it closed {number} with {named}",
        connections=ids,
        victims=ids,
        because=because,
        against=against,
        begin=begin,
        end=end,
    )
