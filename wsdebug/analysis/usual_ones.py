"""Who says which connections may wait, and reports those that went as others before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from wsdebug.analysis.usual import Handshakes, Usual
from wsdebug.analysis.usual_end import UsualEnd, end_of
from wsdebug.analysis.usual_facts import Facts, facts_of, values_of
from wsdebug.analysis.usual_pattern import pattern_of
from wsdebug.analysis.usual_report import Shape, report_of, shape_of
from wsdebug.diagnosis.fleet import Arrival, FleetWatch, Member, Visit, same_end
from wsdebug.diagnosis.timeouts import plain_wait
from wsdebug.model.recurring import Recurring

if TYPE_CHECKING:
    from wsdebug.analysis.conclusions import Conclusion, Conclusions
    from wsdebug.analysis.opening import Opening
    from wsdebug.analysis.shared import Shared
    from wsdebug.analysis.usual import Pair
    from wsdebug.model.report import Connection
    from wsdebug.transport.parked import Parked

_MOST = 64
"""Patterns of reports remembered, of each pair of heads."""


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
        client, server = usual.ends
        self._shared.legs.over(usual.key, client[0], parked.index)
        self._fleet.arrived(*server, Arrival(parked.start, parked.packets[0][0], accepted=True))
        facts = facts_of(usual, end)
        self._fleet.add(_member(pair, end, known, facts))
        self._report(pair, shape_of(end.kind, facts), known, facts)
        return True

    def _report(self, pair: Pair, shape: Shape, known: Conclusion, facts: Facts) -> None:
        if self.on_recurring is None:
            self._hand_on(report_of(pair, shape, known, facts))
            return
        pattern = pair.patterns.get(shape)
        if pattern is None:
            if len(pair.patterns) >= _MOST:
                pair.patterns.clear()
            pattern = pair.patterns[shape] = pattern_of(pair, shape, known)
        self.on_recurring(Recurring(facts.whole.id, pattern, values_of(facts)))


def _member(pair: Pair, end: UsualEnd, known: Conclusion, facts: Facts) -> Member:
    """What the fleet remembers of it."""
    whole, (client, server) = facts.whole, facts.addresses
    ends, over = (client, (server, whole.server_port)), facts.closer
    visit = Visit(whole.id, *ends, pair.report, facts.start, over.closed, over.close)
    wait = plain_wait(end.silence, end.age)
    return same_end(known.member, visit, wait, is_unanswered=False)
