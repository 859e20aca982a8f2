"""The packets of chosen connections as pcapng, with our findings as packet comments.

Whole TCP connections with all their packets, unchanged; only the numbers begin anew. The file says
when the capture ended, so that a connection that was still open then is judged as before. Attempts
to connect go along, so that what befell several at once is (`analysis.store.attempts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

import wsdebug
from wsdebug.analysis.store import Store
from wsdebug.analysis.store.attempts import attempts_beside
from wsdebug.analysis.store.origin import Extent
from wsdebug.capture.blocks import OF_THE_CAPTURE, TAKEN_FROM
from wsdebug.capture.writing import PcapngWriter
from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted
from wsdebug.model.place import Packet, Side
from wsdebug.model.report import Analysis, Connection, Finding
from wsdebug.transport.refill import with_keys

_MOST_COMMENTS = 20
"""Of one packet; tools show them in one line."""


class Written(NamedTuple):
    """How many packets, and how many attempts to connect went along with the connections."""

    packets: int
    attempts: int


def export_packets(
    store: Store,
    analysis: Analysis,
    connections: Sequence[int],
    stream: BinaryIO,
    end: int | None,
    keys: bytes = b"",
) -> Written:
    """Write the packets of `connections` (ids) and of the attempts to connect beside them.
    `end`: of the capture in nanoseconds; `keys`: a key log that goes into the file. Raises
    `GoneError` where the capture cannot be read again.
    """
    reports = [store.connections[each - 1].report for each in connections]
    comments = comments_of(one for one in reports if one is not None)
    attempts = attempts_beside(store, connections)
    about = _about(analysis, connections, len(attempts))
    writer = PcapngWriter(stream, wsdebug.__version__, about)
    if keys:
        writer.secrets(keys)
    extents = [store.extent(each) for each in connections]
    for packet in packets_of([*extents, *attempts], store):
        writer.packet(packet, comments.get(packet[0], ()))
    writer.finish(end)
    return Written(writer.packets, len(attempts))


def packets_of(extents: Sequence[Extent], store: Store) -> Iterator[Packet]:
    """The packets of some connections in their order."""
    if not extents:
        return
    owners: dict[bytes, list[Extent]] = {}
    for extent in extents:
        for key in extent.keys:
            owners.setdefault(key, []).append(extent)
    first = min(extent.first for extent in extents)
    for packet, owner in with_keys(store.batches(first)):
        mine = owners.get(owner or b"", ())
        if any(_holds(extent, packet[0]) for extent in mine):
            yield packet


def _holds(extent: Extent, number: int) -> bool:
    return extent.first <= number and (extent.behind is None or number < extent.behind)


# ---- comments -------------------------------------------------------------------------------
def comments_of(connections: Iterable[Connection]) -> dict[int, list[str]]:
    """What to say about packets, by their number."""
    comments: dict[int, list[str]] = {}

    def say(packet: int | None, text: str) -> None:
        told = comments.setdefault(packet, []) if packet is not None else []
        if len(told) < _MOST_COMMENTS and text not in told:
            told.append(text)

    for connection in connections:
        for finding in connection.findings:
            say(finding.packet, _finding(finding))
        say(connection.end.packet, _ending(connection))
    return comments


def _finding(finding: Finding) -> str:
    frame = ""
    if finding.frame is not None and finding.side is not None:
        frame = f" frame {'S' if finding.side is Side.SERVER else 'C'}{finding.frame}:"
    text = f"wsdebug {finding.code} {finding.name} ({finding.severity.value}):{frame} {finding.saw}"
    return printable(f"{text}. Wanted: {finding.wanted} ({finding.section})")


def _ending(connection: Connection) -> str:
    causes = [
        f" {cause.code} {cause.title} ({cause.certainty})." for cause in connection.causes[:1]
    ]
    return printable(f"wsdebug: {connection.end.why}{''.join(causes)}")


def other_attempts(number: int) -> str:
    """What goes along with the connections, in words."""
    return counted(number, "other attempt to connect", "other attempts to connect")


def _about(analysis: Analysis, connections: Sequence[int], attempts: int) -> list[str]:
    """Of the whole file: what it was taken from, and what was wrong with that."""
    some = ", ".join(map(str, connections[:20])) + (", …" if len(connections) > 20 else "")
    beside = f" and of {other_attempts(attempts)}" if attempts else ""
    lines = [f"wsdebug exported the packets of connections {some}{beside}."]
    for capture in analysis.captures:
        told = [note.message.removeprefix(TAKEN_FROM) for note in capture.warnings]
        lines += [f"{OF_THE_CAPTURE}{text}" for text in told[:_MOST_COMMENTS]]
    return [printable(line) for line in lines]
