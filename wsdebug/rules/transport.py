"""TC101 and TC102: what the capture and TCP did to the stream."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.model.facts import Gap, Overlap
from wsdebug.model.report import Severity
from wsdebug.rules.registry import Offence, rule
from wsdebug.rules.streams import counted


@rule(
    code="TC101",
    title="Two segments carry different bytes for the same place",
    section="RFC 9293 3.10.7.4",
    severity=Severity.WARNING,
    fix="Look at both packets in Wireshark. Capture at the receiver itself to see which of the "
    "two it read; if they differ there, something on the way rewrites or injects data.",
)
def tcp_overlap_differs(overlap: Overlap) -> Iterator[Offence]:
    """A retransmission must repeat the bytes it repeats. Here a later segment holds other bytes
    for a place of the stream that an earlier one had filled. wsdebug reads on with the earlier.

    Which of the two the receiver took cannot be known from the capture, so findings behind this
    place may be wrong. Middleboxes that change data on the way do it (one copy was captured
    before the change and one after), captures made of two points joined together, faulty
    network cards, and attackers.
    """
    yield Offence(
        overlap.span,
        f"{overlap.other[:16].hex(' ')} where {overlap.kept[:16].hex(' ')} stood",
        "the same bytes when they are sent again",
    )


_REASONS = {
    "acknowledged": "the receiver acknowledged them",
    "snap-length": "the capture kept only the beginning of a packet",
    "one-direction": "they were never sent again, and the capture holds no ACKs of the receiver",
    "not-known": "the capture holds nothing that tells whether they arrived",
    "buffer-limit": "too much was waiting for them",
}


@rule(
    code="TC102",
    title="The capture lacks bytes that the receiver got",
    section="RFC 9293 3.4",
    severity=Severity.NOTE,
    fix="Capture again with a larger buffer (tcpdump -B), a full snap length (tcpdump -s 0) and "
    "a filter that keeps only this port.",
)
def capture_gap(gap: Gap) -> Iterator[Offence]:
    """Bytes of the stream are not in the capture although they were sent and received: the
    capturing machine lost packets or cut them. Nothing is wrong with the connection.

    Inside a payload whose header was seen a gap costs nothing but the text. Otherwise wsdebug
    looks for the next frame border behind it, says nothing of what it cannot see, and cannot read
    compressed messages that refer to the missing ones.
    """
    missing = counted(gap.span.length, "byte") if gap.known_length else "an unknown number of bytes"
    why = _REASONS.get(gap.reason, "they were not captured")
    yield Offence(
        gap.span,
        f"{missing} missing: {why}",
        "every byte of the stream in the capture",
        detail={"reason": gap.reason},
    )
