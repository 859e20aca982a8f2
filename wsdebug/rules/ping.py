"""PP101 to PP103: ping and pong (RFC 6455 5.5.2, 5.5.3)."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.display.escape import printable
from wsdebug.model.facts import PingOutcome, PongDiffers, Unsolicited
from wsdebug.model.report import Severity
from wsdebug.rules.registry import Offence, rule
from wsdebug.rules.streams import counted

SECOND = 1_000_000_000
PATIENCE = 20 * SECOND
"""How long the peer must have been able to write before a missing pong means anything."""


@rule(
    code="PP101",
    title="A ping was never answered",
    section="RFC 6455 5.5.2",
    severity=Severity.WARNING,
    fix="Find out what keeps the peer from reading: a blocked event loop, a handler that never "
    "awaits, a full receive queue. Pongs are sent by the library, but only while it gets to run.",
)
def ping_not_answered(ping: PingOutcome) -> Iterator[Offence]:
    """A ping must be answered with a pong as soon as practical. This one reached the peer's
    kernel (TCP acknowledged it), and for twenty seconds in which the peer could write no pong
    came.

    So the host lives and the application does not: its event loop is blocked, it has stopped
    reading this connection, or a proxy on the way acknowledges for a peer that is gone. Libraries
    with a keepalive then close with 1011 ("keepalive ping timeout") or drop the connection, and
    the application sees 1006.

    It is not reported where the pong may lie in a gap, could not be written (a long frame on its
    way, a closed window), where a Close came first, or in the last twenty seconds of a
    connection. One pong answers all pings before it.
    """
    if ping.acknowledged and ping.writable is not None and ping.writable >= PATIENCE:
        yield Offence(
            ping.span,
            f"no pong in {ping.writable / SECOND:.1f} s",
            "a pong with the ping's payload",
            frame=ping.frame,
        )


@rule(
    code="PP102",
    title="A pong carries a payload that no ping had",
    section="RFC 6455 5.5.3",
    severity=Severity.WARNING,
    fix="Send the ping's payload back unchanged, byte for byte.",
)
def pong_payload_differs(pong: PongDiffers) -> Iterator[Offence]:
    """A pong must repeat the payload of the ping it answers. While a ping waited, and never got
    its own pong, this pong came with something else in it.

    Libraries that match pongs to pings do not count it, and close the connection as dead although
    the peer answers. It comes from hand-written peers that send an empty pong, and from text
    conversions of a binary payload.
    """
    yield Offence(
        pong.span,
        f"pong payload {_payload(pong.payload)}",
        f"the payload of the ping that waits: {_payload(pong.waited)}",
        frame=pong.frame,
    )


def _payload(payload: bytes) -> str:
    return f'"{printable(payload, 40)}"' if payload else "(empty)"


@rule(
    code="PP103",
    title="Pongs that nobody asked for",
    section="RFC 6455 5.5.3",
    severity=Severity.NOTE,
    fix="Nothing to do. To know that the peer is alive, send pings instead: a pong asks for no "
    "answer.",
)
def pong_unsolicited(pongs: Unsolicited) -> Iterator[Offence]:
    """A pong without a ping is legal: a heartbeat in one direction that expects no answer. .NET
    sends one every 30 seconds by default, old Internet Explorer did so too.

    It keeps NAT tables and proxies from forgetting the connection, and proves nothing about the
    peer. Told once a side, with the count.
    """
    yield Offence(
        pongs.span,
        f"{counted(pongs.count, 'pong')} without a ping",
        "pongs that answer a ping; these are legal",
        frame=pongs.frame,
        detail={"count": pongs.count},
    )
