"""One side's bytes cut into frames (RFC 9113 4.1).

The payload of DATA is handed on as it comes, since a frame may have 16 MiB; every other frame is
kept until it is whole. Behind bytes that the capture lacks the next border is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wsdebug.http.http2.borders import BorderSearch
from wsdebug.http.http2.header import DATA, HEADER, PADDED, Header, read_header
from wsdebug.model.place import Mark

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
MOST_BODY = 1 << 18
"""Bytes kept of one frame that is no DATA. 16 KiB is what everybody allows (RFC 9113 4.2)."""
MOST_SEARCHED = 1 << 20


class Piece(NamedTuple):
    """A part of a frame: its whole payload where it is no DATA."""

    header: Header
    body: bytes | None
    """None: the capture lacks it, or it is longer than anything kept. DATA: without padding."""
    lost: int
    """Bytes of DATA that the capture lacks here."""
    offset: int
    """Of the frame's first byte in the side's TCP stream."""
    reached: int
    """Where this piece ends there."""
    is_end: bool
    mark: Mark


class Framing:
    """Give it `put` and `gap`, take pieces. `offset` is how far it has read in the TCP stream."""

    def __init__(self, *, is_start: bool, preface: bytes = b"") -> None:
        """`is_start`: the first byte is that of a frame, behind `preface`."""
        self.offset = 0
        self.is_lost = not is_start
        """No border is known."""
        self._preface = preface
        self._search = BorderSearch()
        self._buffer = bytearray()
        self._header: Header | None = None
        self._start = 0
        self._left = 0  # bytes of the frame under way that are still to come
        self._padding: int | None = 0  # how many of them are padding; None: its length is to come
        self._is_dropped = False

    def put(self, data: bytes, mark: Mark) -> Iterator[Piece]:
        """The next bytes."""
        self.offset += len(data)
        self._buffer += data
        if self._preface:
            self._skip_preface()
        if self.is_lost and not self._find():
            return
        while not self._preface:
            if self._header is None and not self._begin():
                return
            piece = self._next(mark)
            if piece is None:
                return
            yield piece

    def gap(self, length: int | None, mark: Mark) -> Iterator[Piece]:
        """Bytes that the capture lacks: where they lie inside a frame its end is still known."""
        self.offset += length or 0
        header, self._preface = self._header, b""
        if header is not None and length is not None and length + len(self._buffer) <= self._left:
            yield from self._inside(header, length, mark)
            return
        if header is not None:
            yield self._piece(header, None, mark, is_end=True)
        self._header, self.is_lost = None, True
        self._search = BorderSearch()
        self._buffer.clear()

    # ---- frames ------------------------------------------------------------------------------
    def _begin(self) -> bool:
        if len(self._buffer) < HEADER:
            return False
        self._start = self.offset - len(self._buffer)
        self._header = header = read_header(self._buffer)
        del self._buffer[:HEADER]
        self._left = header.length
        is_data = header.type == DATA
        self._padding = None if is_data and header.flags & PADDED else 0
        self._is_dropped = not is_data and self._left > MOST_BODY
        return True

    def _next(self, mark: Mark) -> Piece | None:
        header = self._header
        assert header is not None
        if header.type == DATA:
            return self._data(header, mark)
        if self._is_dropped:
            self._take(self._left)
        elif len(self._buffer) < self._left:
            return None
        body = None if self._is_dropped else self._take(self._left)
        if self._left:
            return None
        return self._piece(header, body, mark, is_end=True)

    def _data(self, header: Header, mark: Mark) -> Piece | None:
        if self._padding is None:  # RFC 9113 6.1: Pad Length stands before the data
            if not self._buffer:
                return None
            self._padding = min(self._take(1)[0], self._left) if self._left else 0
        part = self._take(self._left - self._padding) if self._left > self._padding else b""
        reached = self.offset - len(self._buffer)
        if self._left <= self._padding:
            self._padding -= len(self._take(self._left))
        if not part and self._left:
            return None
        return self._piece(header, part, mark, is_end=not self._left)._replace(reached=reached)

    def _take(self, most: int) -> bytes:
        part = bytes(self._buffer[:most])
        del self._buffer[: len(part)]
        self._left -= len(part)
        return part

    def _piece(
        self, header: Header, body: bytes | None, mark: Mark, *, is_end: bool, lost: int = 0
    ) -> Piece:
        if is_end:
            self._header = None
        reached = self.offset - len(self._buffer)
        return Piece(header, body, lost, self._start, reached, is_end, mark)

    # ---- what the capture lacks --------------------------------------------------------------
    def _inside(self, header: Header, length: int, mark: Mark) -> Iterator[Piece]:
        self._left -= length + len(self._buffer)
        self._buffer.clear()
        self._is_dropped = True
        padding = self._padding or 0
        self._padding = min(padding, self._left)
        lost = length - (padding - self._padding)
        if header.type == DATA or not self._left:
            yield self._piece(header, None, mark, is_end=not self._left, lost=lost)

    def _skip_preface(self) -> None:
        """RFC 9113 3.4: the client begins with 24 bytes of its own."""
        size = min(len(self._preface), len(self._buffer))
        if self._buffer[:size] == self._preface[:size]:
            del self._buffer[:size]
            self._preface = self._preface[size:]
        else:
            self._preface, self.is_lost = b"", True

    def _find(self) -> bool:
        at = self._search.find(self._buffer)
        if at is None:
            if len(self._buffer) > MOST_SEARCHED:
                del self._buffer[: MOST_SEARCHED // 2]
                self._search = BorderSearch()
            return False
        del self._buffer[:at]
        self.is_lost, self._search = False, BorderSearch()
        return True
