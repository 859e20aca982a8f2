"""Where HTTP/2 frames go on behind bytes that the capture lacks, or at its beginning.

Nothing marks a border, but headers that lead to each other do not stand in other bytes by chance:
most lengths, types and stream numbers cannot be (RFC 9113 4.1, 6).
"""

from __future__ import annotations

import re
from heapq import heappop, heappush
from typing import NamedTuple

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
_HIGHEST = (1 << 24) - 1
"""A connection with eight million streams has not been seen."""

_MOST_OPEN = 4_096
"""Places that may be borders; of a megabyte of real data a handful."""
_MAY_BEGIN = re.compile(
    rb"(?!\x00{4}[\x00\x08])(?=\x00[\x00-\x40].[\x00-\x09][\x00-\x2d]\x00(?:\x00{3}|..[%b]))"
    % re.escape(bytes(range(1, 256, 2))),
    re.DOTALL,
)
"""Nearly all places fail by the bytes that are the same in every header (`may_be_header`); an empty
DATA frame that ends nothing is what zeros look like.
"""


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


class Walk(NamedTuple):
    """Headers that lead to each other, as far as the data reaches."""

    at: int
    """Where the next one stands, or would."""
    seen: int
    before: Header | None


def walked(data: bytes | bytearray, walk: Walk) -> Walk | None:
    """Further along the headers, to three at most; None: there is one that nobody sends."""
    at, count, before = walk
    while count < _CHAIN and at + HEADER <= len(data):
        header = read_header(data, at)
        if data[at + 5] & 0x80 or not (may_be_header(header) and may_follow(header, before)):
            return None
        if header.type == WINDOW_UPDATE and data[at + HEADER : at + HEADER + 4] == bytes(4):
            return None  # RFC 9113 6.9: an increment of 0 is an error
        at, count, before = at + HEADER + header.length, count + 1, header
    return Walk(at, count, before)


def _is_enough(walk: Walk, size: int) -> bool:
    """Three in a row, or two and nothing behind."""
    return walk.seen >= _CHAIN or (walk.seen == _CHAIN - 1 and walk.at == size)


def begins_with_frames(data: bytes | bytearray, at: int = 0) -> bool:
    """Whether what stands at `at` is frames."""
    walk = walked(data, Walk(at, 0, None))
    return walk is not None and _is_enough(walk, len(data))


def begins_with_settings(data: bytes | bytearray) -> bool:
    """Whether a server may begin so: with SETTINGS, its preface (RFC 9113 3.4). It need not wait
    for the client's.
    """
    if len(data) < HEADER or data[5] & 0x80:
        return False
    header = read_header(data)
    return header.type == SETTINGS and not header.flags and may_be_header(header)


class BorderSearch:
    """Looks for the first place from which frames go on, in data that grows at its end: each byte
    is looked at once.
    """

    def __init__(self) -> None:
        self._looked = 0
        self._open: list[tuple[int, int, Walk]] = []
        """A heap: where the next header stands, where the first one does, and the walk so far."""

    def find(self, data: bytes | bytearray) -> int | None:
        """`data` is what was there before and what has come."""
        for found in _MAY_BEGIN.finditer(data, self._looked):
            self._keep(data, found.start(), Walk(found.start(), 0, None))
        self._looked = max(self._looked, len(data) - HEADER + 1)
        borders: list[int] = []
        while self._open and self._open[0][0] <= len(data):
            _, start, walk = heappop(self._open)
            if _is_enough(walk, len(data)):
                borders.append(start)
            elif walk.at + HEADER > len(data):
                heappush(self._open, (len(data) + 1, start, walk))
            else:
                self._keep(data, start, walk)
        return min(borders, default=None)

    def _keep(self, data: bytes | bytearray, start: int, walk: Walk) -> None:
        further = walked(data, walk)
        if further is not None and len(self._open) < _MOST_OPEN:
            heappush(self._open, (further.at, start, further))


def find_border(data: bytes | bytearray) -> int | None:
    """The first place from which frames go on."""
    return BorderSearch().find(data)
