"""DX509: nothing listens where clients try to connect."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.diagnosis.fleet.burst import spread
from wsdebug.diagnosis.fleet.registry import Fleet, FleetClaim, fleet_cause
from wsdebug.display.quantities import counted
from wsdebug.display.times import span_of_time
from wsdebug.model.report import Certainty, Evidence


@fleet_cause(
    code="DX509",
    title="Every attempt to connect was refused: nothing listens there",
    advice=(
        (
            "Start the server, or correct the address and port: `ss -ltn` on the server shows what"
            " listens and where. A server that listens on 127.0.0.1 cannot be reached from outside."
        ),
        "In a container: publish the port, and listen on 0.0.0.0.",
    ),
)
def connection_refused(fleet: Fleet) -> Iterator[FleetClaim]:
    """Every SYN to an address and port is answered with RST (RFC 9293 3.5.2): there is no
    connection, and nothing to decode. A client reports ECONNREFUSED; a browser only says that the
    WebSocket failed, and 1006. Behind nginx or HAProxy the client gets 502 or 503 instead.

    A firewall that rejects looks the same; one that drops leaves the SYN without an answer. A port
    that was open at another address is left out: for `localhost` clients try ::1 and 127.0.0.1.
    """
    # A server whose connections began before the capture did listen once.
    served = {crowd.server for crowd in fleet.crowds}
    for door in fleet.doors:
        if door.refuses_all and door.server not in served:
            number = len(door.arrivals)
            first, last = door.arrivals[0], door.arrivals[-1]
            over = span_of_time(spread(first.time, last.time))
            times = f", the last {over} after the first" if number > 1 else ""
            yield FleetClaim(
                server=door.server,
                certainty=Certainty.CERTAIN,
                title=f"Nothing listens there: {_attempts(number)} refused",
                attempts=number,
                because=[
                    Evidence(
                        f"{counted(number, 'SYN was', 'SYNs were')} answered with RST{times}",
                        packet=first.packet,
                    )
                ],
                against=[Evidence("a firewall that rejects the port looks the same")],
                begin=first.time,
                end=last.time,
            )


def _attempts(number: int) -> str:
    return "the one attempt to connect was" if number == 1 else f"all {number} attempts were"
