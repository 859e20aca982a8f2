"""Who says which connections may wait, and reports those that went as others before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from wsdebug.analysis.usual import Handshakes, Usual
from wsdebug.analysis.usual_end import UsualEnd, end_of
from wsdebug.analysis.usual_facts import facts_in, values_of
from wsdebug.analysis.usual_pattern import pattern_of
from wsdebug.analysis.usual_report import Shape, report_of, shape_of
from wsdebug.diagnosis.fleet import FleetWatch, Member, target_of
from wsdebug.diagnosis.timeouts import plain_wait
from wsdebug.display.endpoints import socket_name
from wsdebug.model.recurring import Recurring
from wsdebug.transport.half import address_text

if TYPE_CHECKING:
    from wsdebug.analysis.conclusions import Conclusion, Conclusions
    from wsdebug.analysis.opening import Opening
    from wsdebug.analysis.shared import Shared
    from wsdebug.analysis.usual import Pair
    from wsdebug.model.recurring import Pattern
    from wsdebug.model.report import Connection, Severity
    from wsdebug.transport.parked import Parked

_MOST = 512
"""Shapes of reports remembered."""


class Met(NamedTuple):
    """A shape of report that came."""

    pattern: Pattern
    member: Member
    """What the fleet remembers of each, but for server, times and places."""
    is_orderly: bool
    """The fleet needs no more than that they ended in order."""


class UsualOnes:
    """The `Parking` of a capture's connections."""

    def __init__(
        self,
        shared: Shared,
        opening: Opening,
        conclusions: Conclusions,
        fleet: FleetWatch,
        hand_on: Callable[[Connection], None],
        unpark: Callable[[bytes], None],
    ) -> None:
        self._handshakes = Handshakes(shared, opening)
        self._met: dict[Shape, Met] = {}
        self._shared = shared
        self._conclusions = conclusions
        self._fleet = fleet
        self._hand_on = hand_on
        self._unpark = unpark
        self.learn = self._handshakes.learn
        self.on_recurring: Callable[[Recurring], None] | None = None
        """Who takes reports that are like others, in place of `hand_on`."""
        self.told: Counter[Severity] = Counter()
        """How many of those there were."""

    def begin(self, parked: Parked) -> None:
        """A connection has sent its SYN."""
        parked.usual = Usual(self._handshakes, parked, self._unpark)

    def left(self, parked: Parked) -> None:
        """It is read like any other."""
        self._handshakes.left(parked.usual)

    def over(self, parked: Parked) -> bool:
        """It is settled: report it, if it ended in a way that is known."""
        usual: Usual | None = parked.usual
        if usual is None:
            return True  # whom it was handed on to raised an exception
        pair = usual.pair
        end = end_of(usual, pair) if pair is not None else None
        known = self._conclusions.of_kind(end.kind) if end is not None else None
        if pair is None or end is None or known is None:
            return False
        parked.usual = None
        (client, _), server = usual.ends
        self._shared.legs.over(usual.key, client, parked.index)
        first, start = parked.first_number, parked.start
        self._fleet.arrived(*server, start, first, accepted=True)
        shape = shape_of(pair, end)
        met = self._met.get(shape) or self._meet(pair, shape, known)
        if met.is_orderly:
            to = socket_name(address_text(server[0]), server[1])
            self._fleet.ended_in_order(to, usual.id, start, end.closer.closed)
        else:
            self._fleet.add(_member(usual, end, met.member))
        values = values_of(usual, end)
        if self.on_recurring is None:
            self._hand_on(report_of(pair, shape, known, facts_in(values)))
        else:
            self.told[met.pattern.severity] += 1
            self.on_recurring(Recurring(usual.id, met.pattern, values))
        return True

    def _meet(self, pair: Pair, shape: Shape, known: Conclusion) -> Met:
        """What connections of that shape have in common, when the first one comes."""
        if len(self._met) >= _MOST:
            self._met.clear()
        member = replace(known.member, target=target_of(pair.report))
        pattern = pattern_of(pair, shape, known)
        met = self._met[shape] = Met(pattern, member, member.is_orderly)
        return met


def _member(usual: Usual, end: UsualEnd, first: Member) -> Member:
    """What the fleet remembers of one that ended as the first of its shape."""
    wait = plain_wait(end.silence, end.age)
    (client, _), (server, port) = usual.ends
    return replace(
        first,
        id=usual.id,
        server=socket_name(address_text(server), port),
        client=address_text(client),
        start=usual.parked.start,
        ended=end.closer.closed,
        packet=end.closer.close,
        silence=wait.silence,
        age=wait.age,
        is_flowing=wait.is_flowing,
    )
