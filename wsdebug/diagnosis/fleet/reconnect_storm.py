"""DX506: clients that come back all at once, or again and again without a pause."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from wsdebug.diagnosis.fleet.burst import spread
from wsdebug.diagnosis.fleet.crowd import SECOND, Crowd
from wsdebug.diagnosis.fleet.member import Member
from wsdebug.diagnosis.fleet.registry import Fleet, FleetClaim, fleet_cause
from wsdebug.display.quantities import counted, grouped
from wsdebug.display.times import span_of_time
from wsdebug.model.report import Certainty, Evidence

_HERD = 10
"""Fewer that come back together are no storm."""
_SHARE = 0.8
_PATIENCE = 30 * SECOND
_LOOP = 20
"""Attempts in vain within `_LOOP_WINDOW`."""
_LOOP_WINDOW = 10 * SECOND
_MOST_OF_THEM = 0.5
"""Where more come through between them, clients are served, and some of them are dropped."""


@fleet_cause(
    code="DX506",
    title="Clients reconnect all at once, or again and again",
    advice=(
        (
            "Wait before each attempt, longer each time, and by a random part of it:"
            " delay = random() * min(60, 2 ** attempt) seconds."
        ),
        "Begin anew with the short delay only after a connection has lived for a while.",
    ),
    last_resort=True,
)
def reconnect_storm(fleet: Fleet) -> Iterator[FleetClaim]:
    """Either at least twenty attempts in ten seconds come to nothing: the SYN is refused, the
    upgrade to one and the same path is rejected, or the server ends the connection within a
    second (a clean close with 1000 or without a code is none of these). Or at least ten
    connections ended together, and within half a minute as many (four of five) come back within
    one and the same second, at least twice as many as before that.

    The first wears down whatever still works, the second what has just been started. Both come
    from clients that try again without a growing, random pause. A page that opens many
    connections at once, or a ramp of connections that live, is no storm, nor are clients of whom
    some are dropped while more are served.
    """
    explained = fleet.explained
    for crowd in fleet.crowds:
        claim = _loop(crowd, fleet, explained) or _herd(crowd, fleet)
        if claim is not None:
            yield claim
    known = {crowd.server for crowd in fleet.crowds}
    for door in fleet.doors:
        if door.server not in known:
            claim = _loop(Crowd(door.server, [], door), fleet, explained)
            if claim is not None:
                yield claim


# ---- again and again ------------------------------------------------------------------------
def _loop(crowd: Crowd, fleet: Fleet, explained: set[int]) -> FleetClaim | None:
    """The worst row of attempts in vain at this server, with those that came through at its end."""
    members = _in_vain(crowd, explained)
    vain = _row(sorted([*crowd.refused, *(one.start for one in members)]))
    if not vain or len(vain) < _MOST_OF_THEM * len(crowd.arrived(vain[0], vain[-1])):
        return None
    begin, end = _after_its_death(crowd, fleet, vain[0]), vain[-1] + SECOND
    tried = max(len(vain), len(crowd.arrived(begin, end)))
    refused = bisect_right(crowd.refused, vain[-1]) - bisect_left(crowd.refused, vain[0])
    lasted = span_of_time(spread(vain[0], vain[-1]))
    text = f"{grouped(len(vain))} came to nothing in {lasted}, up to {_busiest(vain)[1]} a second"
    because = [Evidence(text, packet=crowd.packet_at(vain[0]))]
    if refused:
        because.append(Evidence(f"{grouped(refused)} of them were refused with RST"))
    if len(vain) > refused:
        other = counted(len(vain) - refused, "was", "were")
        because.append(Evidence(f"{other} rejected, or ended within a second"))
    return FleetClaim(
        server=crowd.server,
        certainty=Certainty.VERY_LIKELY,
        title=f"Clients tried again without a pause: {grouped(tried)} attempts to connect",
        connections=crowd.came(begin, end),
        attempts=tried,
        because=because,
        against=[Evidence("health checks of a load balancer can look the same")],
        begin=begin,
        end=end,
    )


def _after_its_death(crowd: Crowd, fleet: Fleet, first: int) -> int:
    """When the storm began: with what befell the server just before, if something did."""
    deaths = [
        claim.begin
        for claim in fleet.claims
        if claim.server == crowd.server and 0 <= first - claim.end <= SECOND
    ]
    return max(deaths, default=first)


def _in_vain(crowd: Crowd, explained: set[int]) -> list[Member]:
    """Connections that came to nothing through no fault of the client, of those that asked for
    the same the most.
    """
    found: dict[int, list[Member]] = {}
    for one in crowd.members:
        if one.ender == "client" or one.fault is not None or one.leg == "back":
            continue
        # Many a server serves a request and closes: that came to something.
        if one.how == "clean" and one.code in (None, 1000):
            continue
        if one.ender == "unknown" and one.how != "handshake-rejected":
            continue  # the client's bytes are missing, and its fault may stand in them
        lived = one.lived
        if lived is not None and lived < 1 and one.id not in explained:
            found.setdefault(one.target, []).append(one)
    return max(found.values(), key=len, default=[])


def _row(times: Sequence[int]) -> list[int]:
    """The longest row of times in which every `_LOOP` in a row lie within `_LOOP_WINDOW`."""
    best = row_begin = row_end = 0
    result = (0, 0)
    for index in range(_LOOP - 1, len(times)):
        begin = index - _LOOP + 1
        if times[index] - times[begin] > _LOOP_WINDOW:
            continue
        if begin >= row_end:
            row_begin = begin
        row_end = index + 1
        if row_end - row_begin > best:
            best, result = row_end - row_begin, (row_begin, row_end)
    return list(times[slice(*result)])


# ---- all at once ----------------------------------------------------------------------------
def _herd(crowd: Crowd, fleet: Fleet) -> FleetClaim | None:
    for claim in fleet.claims:
        ended = len(set(claim.connections) | set(claim.victims))
        if claim.server != crowd.server or ended < _HERD:
            continue
        came = [one.time for one in crowd.arrived(claim.begin, claim.end + _PATIENCE)]
        begin, most = _busiest(came)
        before = [one.time for one in crowd.arrived(claim.begin - _PATIENCE, claim.begin - 1)]
        usual = _busiest(before)[1]
        if most >= max(_HERD, _SHARE * ended) and most >= 2 * usual:
            return _herd_claim(crowd, claim, begin, most)
    return None


def _herd_claim(crowd: Crowd, claim: FleetClaim, begin: int, most: int) -> FleetClaim:
    wait = span_of_time(max(0.0, spread(claim.end, begin)))
    ended = counted(len(claim.connections), "connection")
    return FleetClaim(
        server=crowd.server,
        certainty=Certainty.LIKELY,
        title=f"Clients came back all at once: {grouped(most)} attempts within a second",
        connections=crowd.came(begin, begin + SECOND),
        attempts=most,
        because=[
            Evidence(f"{ended} had ended together"),
            Evidence(
                f"{grouped(most)} attempts to connect came within one second, {wait} later",
                packet=crowd.packet_at(begin),
            ),
        ],
        begin=begin,
        end=begin + SECOND,
    )


def _busiest(times: Sequence[int]) -> tuple[int, int]:
    """Where the second begins in which most of the sorted times lie, and how many they are."""
    best = (0, 0)
    begin = 0
    for index, time in enumerate(times):
        while time - times[begin] > SECOND:
            begin += 1
        if index + 1 - begin > best[1]:
            best = (times[begin], index + 1 - begin)
    return best
