"""HS118 and HS119: what came before or after its time (RFC 6455 4.1, 4.2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.display.escape import printable
from wsdebug.model.handshake import EarlyFrames, SecondAnswer
from wsdebug.model.report import Severity
from wsdebug.rules.registry import Offence, rule
from wsdebug.rules.streams import counted


@rule(
    code="HS118",
    title="The client sent data before it could have the 101",
    section="RFC 6455 4.1",
    severity=Severity.ERROR,
    fix="Wait for the open event (or the end of the connect call) before the first send.",
)
def frames_before_101(early: EarlyFrames) -> Iterator[Offence]:
    """A client must wait for the server's answer before it sends frames. The packet that carried
    these bytes acknowledges less of the server's stream than the 101, so the client sent them
    without having it.

    Many servers lose such bytes: they belong to the HTTP parser, which throws them away or
    takes them for a body or a second request. The first message is then missing, now and then,
    depending on timing. Hand-written clients that connect and send at once do it.

    The order of packets in the capture is not used for this; a request body is not meant.
    """
    yield Offence(
        early.span,
        f"{counted(early.span.length, 'byte')} sent when {counted(early.acknowledged, 'byte')} "
        "of the server's stream were acknowledged",
        f"nothing before the 101 (byte {early.needed}) has arrived",
        detail={"acknowledged": early.acknowledged, "needed": early.needed},
    )


@rule(
    code="HS119",
    title="A second 101 on an upgraded connection",
    section="RFC 6455 4.2.2",
    severity=Severity.ERROR,
    fix="Let one piece of code own the upgrade: one 'upgrade' listener that routes by path, and no "
    "second WebSocket server on the same HTTP server.",
    fatal=True,
)
def second_101(second: SecondAnswer) -> Iterator[Offence]:
    """The connection was upgraded, and then the server sent a whole second 101. The client reads
    it as a frame: `H` is a Close with RSV1 set and without FIN, so it fails with "RSV1 must be
    clear" or "FIN must be set", directly after opening.

    Two handlers answered the same upgrade: two WebSocket servers on one HTTP server, or a
    library and the application. The Accept value is right in both, so the handshake itself
    looks good.
    """
    yield Offence(
        second.span,
        printable(second.head.start_line.encode("latin-1", "replace"), 60),
        "a frame header",
    )
