"""The nine bytes that every HTTP/2 frame begins with (RFC 9113 4.1)."""

from __future__ import annotations

from typing import NamedTuple

HEADER = 9
DATA, HEADERS, PRIORITY_TYPE, RST_STREAM, SETTINGS, PUSH_PROMISE, PING = range(7)
GOAWAY, WINDOW_UPDATE, CONTINUATION = 7, 8, 9
END_STREAM = 0x1
ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
PRIORITY = 0x20


class Header(NamedTuple):
    """`length` counts the payload, padding included; `stream` 0 is the connection."""

    length: int
    type: int
    flags: int
    stream: int


def read_header(data: bytes | bytearray, at: int = 0) -> Header:
    """The header at `at`; one bit before the stream is reserved and ignored."""
    return Header(
        int.from_bytes(data[at : at + 3], "big"),
        data[at + 3],
        data[at + 4],
        int.from_bytes(data[at + 5 : at + 9], "big") & 0x7FFF_FFFF,
    )
