"""Who says which connections may wait, and reports those that went as others before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from wsdebug.analysis.usual import Handshakes, Usual
from wsdebug.analysis.usual_report import end_of, report_of
from wsdebug.diagnosis.fleet import Arrival, FleetWatch, same_end
from wsdebug.diagnosis.timeouts import plain_wait

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
        connection = report_of(usual, pair, end, known)
        wait = plain_wait(end.silence, end.age)
        self._fleet.add(same_end(known.member, connection, end.closer.at[1], wait))
        self._hand_on(connection)
        return True
