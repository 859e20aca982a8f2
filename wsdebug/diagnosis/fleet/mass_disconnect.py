"""DX505: many ended together, and nothing says what ended them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from wsdebug.diagnosis.fleet.burst import FEWEST, chained, spread
from wsdebug.diagnosis.fleet.crowd import SECOND, Crowd
from wsdebug.diagnosis.fleet.member import Member, paths
from wsdebug.diagnosis.fleet.registry import Fleet, FleetClaim, fleet_cause
from wsdebug.display.quantities import counted
from wsdebug.display.times import span_of_time
from wsdebug.model.report import Certainty, Evidence

_APART = SECOND // 4
_LONGEST = SECOND
_HOWS = {
    "fin": "by FIN without a Close",
    "rst": "by RST",
    "timeout": "unacknowledged",
}


@fleet_cause(
    code="DX505",
    title="Many connections ended together",
    advice=(
        (
            "Look at what all of them share at that moment: the server's log, the network between,"
            " a proxy, or the machine of the clients if they are on one."
        ),
        "Capture on both sides: it tells whether the ends began at the server or before it.",
    ),
    last_resort=True,
)
def mass_disconnect(fleet: Fleet) -> Iterator[FleetClaim]:
    """Within a second at least three connections of one server, and at least half of those that
    were open, end with an error: by FIN or RST without a Close, with a Close that reports a
    failure, or because nothing was acknowledged any more. No process that died, reload, shutdown
    or timeout explains it.

    If all were ended by the clients' side, and from one address, the client's process or a proxy
    that stands there ended them. Connections that broke the protocol themselves do not count, nor
    those that closed in order.
    """
    explained = fleet.explained
    for crowd in fleet.crowds:
        unclean = [one for one in crowd.members if not one.is_clean]
        failed = [one for one in unclean if one.id not in explained and _failed(one)]
        failed.sort(key=lambda one: one.ended or 0)
        for chain in chained(failed, _APART):
            group = _at_once(chain)
            if len(group) >= FEWEST and 2 * len(group) >= crowd.alive_at(group[0].ended or 0):
                yield _claim(crowd, group)


def _failed(one: Member) -> bool:
    return (
        one.is_open
        and one.ended is not None
        and one.fault is None
        and not one.is_passed_on
        and not (one.leg == "back" and one.ender == "proxy")
    )


def _at_once(chain: list[Member]) -> list[Member]:
    """Those that were open when the first ended, as far as they ended within a second."""
    begin = chain[0].ended or 0
    return [one for one in chain if one.start <= begin and (one.ended or 0) - begin <= _LONGEST]


def _claim(crowd: Crowd, group: list[Member]) -> FleetClaim:
    begin, end = group[0].ended or 0, group[-1].ended or 0
    number = counted(len(group), "connection")
    hows = Counter(_HOWS.get(one.how, f"with Close {one.code or ''}".strip()) for one in group)
    listed = ", ".join(f"{count} {how}" for how, count in hows.most_common())
    within = span_of_time(spread(begin, end))
    ids = paths(group)
    because = [
        Evidence(f"{number} ended within {within}: {listed}", packet=group[0].packet),
        Evidence(f"{crowd.alive_at(begin)} were open at that moment"),
        *_side(group),
    ]
    return FleetClaim(
        server=crowd.server,
        certainty=Certainty.LIKELY,
        title=f"{number} ended together, within {within}",
        connections=ids,
        victims=ids,
        because=because,
        against=[Evidence("what ended them cannot be known from this capture")],
        begin=begin,
        end=end,
    )


def _side(group: list[Member]) -> Iterator[Evidence]:
    enders = {one.ender for one in group}
    if enders == {"client"}:
        clients = {one.client for one in group}
        if len(clients) == 1:
            yield Evidence(
                "all were ended from one and the same address: by the clients' process there, or by"
                " the proxy if it is one"
            )
        else:
            yield Evidence("all were ended by their clients, from different addresses")
    elif enders <= {"server", "proxy"}:
        yield Evidence("all were ended by the server's side")
    elif enders == {"foreign"}:
        yield Evidence("none of the RSTs came from the server: their TTL is another")
    if all(one.is_unanswered for one in group):
        yield Evidence("on each a ping was without a pong: a keepalive may have given them up")
