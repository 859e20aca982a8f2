"""DX502: the server's process ended, and every connection with it."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.diagnosis.fleet.burst import Burst, spread
from wsdebug.diagnosis.fleet.registry import Fleet, FleetClaim, fleet_cause
from wsdebug.diagnosis.fleet.wording import ended_by, next_attempt, within
from wsdebug.display.quantities import counted
from wsdebug.display.times import span_of_time
from wsdebug.model.report import Certainty, Evidence

_NOT_TRIED = (
    "nobody tried to connect again: a server that cut all its connections and lives on looks the"
    " same"
)

_KILLED = "the server's process was killed, crashed, or stopped without a Close"
_KILLED_OR_CUT = "the server's process ended, or it cut them itself"


@fleet_cause(
    code="DX502",
    title="The server's process ended, and all its connections with it",
    advice=(
        (
            "Look at what ended the process at that moment: the out-of-memory killer (dmesg), kill"
            " -9, an exception that nobody caught, a deployment that does not wait."
        ),
        (
            "On SIGTERM close each connection with 1001, then exit; give the process time for it"
            " (terminationGracePeriodSeconds, TimeoutStopSec)."
        ),
        "Let clients reconnect with growing, random pauses.",
    ),
)
def process_killed(fleet: Fleet) -> Iterator[FleetClaim]:
    """All connections of one address and port end by FIN or RST within milliseconds, none with a
    Close, and no violation came before. That is what a kernel does when a process is gone: it
    closes its sockets one after the other, and nobody is left to say goodbye.

    If attempts to connect are refused with RST afterwards, nothing listens any more: very likely.
    If none came, nobody can tell a killed process from one that cut all its connections: possible.
    If they are accepted at once, see proxy-reload.
    """
    for burst in fleet.bursts:
        after = burst.crowd.next_arrival(burst.begin)
        refused = after is not None and not after.accepted
        if not burst.is_big or not burst.is_all or burst.culprit is not None:
            continue
        # A silence as long as a known timeout, or pings without pong, explain it as well.
        doubtful = burst.is_of_the_silent or burst.is_of_the_unanswered
        if refused or (after is None and not doubtful):
            yield _claim(burst, refused=refused)


def _claim(burst: Burst, *, refused: bool) -> FleetClaim:
    number = counted(len(burst.members), "connection")
    how = ended_by({one.how for one in burst.members})
    because = [
        Evidence(
            f"all {number} to this server ended {within(burst)} {how}, none with a Close",
            packet=burst.members[0].packet,
        ),
        *next_attempt(burst),
    ]
    before = _violation_before(burst)
    return FleetClaim(
        server=burst.crowd.server,
        certainty=_certainty(refused=refused, is_doubtful=bool(before)),
        title=f"All {number} died at once: {_KILLED if refused else _KILLED_OR_CUT}",
        connections=burst.ids,
        victims=burst.ids,
        because=because,
        against=before if refused else [*before, Evidence(_NOT_TRIED)],
        considered=["a reload: the port refused the next attempt"] if refused else [],
        begin=burst.begin,
        end=burst.end,
    )


def _certainty(*, refused: bool, is_doubtful: bool) -> Certainty:
    """What the port did next decides: untried, it tells nothing."""
    if not refused:
        return Certainty.POSSIBLE
    return Certainty.LIKELY if is_doubtful else Certainty.VERY_LIKELY


def _violation_before(burst: Burst) -> list[Evidence]:
    """A violation too long before to be called the reason, and too near to be left out."""
    one = burst.crowd.last_fault(burst.begin)
    if one is None or one.fault is None or spread(one.fault.time, burst.begin) > 1:
        return []
    wait = span_of_time(spread(one.fault.time, burst.begin))
    return [Evidence(f"#{one.id} broke the protocol {wait} before", packet=one.fault.packet)]
