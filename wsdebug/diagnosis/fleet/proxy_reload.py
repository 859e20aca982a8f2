"""DX503: what stood in front was reloaded: the old connections were cut, new ones are taken."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.diagnosis.fleet.burst import Burst
from wsdebug.diagnosis.fleet.crowd import MILLISECOND
from wsdebug.diagnosis.fleet.registry import Fleet, FleetClaim, fleet_cause
from wsdebug.diagnosis.fleet.wording import ended_by, next_attempt, within
from wsdebug.display.quantities import counted
from wsdebug.model.report import Certainty, Evidence

_LOOK_ALIKES = (
    "a process that died and was started again at once, or a server that cut them itself, can look"
    " the same"
)
_NO_RESTART = 20 * MILLISECOND
"""No process that died listens again sooner than this."""


@fleet_cause(
    code="DX503",
    title="A proxy or worker was replaced: its connections were cut, and the port stayed open",
    advice=(
        (
            "nginx: worker_shutdown_timeout is how long old workers keep their connections after a"
            " reload; without it they keep them until they end."
        ),
        "HAProxy: hard-stop-after is the same.",
        "Reload less often: Kubernetes ingress controllers reload at each change of an ingress.",
        "Let clients reconnect with growing, random pauses: a reload will come again.",
    ),
)
def proxy_reload(fleet: Fleet) -> Iterator[FleetClaim]:
    """Connections of one address and port end by FIN or RST within milliseconds, none with a
    Close, no violation before, as in process-killed; but the port goes on accepting. Either only
    the older connections were cut and younger ones live on, which is what the end of an old
    worker looks like; or all were, and the next attempt is accepted at once.

    A process that died and was started again in time looks the same as the second, and so does a
    server that cuts all its connections: unless the port accepts again within 20 ms it is called
    possible only.
    """
    for burst in fleet.bursts:
        if not burst.is_big or burst.culprit is not None:
            continue
        if burst.is_of_the_silent or burst.is_of_the_unanswered:
            continue
        after = burst.crowd.next_arrival(burst.begin)
        if burst.has_survivors:
            if burst.is_of_the_old:
                yield _claim(burst, Certainty.LIKELY, are_old=True)
        elif burst.is_all and after is not None and after.accepted:
            at_once = after.time - burst.end < _NO_RESTART
            yield _claim(burst, Certainty.LIKELY if at_once else Certainty.POSSIBLE, are_old=False)


def _claim(burst: Burst, certainty: Certainty, *, are_old: bool) -> FleetClaim:
    number = counted(len(burst.members), "connection")
    how = ended_by({one.how for one in burst.members})
    proxied = sum(one.ender == "proxy" for one in burst.members)
    which = "the oldest" if are_old else "all"
    because = [
        Evidence(
            f"{which} {number} of this address and port ended {within(burst)} {how}, none with "
            "a Close",
            packet=burst.members[0].packet,
        )
    ]
    if are_old:
        because.append(Evidence("those that began later lived on"))
    if proxied:
        because.append(Evidence(f"of {proxied} both legs were seen: the proxy ended both itself"))
        certainty = Certainty.VERY_LIKELY if are_old else certainty
    because += next_attempt(burst)
    against = [] if are_old and proxied else [Evidence(_LOOK_ALIKES)]
    title = f"{which} {number} were cut at once while the port went on accepting"
    meaning = "a reload" if certainty.rank >= Certainty.LIKELY.rank else "a reload or a restart"
    return FleetClaim(
        server=burst.crowd.server,
        certainty=certainty,
        title=f"{title[:1].upper()}{title[1:]}: {meaning}",
        connections=burst.ids,
        victims=burst.ids,
        because=because,
        against=against,
        begin=burst.begin,
        end=burst.end,
    )
