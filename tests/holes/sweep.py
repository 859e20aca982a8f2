"""Takes something out of a capture and compares what is found with what the whole one holds."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from wsdebug.analysis import Session
from wsdebug.capture import open_captures
from wsdebug.model.facts import Frame
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import Mark, Packet, Side
from wsdebug.model.report import Connection, Severity
from wsdebug.transport import Flow, Half, Transport


class Seen(NamedTuple):
    """A frame: who sent it, its first two bytes, its length, its key; the packets (numbers of the
    whole capture) that brought its first and last byte.
    """

    side: Side
    header: int
    length: int
    key: int | None
    first: int
    last: int
    stream: int

    @property
    def look(self) -> tuple[Side, int, int, int | None]:
        """What makes it the same frame, whichever packet (a retransmission, say) brought it."""
        return self[:4]


class Read(NamedTuple):
    """What wsdebug found."""

    frames: list[Seen]
    serious: Counter[tuple[str, str]]
    connections: list[Connection]


class Whole:
    """A capture, packet by packet, and what is in it."""

    def __init__(self, path: Path) -> None:
        batches = open_captures([str(path)], DEFAULT_LIMITS).batches()
        self.packets: list[Packet] = [packet for batch in batches for packet in batch]
        self.carriers = carriers(self.packets)
        """Packets that carry stream bytes: tcp.stream and who sent them."""
        self.read = read(path)

    def kept(self, packets: Iterable[Packet], to: Path) -> Read:
        """What is found in these packets alone."""
        packets = list(packets)
        write(packets, to)
        return read(to, [packet[0] for packet in packets])

    def outside(self, gone: Iterable[int]) -> list[Seen]:
        """The frames of which no byte lies in the packets that are gone."""
        holes = [(number, *self.carriers[number]) for number in gone if number in self.carriers]
        return [
            seen
            for seen in self.read.frames
            if not any(
                stream == seen.stream and side is seen.side and seen.first <= number <= seen.last
                for number, stream, side in holes
            )
        ]


class Tally:
    """Sums what the lesser captures cost; the first wrong word of each is kept."""

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self.asked = self.missed = 0
        self.phantoms: list[object] = []
        self.accusations: list[object] = []

    def add(self, what: object, found: Read, outside: Iterable[Seen]) -> None:
        """One lesser capture; `outside`: frames that are wholly in it."""
        there = Counter(seen.look for seen in self._whole.read.frames)
        got = Counter(seen.look for seen in found.frames)
        wanted = Counter(seen.look for seen in outside)
        self.asked += wanted.total()
        self.missed += (wanted - got).total()
        if got - there:
            self.phantoms.append((what, list((got - there).elements())[:2]))
        if found.serious - self._whole.read.serious:
            self.accusations.append((what, dict(found.serious - self._whole.read.serious)))

    @property
    def share(self) -> float:
        """Of the frames wholly there, how many were found."""
        return 1 - self.missed / self.asked if self.asked else 1.0


class _Deaf:
    def gap(self, *_: object) -> None: ...
    def overlap(self, *_: object) -> None: ...
    def end(self, *_: object) -> None: ...
    def close(self, flow: Flow) -> None: ...


def carriers(packets: list[Packet]) -> dict[int, tuple[int, Side]]:
    """Which packets brought new stream bytes, and whose."""
    found: dict[int, tuple[int, Side]] = {}

    def note(flow: Flow, half: Half) -> Callable[[bytes, Mark], None]:
        def feed(_: bytes, mark: Mark) -> None:
            found[mark[0] or 0] = flow.index, half.known_side

        return feed

    def opener(flow: Flow, half: Half, _: bytes) -> None:
        if flow.client is None:
            flow.set_client(half)
        flow.consumer = _Deaf()
        for one in flow.halves:
            one.feed = note(flow, one)

    transport = Transport(opener, DEFAULT_LIMITS)
    transport.consume(packets)
    transport.finish()
    return found


def write(packets: list[Packet], to: Path) -> None:
    """A nanosecond pcap of these packets."""
    link = packets[0][2] if packets else 1
    with to.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link))
        for _, time, _, data, length, _ in packets:
            seconds, rest = divmod(time or 0, 10**9)
            file.write(struct.pack("<IIII", seconds, rest, len(data), length) + data)


def read(path: Path, numbers: list[int] | None = None) -> Read:
    """Frames, errors and warnings, connections. `numbers`: what the packets were called before."""
    frames: list[Seen] = []
    connections: list[Connection] = []

    def original(packet: int | None) -> int:
        return (packet or 0) if numbers is None or packet is None else numbers[packet - 1]

    def keep(stream: int, fact: object) -> None:
        if isinstance(fact, Frame):
            places = original(fact.packet), original(fact.last_packet)
            frames.append(Seen(fact.side, fact.header, fact.length, fact.key, *places, stream))

    session = Session([str(path)], on_fact=keep)
    for _ in session.run(connections.append):
        pass
    serious = Counter(
        (finding.name, finding.severity.value)
        for connection in connections
        for finding in connection.findings
        if finding.severity is not Severity.NOTE
    )
    return Read(frames, serious, connections)
