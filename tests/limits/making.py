"""Captures that ask for more memory than they are worth, written to a path."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

import hpack

from bench.wire import ACK, PCAP_HEADER, PSH, RECORD, SYN, Tcp, Trace
from tests.analysis.streams import DEFLATE, Capture, accept, request

SECTION = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)


def block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


INTERFACE = block(1, struct.pack("<HHI", 1, 0, 0))


def talk(path: Path, *said: tuple[str, bytes], deflate: bool = False) -> None:
    """An upgrade, then what each side (c, s) says."""
    capture = Capture()
    fields = (DEFLATE,) if deflate else ()
    capture.say("c", request(*fields))
    capture.say("s", accept(*fields))
    for who, data in said:
        capture.say(who, data)
    capture.write(path.parent).rename(path)


def http2_streams(path: Path, count: int) -> None:
    """One HTTP/2 connection on which `count` WebSockets are asked for."""
    capture = Capture()
    table = hpack.Encoder()
    asked = [(":method", "CONNECT"), (":protocol", "websocket"), (":path", "/")]
    capture.say("c", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
    for number in range(1, 2 * count, 2):
        block = table.encode(asked)
        header = len(block).to_bytes(3, "big") + b"\x01\x04" + number.to_bytes(4, "big")
        capture.say("c", header + block)
    capture.write(path.parent).rename(path)


def deflate_bomb(path: Path, size: int = 20_000_000) -> None:
    """One compressed message of `size` zeros: 20 MB in 20 kB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(bytes(size)) + packer.flush(zlib.Z_SYNC_FLUSH)
    body = body[:-4]
    length = len(body)
    header = b"\xc2\x7f" + length.to_bytes(8, "big")
    if length < 1 << 16:
        header = b"\xc2\x7e" + length.to_bytes(2, "big")
    talk(path, ("s", header + body), deflate=True)


def gzip_bomb(path: Path, size: int) -> None:
    """A pcap of `size` bytes, all of them records of zeros, packed a thousand to one."""
    record = RECORD.pack(1, 0, 60_000, 60_000) + bytes(60_000)
    with gzip.open(path, "wb", 9) as out:
        out.write(PCAP_HEADER)
        for _ in range(size // len(record) + 1):
            out.write(record)


def first_fragments(path: Path, count: int) -> None:
    """The first kilobyte of `count` IP packets, and nothing more of them."""
    with path.open("wb") as out:
        out.write(PCAP_HEADER)
        for number in range(count):
            head = struct.pack("!BBHHHBBHII", 0x45, 0, 1_044, number, 0x2000, 64, 6, 0, 9, 8)
            frame = bytes(12) + b"\x08\x00" + head + bytes(1_024)
            out.write(RECORD.pack(1, 0, len(frame), len(frame)) + frame)


def nested_tunnels(path: Path, depth: int) -> None:
    """A packet with `depth` IPv4 headers, the last of which carries UDP."""
    frame = b"".join(
        struct.pack("!BBHHHBBHII", 0x45, 0, 28 + 20 * left, 1, 0, 64, 4 if left else 17, 0, 9, 8)
        for left in range(depth - 1, -1, -1)
    )
    frame = bytes(12) + b"\x08\x00" + frame + bytes(8)
    path.write_bytes(PCAP_HEADER + RECORD.pack(1, 0, len(frame), len(frame)) + frame)


def long_frame(path: Path, length: int) -> None:
    """A frame whose length field is `length`, and some of its bytes."""
    talk(path, ("s", b"\x82\x7f" + length.to_bytes(8, "big") + b"some bytes" * 100))


def syns(path: Path, count: int) -> None:
    """A port scan: each packet begins a connection."""
    with path.open("wb") as out:
        trace = Trace(out, 1)
        for number in range(count):
            tcp = Tcp(trace, number)
            tcp._packet(tcp.client, tcp.server, SYN)


def holes(path: Path, count: int, each: int) -> None:
    """`count` connections that leave a hole and send `each` segments behind it."""
    with path.open("wb") as out:
        trace = Trace(out, 1)
        talks = [Tcp(trace, number) for number in range(count)]
        for tcp in talks:
            tcp.open()
            tcp.send(tcp.client, request())
            tcp.client.sent += 100
        for _ in range(each):
            for tcp in talks:
                tcp._packet(tcp.client, tcp.server, PSH | ACK, bytes(1_000))


def waiting(path: Path, count: int, each: int) -> None:
    """`count` upgrade requests that nobody answers, `each` segments behind each."""
    with path.open("wb") as out:
        trace = Trace(out, 1)
        talks = [Tcp(trace, number) for number in range(count)]
        for tcp in talks:
            tcp.open()
            tcp.send(tcp.client, request())
        for _ in range(each):
            for tcp in talks:
                tcp._packet(tcp.client, tcp.server, PSH | ACK, bytes(1_000))


def heads(path: Path, lines: Iterable[bytes]) -> None:
    """An upgrade request with `lines` in it."""
    capture = Capture()
    capture.say("c", request(*lines), size=60_000)
    capture.write(path.parent).rename(path)


def pcapng(path: Path, *blocks: bytes) -> None:
    path.write_bytes(SECTION + b"".join(blocks))
