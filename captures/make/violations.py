"""The wire violations that a raw endpoint sends, each as the frames of one connection."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator
from typing import TypeAlias

FIN = 0x80
RSV1, RSV2, RSV3 = 0x40, 0x20, 0x10
CONT, TEXT, CLOSE, PING = 0, 1, 8, 9
Frame: TypeAlias = Callable[..., bytes]


def masked(
    opcode: int, payload: bytes = b"", *, head: int = FIN, key: bytes | None = None
) -> bytes:
    """A client's frame; the masking key is made from the payload unless given."""
    key = key or hashlib.sha256(bytes([opcode, head]) + payload).digest()[:4]
    scrambled = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
    return bytes([head | opcode]) + _length(len(payload), 0x80) + key + scrambled


def unmasked(
    opcode: int, payload: bytes = b"", *, head: int = FIN, key: bytes | None = None
) -> bytes:
    """A server's frame."""
    assert key is None
    return bytes([head | opcode]) + _length(len(payload), 0) + payload


def _length(length: int, mask: int) -> bytes:
    if length < 126:
        return bytes([mask | length])
    if length < 1 << 16:
        return bytes([mask | 126]) + struct.pack("!H", length)
    return bytes([mask | 127]) + struct.pack("!Q", length)


def violations(frame: Frame, other: Frame) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each, from a side whose frames are `frame`; `other` is its peer's kind."""
    yield "rsv1", frame(TEXT, b"rsv1", head=FIN | RSV1)
    yield "rsv2", frame(TEXT, b"rsv2", head=FIN | RSV2)
    yield "rsv3", frame(TEXT, b"rsv3", head=FIN | RSV3)
    yield "opcode-3", frame(3, b"data")
    yield "opcode-11", frame(11, b"ctrl")
    yield "ping-fragmented", frame(PING, b"half", head=0)
    yield "ping-126", frame(PING, b"p" * 126)
    yield "mask", other(TEXT, b"mask")
    yield "length-not-minimal", _long(frame(TEXT, b"tiny"), 126, "!H")
    yield "length-high-bit", _long(frame(TEXT, b"huge"), 127, "!Q", 1 << 63)
    yield "continuation-alone", frame(CONT, b"rest")
    yield "text-inside-fragments", frame(TEXT, b"one ", head=0) + frame(TEXT, b"two")
    yield "bad-utf8", frame(TEXT, b"bad \xff")
    yield "bad-utf8-over-fragments", frame(TEXT, b"bad \xf0\x9f", head=0) + frame(CONT, b"\x28")
    yield "close-1-byte", frame(CLOSE, b"\x03")
    for code in (1005, 1006, 999, 2999):
        yield f"close-{code}", frame(CLOSE, struct.pack("!H", code))
    yield "close-bad-utf8", frame(CLOSE, struct.pack("!H", 1000) + b"\xff")
    yield "data-after-close", frame(CLOSE, struct.pack("!H", 1000)) + frame(TEXT, b"late")
    if frame is masked:
        key = bytes.fromhex("37fa213d")
        yield "mask-key-repeated", b"".join(frame(TEXT, p, key=key) for p in (b"a", b"b", b"c"))
    # The first block is of the type 3 that does not exist.
    yield "deflate-garbage", frame(TEXT, b"\x06garbage", head=FIN | RSV1)


def _long(frame: bytes, marker: int, form: str, more: int = 0) -> bytes:
    """The same frame with its length written longer than needed, and `more` added to it."""
    length = struct.pack(form, (frame[1] & 0x7F) + more)
    return frame[:1] + bytes([frame[1] & 0x80 | marker]) + length + frame[2:]
