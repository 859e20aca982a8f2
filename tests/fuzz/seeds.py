"""The corpus that every target begins with: what real software said, from `captures/`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.fuzz.packets import Layers, Pcap

CAPTURES = Path(__file__).parents[2] / "captures"


def small_captures(size: int) -> Iterator[bytes]:
    """Every stored capture up to `size` bytes, as it is; of a larger one its first packets. TLS,
    HTTP/2 and protocols that are no WebSocket are among them.
    """
    for path in sorted(CAPTURES.rglob("*.pcap*")):
        raw = path.read_bytes()
        if len(raw) <= size:
            yield raw
            continue
        file = Pcap.parsed(raw)
        if file is None:
            continue
        while len(file.bytes()) > size:
            file.packets.pop()
        yield file.bytes()


@cache
def conversations() -> list[list[tuple[int, bytes]]]:
    """Of each connection of the stored captures, who said what: (0 client or 1 server, bytes).
    Repeated segments are left in: they are wrong as a stream, and so a fine seed.
    """
    told = []
    for path in sorted([*CAPTURES.glob("*.pcap"), *(CAPTURES / "public").glob("*.pcap")]):
        file = Pcap.parsed(path.read_bytes())
        if file is not None and file.link == 1 and path.stat().st_size < 100_000:
            told += list(_conversations(file).values())
    return told


def _conversations(file: Pcap) -> dict[bytes, list[tuple[int, bytes]]]:
    talks: dict[bytes, list[tuple[int, bytes]]] = {}
    firsts: dict[bytes, bytes] = {}
    for _, _, frame, _ in file.packets:
        at = Layers(frame)
        data = frame[at.data : at.end]
        if not at.is_tcp or not data:
            continue
        source, target = frame[at.tcp : at.tcp + 2], frame[at.tcp + 2 : at.tcp + 4]
        key = min(source, target) + max(source, target)
        first = firsts.setdefault(key, source)
        talks.setdefault(key, []).append((int(source != first), data))
    return talks
