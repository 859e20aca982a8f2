"""Where HTTP/2 frames go on behind bytes that the capture lacks, or at its beginning.

Nothing marks a border, but headers that lead to each other do not stand in other bytes by chance:
most lengths, types and stream numbers cannot be (RFC 9113 4.1, 6).
"""

from __future__ import annotations

from wsdebug.http.http2.header import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADER,
    HEADERS,
    PING,
    PRIORITY_TYPE,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Header,
    read_header,
)

_LENGTHS = {PRIORITY_TYPE: 5, RST_STREAM: 4, PING: 8, WINDOW_UPDATE: 4}
_FLAGS = {
    DATA: 0x09,
    HEADERS: 0x2D,
    PRIORITY_TYPE: 0,
    RST_STREAM: 0,
    SETTINGS: 0x01,
    PUSH_PROMISE: 0x0C,
    PING: 0x01,
    GOAWAY: 0,
    WINDOW_UPDATE: 0,
    CONTINUATION: 0x04,
}
_SHORTEST = {HEADERS: 1, PUSH_PROMISE: 5, GOAWAY: 8, CONTINUATION: 1}
_BLOCKS = {HEADERS, PUSH_PROMISE, CONTINUATION}
_OF_A_STREAM = {DATA, HEADERS, PRIORITY_TYPE, RST_STREAM, PUSH_PROMISE, CONTINUATION}
_OF_THE_CONNECTION = {SETTINGS, PING, GOAWAY}
_LONGEST = 1 << 14
"""RFC 9113 4.2: longer frames need leave, and hardly anybody gives it."""
_CHAIN = 3
_HIGHEST = 1 << 24
"""A connection with eight million streams has not been seen."""


def may_be_header(header: Header) -> bool:
    """Whether a frame may begin so, sent by somebody who keeps to the standard."""
    if header.type not in _FLAGS or header.flags & ~_FLAGS[header.type]:
        return False
    if header.length > _LONGEST or header.stream > _HIGHEST:
        return False
    if header.length != _LENGTHS.get(header.type, header.length):
        return False
    if header.length < _SHORTEST.get(header.type, 0):
        return False
    if header.type == DATA and not (header.length or header.flags & END_STREAM):
        return False
    if header.type == SETTINGS and header.length % 6:
        return False
    if header.type in _OF_THE_CONNECTION:
        return not header.stream
    # RFC 9113 5.1.1: even numbers are of streams that a server pushed, which nobody does any more;
    # lists of small numbers look like them.
    return bool(header.stream & 1 or not (header.stream or header.type in _OF_A_STREAM))


def may_follow(header: Header, before: Header | None) -> bool:
    """Whether a frame may come right behind another one (RFC 9113 6.10: a header block is told in
    one go).
    """
    if before is None:
        return True
    is_open = before.type in _BLOCKS and not before.flags & END_HEADERS
    if header.type == CONTINUATION:
        return is_open and header.stream == before.stream
    return not is_open


def chain(data: bytes | bytearray, at: int = 0) -> tuple[int, bool]:
    """How many headers lead to each other from `at`, and whether they end where the data does."""
    count, before = 0, None
    while count < _CHAIN and at + HEADER <= len(data):
        header = read_header(data, at)
        if data[at + 5] & 0x80 or not (may_be_header(header) and may_follow(header, before)):
            return 0, False
        if header.type == WINDOW_UPDATE and data[at + HEADER : at + HEADER + 4] == bytes(4):
            return 0, False  # RFC 9113 6.9: an increment of 0 is an error
        at, before = at + HEADER + header.length, header
        count += 1
    return count, at == len(data)


def begins_with_frames(data: bytes | bytearray, at: int = 0) -> bool:
    """Whether what stands at `at` is frames: three in a row, or two and nothing behind."""
    count, is_whole = chain(data, at)
    return count >= _CHAIN or (count == _CHAIN - 1 and is_whole)


def begins_with_settings(data: bytes | bytearray) -> bool:
    """Whether a server may begin so: with SETTINGS, its preface (RFC 9113 3.4). It need not wait
    for the client's.
    """
    if len(data) < HEADER or data[5] & 0x80:
        return False
    header = read_header(data)
    return header.type == SETTINGS and not header.flags and may_be_header(header)


def find_border(data: bytes | bytearray) -> int | None:
    """The first place from which frames go on."""
    for at in range(max(0, len(data) - 2 * HEADER + 1)):
        # The type first: nine of ten places fail by it, and it costs least.
        if data[at + 3] <= CONTINUATION and begins_with_frames(data, at):
            return at
    return None
