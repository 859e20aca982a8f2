"""DX501: one connection's violation ended the server's process, and all others with it."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.diagnosis.fleet.burst import Burst, spread
from wsdebug.diagnosis.fleet.member import Fault, Member, paths
from wsdebug.diagnosis.fleet.registry import Fleet, FleetClaim, fleet_cause
from wsdebug.diagnosis.fleet.wording import next_attempt, within
from wsdebug.display.quantities import counted
from wsdebug.display.times import span_of_time
from wsdebug.model.report import Certainty, Evidence
from wsdebug.rules import title_of


@fleet_cause(
    code="DX501",
    title="A violation on one connection ended the server's process, and others with it",
    advice=(
        (
            "Handle errors on every socket of the server: in Node.js an 'error' event without a"
            " listener ends the process.\n"
            "wss.on('connection', (ws) => ws.on('error', console.error));"
        ),
        "Mend the culprit: its own finding says what it sent.",
    ),
)
def process_crash_after_violation(fleet: Fleet) -> Iterator[FleetClaim]:
    """A client breaks the protocol, and within 50 ms at least two other connections to the same
    address and port end by FIN or RST, none of them with a Close. A server that handles the
    violation fails that one connection; when all end, its process died of it. The kernel then
    closes the sockets, so that clients that did nothing wrong see 1006.

    The usual way: a library reports a violation as an 'error' event or an exception, and nobody
    listens. In Node.js an 'error' event without a listener ends the process.

    If other connections to the same port live on, only one worker of several may have died, or
    the server cut all connections of one user: then it is called possible only. A violation on a
    connection that lives on was tolerated and ended nothing.
    """
    for burst in fleet.bursts:
        culprit = burst.culprit
        if culprit is not None and culprit.fault is not None:
            yield _claim(burst, culprit, culprit.fault)


def _claim(burst: Burst, culprit: Member, fault: Fault) -> FleetClaim:
    victims = burst.innocent
    broke = f"{fault.code} {title_of(fault.name).rstrip('.')}"
    wait = span_of_time(spread(fault.time, burst.begin))
    others = counted(len(victims), "other connection")
    because = [
        Evidence(f"#{culprit.id} broke the protocol: {broke}", fault.side, None, fault.packet),
        Evidence(
            f"{others} ended {wait} after that, {within(burst)}, none with a Close",
            packet=victims[0].packet,
        ),
    ]
    survived = burst.has_survivors
    if not survived:
        because.append(Evidence("no connection to this server outlived it"))
    because += next_attempt(burst)
    lived_on = (
        "other connections to this server lived on: one worker of several may have died, or the"
        " server cut all connections of one user"
    )
    return FleetClaim(
        server=burst.crowd.server,
        certainty=Certainty.POSSIBLE if survived else Certainty.VERY_LIKELY,
        title=f"{others[:1].upper()}{others[1:]} died with #{culprit.id}: its violation ended the "
        "server's process",
        connections=paths(victims),
        culprit=culprit.id,
        victims=paths(victims),
        because=because,
        against=[Evidence(lived_on)] if survived else [],
        considered=["a server that fails whoever breaks the protocol: the others had not"],
        begin=fault.time,
        end=burst.end,
    )
