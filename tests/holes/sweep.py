"""Takes packets out of a capture and compares what is found with what is found in the whole one."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from wsdebug.analysis import Session
from wsdebug.capture import open_captures
from wsdebug.model.facts import Frame
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import Side
from wsdebug.model.report import Connection, Severity
from wsdebug.transport import Flow, Transport

Seen = tuple[int, Side, int, int, int | None, int | None]
"""Stream, side, header, length, key and first packet of a frame."""


class Read(NamedTuple):
    """What wsdebug found: frames with their last packet, serious findings, connections."""

    frames: dict[Seen, int]
    findings: Counter[tuple[str, str]]
    connections: list[Connection]


class Whole:
    """A capture, packet by packet, and what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.packets = [
            packet
            for batch in open_captures([str(path)], DEFAULT_LIMITS).batches()
            for packet in batch
        ]
        self.segments = _segments(self.packets)
        self.read = read(path)

    def without(self, gone: Iterable[int], to: Path) -> Read:
        """What is found when packets (numbers as in Wireshark) are taken out."""
        missing = set(gone)
        kept = [packet for packet in self.packets if packet[0] not in missing]
        write(kept, to)
        return read(to, [packet[0] for packet in kept])

    def outside(self, gone: Iterable[int]) -> set[Seen]:
        """The frames of which no byte lies in these packets."""
        holes: dict[tuple[int, int], list[int]] = {}
        for number in gone:
            if number in self.segments:
                holes.setdefault(self.segments[number][:2], []).append(number)
        return {
            seen
            for seen, last in self.read.frames.items()
            if not _is_hit(seen, last, holes.get((seen[0], seen[1] is Side.CLIENT), ()))
        }


def _is_hit(seen: Seen, last: int, holes: Iterable[int]) -> bool:
    first = seen[5]
    return first is not None and any(first <= number <= last for number in holes)


def _segments(packets: list[tuple]) -> dict[int, tuple[int, int, int]]:
    """Packets with data: tcp.stream, whether the client sent it, bytes."""
    found: dict[int, tuple[int, int, int]] = {}

    class _Noting:
        def gap(self, *_: object) -> None: ...
        def overlap(self, *_: object) -> None: ...
        def end(self, *_: object) -> None: ...
        def close(self, flow: Flow) -> None: ...

    def opener(flow: Flow, half, data: bytes) -> None:
        if flow.client is None:
            flow.set_client(half)
        flow.consumer = _Noting()
        for one in flow.halves:
            one.feed = _note(flow, one)

    def _note(flow: Flow, half):
        def feed(data: bytes, mark) -> None:
            found[mark[0]] = (flow.index, half.side is Side.CLIENT, len(data))

        return feed

    transport = Transport(opener, DEFAULT_LIMITS)
    transport.consume(packets)
    transport.finish()
    return found


def write(packets: list[tuple], to: Path) -> None:
    """A nanosecond pcap of these packets."""
    link = packets[0][2] if packets else 1
    with to.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link))
        for _, time, _, data, length, _ in packets:
            seconds, rest = divmod(time or 0, 10**9)
            file.write(struct.pack("<IIII", seconds, rest, len(data), length) + data)


def read(path: Path, numbers: list[int] | None = None) -> Read:
    """Frames, serious findings and connections; packets by the numbers they had before."""

    def original(packet: int | None) -> int | None:
        return packet if packet is None or numbers is None else numbers[packet - 1]

    frames: dict[Seen, int] = {}
    connections: list[Connection] = []

    def keep(stream: int, fact: object) -> None:
        if isinstance(fact, Frame):
            seen = (stream, fact.side, fact.header, fact.length, fact.key, original(fact.packet))
            while seen in frames:  # alike, in one packet
                seen = (*seen[:3], -seen[3] - 1000 if seen[3] > 0 else seen[3] - 1000, *seen[4:])
            frames[seen] = original(fact.last_packet) or 0

    session = Session([str(path)], on_fact=keep)
    for _ in session.run(connections.append):
        pass
    findings = Counter(
        (finding.name, finding.severity.value)
        for connection in connections
        for finding in connection.findings
        if finding.severity is not Severity.NOTE
    )
    return Read(frames, findings, connections)
