"""Pieces of a recording: a small sample, and the same connections without their beginning."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

_FILE_HEADER = 24
_RECORD = struct.Struct("<IIII")
Connection: TypeAlias = frozenset[bytes]


def records(capture: bytes) -> Iterator[tuple[Connection, bytes]]:
    """Connection and record (header and packet) of each packet: Ethernet, IPv4 without options."""
    assert capture[:4] == b"\xd4\xc3\xb2\xa1", "a pcap of this machine's byte order"
    at = _FILE_HEADER
    while at < len(capture):
        end = at + _RECORD.size + _RECORD.unpack_from(capture, at)[2]
        packet = capture[at + _RECORD.size : end]
        source, target = packet[26:30] + packet[34:36], packet[30:34] + packet[36:38]
        yield frozenset((source, target)), capture[at:end]
        at = end


def without_beginnings(capture: bytes, count: int) -> bytes:
    """The capture without the first `count` packets of each connection, the SYN among them."""
    seen: Counter[Connection] = Counter()
    kept = [capture[:_FILE_HEADER]]
    for connection, record in records(capture):
        seen[connection] += 1
        if seen[connection] > count:
            kept.append(record)
    return b"".join(kept)


def sample(capture: bytes, size: int, most: int) -> bytes:
    """At most `size` bytes: the first `most` packets of the first connections."""
    seen: Counter[Connection] = Counter()
    kept, left = [capture[:_FILE_HEADER]], size - _FILE_HEADER
    for connection, record in records(capture):
        seen[connection] += 1
        if seen[connection] <= most and len(record) <= left:
            kept.append(record)
            left -= len(record)
        elif seen[connection] <= most:
            break
    return b"".join(kept)


def write_samples(recorded: Path, target: Path, size: int = 44_000, most: int = 60) -> None:
    """A sample of each pcap of `recorded` in `target`."""
    target.mkdir(exist_ok=True)
    for path in sorted(recorded.glob("*.pcap")):
        (target / path.name).write_bytes(sample(path.read_bytes(), size, most))
