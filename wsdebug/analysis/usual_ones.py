"""Who says which connections may wait, and reports those that went as others before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from wsdebug.analysis.usual import Handshakes, Usual
from wsdebug.analysis.usual_report import end_of, report_of
from wsdebug.diagnosis.fleet import Arrival, FleetWatch, same_end
from wsdebug.diagnosis.timeouts import plain_wait
from wsdebug.transport.flow_key import ends_of

if TYPE_CHECKING:
    from wsdebug.analysis.conclusions import Conclusions
    from wsdebug.analysis.opening import Opening
    from wsdebug.analysis.shared import Shared
    from wsdebug.model.report import Connection
    from wsdebug.transport.parked import Parked


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

    def begin(self, parked: Parked) -> None:
        """A connection has sent its SYN."""
        parked.usual = Usual(self._handshakes, parked, self._unpark)

    def left(self, parked: Parked) -> None:
        """It is read like any other."""
        self._handshakes.left(parked.usual)

    def over(self, parked: Parked) -> bool:
        """It is settled: report it, if it ended in a way that is known."""
        usual: Usual = parked.usual
        end = end_of(usual)
        conclusion = self._conclusions.of_kind(end.kind) if end is not None else None
        if end is None or conclusion is None or usual.pair is None:
            return False
        self._shared.legs.over(usual)
        (client, _), server = ends_of(parked.key)
        self._shared.legs.forget(client, parked.index)
        self._fleet.arrived(*server, Arrival(parked.start, parked.packets[0][0], accepted=True))
        connection = report_of(usual, usual.pair, end, conclusion)
        wait = plain_wait(end.silence, end.age)
        self._fleet.add(same_end(conclusion.member, connection, end.ended, wait))
        self._hand_on(connection)
        return True
