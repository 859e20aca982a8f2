"""When there was no WebSocket: what was seen instead, and what is the likely reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from wsdebug.display.quantities import counted, grouped
from wsdebug.model.report import Analysis
from wsdebug.report.page import Page

REFUSED = "connection-refused"
"""The fleet cause that is reason enough."""
_KINDS = 8
"""Kinds of packets named that are no TCP; the rest is counted."""
_HIDING = (
    "fragment", "cut inside", "link type", "GRE", "ESP", "MPLS", "PPPoE session", "NSH", "MACsec",
    "encrypted 802.11", "cannot read", "too many",
)  # fmt: skip
"""Words in the names of skipped packets that may well carry TCP."""


class Seen(msgspec.Struct, frozen=True):
    """The figures of a capture without WebSocket; `skipped`: packets by what they are."""

    packets: int
    tcp: int
    http: int
    tls: int
    links: list[str]
    skipped: Mapping[str, int]
    cut: bool = False
    """Packets were cut by the snap length."""
    filtered_out: int = 0
    """Packets that the capture filter of `wsdebug read` left out."""
    refused: int = 0
    """TCP connections that a server refused."""
    ends_early: bool = False
    """A file ends inside a record."""
    decrypted: int = 0
    """TLS connections whose inside was read."""

    @property
    def hiding(self) -> dict[str, int]:
        """The skipped packets in which there may be TCP."""
        return {
            name: number
            for name, number in self.skipped.items()
            if any(word in name for word in _HIDING)
        }


def write(page: Page, analysis: Analysis, encrypted: int) -> None:
    """The lines that stand in place of the totals."""
    seen = figures(analysis, encrypted)
    page.paragraph(sentence(seen), 0)
    for reason in reasons(seen):
        page.paragraph(reason, 4, "  -")


def sentence(seen: Seen) -> str:
    """What the capture holds in place of a WebSocket."""
    tcp = counted(seen.tcp, "TCP connection")
    inside = f" ({grouped(seen.http)} HTTP, {grouped(seen.tls)} TLS)" if seen.tcp else ""
    found = (
        f"No WebSocket traffic was found in {counted(seen.packets, 'packet')} with {tcp}{inside}."
    )
    return f"{found} Packets that are no TCP: {listed(seen.skipped)}." if seen.skipped else found


def figures(analysis: Analysis, encrypted: int = 0) -> Seen:
    """What all files of the capture hold together."""
    captures = analysis.captures
    skipped: Counter[str] = Counter()
    for capture in captures:
        skipped.update(capture.skipped)
    return Seen(
        packets=sum(capture.packets for capture in captures),
        tcp=sum(capture.tcp_connections for capture in captures),
        http=sum(capture.http_connections for capture in captures),
        tls=max(encrypted, sum(capture.tls_connections for capture in captures)),
        links=sorted({link for capture in captures for link in capture.link_types}),
        skipped=skipped,
        filtered_out=sum(capture.filtered_out for capture in captures),
        cut=any(note.kind == "snap-length" for each in captures for note in each.warnings),
        ends_early=any(
            note.kind == "truncated-file" for each in captures for note in each.warnings
        ),
        decrypted=sum(capture.tls_decrypted for capture in captures),
        refused=sum(cause.attempts or 0 for cause in analysis.fleet if cause.name == REFUSED),
    )


def listed(skipped: Mapping[str, int]) -> str:
    """`UDP (18), ARP (4)`: the most frequent first."""
    kinds = sorted(skipped.items(), key=lambda each: -each[1])
    shown = [f"{name} ({grouped(number)})" for name, number in kinds[:_KINDS]]
    left = sum(number for _, number in kinds[_KINDS:])
    return ", ".join(shown + ([f"others ({grouped(left)})"] if left else []))


def reasons(seen: Seen) -> Iterator[str]:
    """Likely ones first; none that the figures exclude."""
    if not seen.packets and seen.ends_early:
        yield (
            "The file ends before its first packet does: copy it again, or let tcpdump write each"
            " packet at once (-U) and stop it with ctrl-c."
        )
        return
    if not seen.packets:
        yield (
            "The capture holds no packet: the capture filter let nothing through, nothing was sent"
            " while it ran, or tcpdump was stopped too soon: it writes packets up to a second late"
            " (`--immediate-mode`: at once)."
        )
        return
    if seen.filtered_out:
        yield (
            f"The capture filter left out {grouped(seen.filtered_out)} of them: try without it"
            " (-f)."
        )
        if seen.filtered_out == seen.packets:
            return
    if seen.hiding:
        yield (
            f"{listed(seen.hiding)}: wsdebug cannot look into such packets, and TCP may be in them."
            " Capture where the traffic is plain and whole, for example on the server itself."
        )
        if not seen.tcp:
            return
    if not seen.tcp:
        on = f" (link type {', '.join(seen.links)})" if seen.links else ""
        yield f"There is no TCP in it{on}: the wrong interface, or a capture filter too narrow."
        return
    closed = seen.tls - seen.decrypted
    if closed > 0:
        yield (
            f"{counted(closed, 'connection is', 'connections are')} TLS, and what is inside"
            " cannot be read without the keys. Record them as well and read with -k"
            " (`wsdebug explain keylog`), or capture on the plain side, between the TLS proxy and"
            " the server."
        )
    if seen.refused and seen.refused >= seen.tcp - seen.tls - seen.http:
        yield (
            f"{counted(seen.refused, 'attempt', 'attempts')} to connect came to nothing: the server"
            " refused the TCP connection, so that no upgrade request was ever sent."
        )
        return
    yield from _missed(seen)


def _missed(seen: Seen) -> Iterator[str]:
    if seen.cut:
        yield (
            "The snap length cut packets, and the header that asks for a WebSocket may lie behind"
            " the cut. Capture whole packets: tcpdump -s 0."
        )
        return
    if seen.http:
        yield (
            "No HTTP request asks for a WebSocket (Upgrade: websocket). If the client sends that"
            " header, a proxy before this capture took it away; else the WebSocket runs over"
            " another connection, to another host, or in TLS."
        )
    elif seen.tcp > seen.tls - seen.decrypted:
        yield (
            "The capture filter was too narrow, or the WebSocket runs over another interface or"
            " host: the upgrade request (GET with Upgrade: websocket) has to be in the capture."
        )
    if seen.tcp > seen.http + seen.tls:
        yield (
            "The capture began after the handshake, and too few frames followed to recognise them."
            " If you know the server's port, say so: --decode-as PORT=ws."
        )
