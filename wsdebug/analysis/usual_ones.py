"""Who says which connections may wait, and reports those that went as others before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wsdebug.analysis.usual import Handshakes, Met, Usual
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
    from wsdebug.model.report import Connection, Severity
    from wsdebug.transport.parked import Parked

_MOST = 64
"""Shapes of reports remembered, of each pair of heads."""


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
        shape = shape_of(usual, end)
        met = pair.met.get(shape) or _met(pair, shape, known)
        if met.server is not None:
            self._fleet.ended_in_order(met.server, usual.id, start, end.closer.closed)
        else:
            self._fleet.add(_member(usual, end, met.member))
        values = values_of(usual, end)
        if self.on_recurring is None:
            self._hand_on(report_of(pair, shape, known, facts_in(values)))
        else:
            self.told[met.pattern.severity] += 1
            self.on_recurring(Recurring(usual.id, met.pattern, values))
        return True


def _member(usual: Usual, end: UsualEnd, first: Member) -> Member:
    """What the fleet remembers of one that ended as the first of its shape."""
    wait = plain_wait(end.silence, end.age)
    return replace(
        first,
        id=usual.id,
        client=address_text(usual.ends[0][0]),
        start=usual.parked.start,
        ended=end.closer.closed,
        packet=end.closer.close,
        silence=wait.silence,
        age=wait.age,
        is_flowing=wait.is_flowing,
    )


def _met(pair: Pair, shape: Shape, known: Conclusion) -> Met:
    """What connections of that shape have in common, when the first one comes."""
    if len(pair.met) >= _MOST:
        pair.met.clear()
    address, port = shape.server
    to = socket_name(address_text(address), port)
    member = replace(known.member, server=to, target=target_of(pair.report))
    server = to if member.is_orderly else None
    met = pair.met[shape] = Met(pattern_of(pair, shape, known), member, server)
    return met
