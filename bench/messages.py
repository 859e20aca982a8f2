"""WebSocket as healthy endpoints send it: handshake, frames, compressed messages, JSON."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import struct
import zlib

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
SYMBOLS = ("EURUSD", "GBPJPY", "BTCUSDT", "ZÜRICH", "東京", "AAPL", "MSFT")


def upgrade(rng: random.Random, extension: str = "") -> tuple[bytes, bytes]:
    """A request and its 101 (RFC 6455 4)."""
    key = base64.b64encode(rng.randbytes(16))
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    line = f"Sec-WebSocket-Extensions: {extension}\r\n".encode() if extension else b""
    request = (
        b"GET /live HTTP/1.1\r\nHost: example.test:8080\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n"
    )
    response = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n"
    )
    return request + line + b"\r\n", response + line + b"\r\n"


def frame(opcode: int, payload: bytes, key: int | None = None, *, first: int = 0x80) -> bytes:
    """One frame (RFC 6455 5.2); `first` has FIN and RSV; masked where there is a key."""
    length, mask = len(payload), 0x80 if key is not None else 0
    if length < 126:
        head = struct.pack("!BB", first | opcode, mask | length)
    elif length < 65_536:
        head = struct.pack("!BBH", first | opcode, mask | 126, length)
    else:
        head = struct.pack("!BBQ", first | opcode, mask | 127, length)
    if key is None:
        return head + payload
    return head + key.to_bytes(4, "big") + masked(payload, key)


def masked(payload: bytes, key: int) -> bytes:
    """RFC 6455 5.3, all bytes at once."""
    length = len(payload)
    keys = (key.to_bytes(4, "big") * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")).to_bytes(length, "big")


class Deflater:
    """permessage-deflate of one side with context takeover (RFC 7692 7.2.1)."""

    def __init__(self) -> None:
        self._context = zlib.compressobj(6, zlib.DEFLATED, -15)

    def __call__(self, message: bytes) -> bytes:
        """The payload of a compressed message."""
        flushed = self._context.compress(message) + self._context.flush(zlib.Z_SYNC_FLUSH)
        return flushed.removesuffix(b"\x00\x00\xff\xff")


def quote(rng: random.Random, size: int) -> bytes:
    """A JSON text of `size` bytes or a little more."""
    entries: list[dict[str, object]] = []
    room = size - 40
    while True:
        entry = {"symbol": rng.choice(SYMBOLS), "bid": rng.random() * 100, "n": rng.getrandbits(24)}
        entries.append(entry)
        room -= 66
        if room <= 0:
            break
    return json.dumps({"type": "quotes", "data": entries}, ensure_ascii=False).encode()
