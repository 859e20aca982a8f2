"""When there was no WebSocket: what was seen instead, and what is the likely reason."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.display.quantities import counted
from wsdebug.model.report import Analysis
from wsdebug.report.page import Page


def write(page: Page, analysis: Analysis, encrypted: int) -> None:
    """The lines that stand in place of the totals."""
    captures = analysis.captures
    packets = sum(capture.packets for capture in captures)
    tcp = sum(capture.tcp_connections for capture in captures)
    tls = max(encrypted, sum(capture.tls_connections for capture in captures))
    seen = f"{counted(packets, 'packet')} with {counted(tcp, 'TCP connection')}"
    seen += f", {tls} of them TLS" if tls else ""
    page.paragraph(f"No WebSocket traffic was found in {seen}.", 0)
    links = sorted({link for capture in captures for link in capture.link_types})
    for reason in _reasons(packets, tcp, tls, links):
        page.paragraph(reason, 4, "  -")


def _reasons(packets: int, tcp: int, tls: int, links: list[str]) -> Iterator[str]:
    """Likely ones first; none that the figures exclude."""
    if not packets:
        yield "The capture holds no packet: the capture filter let nothing through, or nothing was"
        " sent while it ran."
        return
    if not tcp:
        on = f" (link type {', '.join(links)})" if links else ""
        yield (
            f"There is no TCP in it{on}: the wrong interface, or a capture filter that is too"
            " narrow."
        )
        return
    if tls:
        yield (
            f"{counted(tls, 'connection is', 'connections are')} TLS, and what is inside cannot be"
            " read without the keys. Capture on the plain side, between the TLS proxy and the"
            " server."
        )
    yield (
        "The capture filter was too narrow, or the WebSocket runs over another interface or"
        " host: the upgrade request (GET with Upgrade: websocket) has to be in the capture."
    )
    yield (
        "The capture began after the handshake, and too few frames followed to recognise the"
        " protocol without it. Start the capture first, then connect."
    )
