"""What several fleet causes say alike."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.diagnosis.fleet.burst import Burst, spread
from wsdebug.display.times import span_of_time
from wsdebug.model.report import Evidence


def within(burst: Burst) -> str:
    """`within 0.2 ms`: how far the ends lie apart."""
    return f"within {span_of_time(spread(burst.begin, burst.end))}"


def next_attempt(burst: Burst) -> Iterator[Evidence]:
    """What came of the first attempt to connect afterwards, if there was one."""
    arrival = burst.crowd.next_arrival(burst.begin)
    if arrival is not None:
        wait = span_of_time(spread(burst.begin, arrival.time))
        fate = "accepted" if arrival.accepted else "refused with RST: nothing listened any more"
        text = f"an attempt to connect, {wait} later, was {fate}"
        yield Evidence(text, packet=arrival.packet)


def ended_by(kinds: set[str]) -> str:
    """`by FIN`, `by RST` or both."""
    return "by " + " or ".join(kind.upper() for kind in sorted(kinds))
