"""Small captures of TCP connections made byte by byte: who says what, in segments."""

from __future__ import annotations

import struct
from pathlib import Path

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
HOSTS = (b"\x0a\0\0\1", b"\x0a\0\0\2")
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate"


def request(*fields: bytes) -> bytes:
    lines = [
        b"GET /live HTTP/1.1",
        b"Host: example.com",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: " + KEY,
        *fields,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def accept(*fields: bytes) -> bytes:
    lines = [
        b"HTTP/1.1 101 Switching Protocols",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Accept: " + ACCEPT,
        *fields,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"


class Talk:
    """One connection; `say` sends bytes and has them acknowledged."""

    def __init__(
        self, capture: Capture, port: int, server: int = 80, hosts: tuple[bytes, bytes] = HOSTS
    ) -> None:
        self._capture = capture
        self._hosts = hosts
        self._ports = {"c": (port, server), "s": (server, port)}
        self._next = {"c": 1_000, "s": 5_000}
        self.send("c", 0x02)
        self.send("s", 0x12)
        self.send("c", 0x10)

    def send(self, who: str, flags: int, data: bytes = b"") -> None:
        source, target = self._ports[who]
        there = "s" if who == "c" else "c"
        header = struct.pack("!HHIIBBHHH", source, target, self._next[who], self._next[there],
                             0x50, flags, 65_535, 0, 0)  # fmt: skip
        first, second = self._hosts if who == "c" else self._hosts[::-1]
        total = 40 + len(data)
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, total, 0, 0, 64, 6, 0, first, second)
        self._capture.packets.append(b"\2" * 12 + b"\x08\0" + ip + header + data)
        self._next[who] += len(data) + bool(flags & 3)

    def say(self, who: str, data: bytes, size: int = 1_400) -> None:
        for at in range(0, len(data), size):
            self.send(who, 0x18, data[at : at + size])
        self.send("s" if who == "c" else "c", 0x10)


class Capture:
    """Packets a millisecond apart, written as pcap."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self._only: Talk | None = None

    def connection(self, port: int) -> Talk:
        return Talk(self, port)

    def say(self, who: str, data: bytes, size: int = 1_400) -> None:
        self._only = self._only or self.connection(4_000)
        self._only.say(who, data, size)

    def close(self, who: str) -> None:
        assert self._only is not None
        self._only.send(who, 0x11)
        self._only.send("s" if who == "c" else "c", 0x10)

    def write(self, folder: Path) -> Path:
        path = folder / "made.pcap"
        records = [
            struct.pack(
                "<IIII", 1_700_000_000 + at // 1_000, at % 1_000 * 1_000, len(one), len(one)
            )
            + one
            for at, one in enumerate(self.packets)
        ]
        path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)
                         + b"".join(records))  # fmt: skip
        return path
