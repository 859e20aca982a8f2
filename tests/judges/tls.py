"""All captures over TLS as one, so that a judge is started once, and what is inside them."""

from __future__ import annotations

import re
import struct
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.stored import TLS, tls_capture
from wsdebug.analysis.tls_keys import TlsKeys
from wsdebug.capture import open_captures
from wsdebug.http.recognise import proxy_header_length
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import Mark, Side
from wsdebug.transport import Flow, Half, Transport
from wsdebug.transport.tls import TlsSession

HEADER = 24
Streams = dict[tuple[int, str], bytes]
"""(tcp.stream, "client" or "server") -> plaintext."""


class Joined(NamedTuple):
    """One capture and one key log; where in it each of them begins."""

    path: Path
    keys: Path
    streams: dict[str, int]
    packets: dict[str, int]


def joined(folder: Path) -> Joined:
    """Behind each other, as they were captured on the same link."""
    path, keys = folder / "all.pcap", folder / "all.keys"
    streams: dict[str, int] = {}
    packets: dict[str, int] = {}
    stream = packet = 0
    with path.open("wb") as capture, keys.open("wb") as log:
        for name in TLS:
            one, its_keys = tls_capture(name)
            data = one.read_bytes()
            capture.write(data[HEADER:] if capture.tell() else data)
            log.write(its_keys.read_bytes() if its_keys is not None else b"")
            streams[name], packets[name] = stream, packet
            packet += sum(1 for _ in _records(data))
            stream += sum(1 for record in _records(data) if _opens(record))
    return Joined(path, keys, streams, packets)


def _records(data: bytes) -> Iterator[bytes]:
    at = HEADER
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16 : at + 16 + size]
        at += 16 + size


def _opens(packet: bytes) -> bool:
    """A SYN without ACK, over IPv4 or IPv6."""
    tcp = 14 + (40 if packet[14] >> 4 == 6 else 4 * (packet[14] & 15))
    return packet[tcp + 13] & 0x12 == 2


class Collector:
    """The consumer of one TCP connection: what TLS carries, as bytes."""

    def __init__(self, flow: Flow, keys: TlsKeys | None, streams: Streams, skip: int) -> None:
        """`skip`: bytes of a PROXY header in front of the ClientHello."""
        self._skip = skip
        self._flow, self._streams = flow, streams
        self.session = TlsSession(keys, self)
        self.gaps: list[Side] = []
        for half in flow.halves:
            half.feed = partial(self._feed, half.known_side)

    def _feed(self, side: Side, data: bytes, mark: Mark) -> None:
        if side is Side.CLIENT and self._skip:
            data, self._skip = data[self._skip :], max(0, self._skip - len(data))
        self.session.feed(side, data, mark)

    def data(self, side: Side, data: bytes, _: Mark) -> None:
        self._streams[self._flow.index, side.value] += data

    def lack(self, side: Side, _: Mark) -> None:
        self.gaps.append(side)

    def gap(self, side: Side, length: int | None, mark: Mark, _: str) -> None:
        self.session.gap(side, length, mark)

    def overlap(self, *_: object) -> None:
        """Does not happen here."""

    def end(self, side: Side, _: str, mark: Mark) -> None:
        self.session.end(side, mark)

    def close(self, flow: Flow) -> None:
        """All was told."""


def plaintext(path: Path, keylog: Path | None) -> tuple[Streams, list[Collector]]:
    """What wsdebug's TLS room makes of a capture."""
    captures = open_captures([str(path)])
    keys = None
    if keylog is not None or path.suffix == ".pcapng":
        log = str(keylog) if keylog is not None else None
        keys = TlsKeys(log, captures.secrets, DEFAULT_LIMITS)
    streams: Streams = defaultdict(bytes)
    found: list[Collector] = []

    def opener(flow: Flow, _: Half, data: bytes) -> None:
        skip = proxy_header_length(data) or 0
        if data[skip : skip + 1] not in (b"\x16", b""):
            flow.ignore()
            return
        collector = Collector(flow, keys, streams, skip)
        found.append(collector)
        flow.consumer = collector

    transport = Transport(opener)
    for batch in captures.batches():
        transport.consume(batch)
    transport.finish()
    return dict(streams), found


def followed(path: Path, keylog: Path, streams: int) -> Streams:
    """The same by tshark's `follow`."""
    command = ["tshark", "-n", "-q", "-o", f"tls.keylog_file:{keylog}", "-r", str(path)]
    for stream in range(streams):
        command += ["-z", f"follow,tls,raw,{stream}"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    found: Streams = {}
    for section in ran.stdout.split("Filter: tcp.stream eq ")[1:]:
        number, *lines = section.splitlines()
        for tab in ("", "\t"):
            pattern = re.compile(rf"{tab}[0-9a-f]+")
            texts = [line for line in lines if pattern.fullmatch(line)]
            data = bytes.fromhex("".join(texts).replace("\t", ""))
            if data:
                # Which of the two nodes is the client it does not say.
                side = Side.CLIENT if data.startswith(b"GET ") else Side.SERVER
                found[int(number), side.value] = data
    return found
