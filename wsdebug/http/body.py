"""How long the body behind a head is (RFC 9112 6.3), and stepping over it without keeping it."""

from __future__ import annotations

import enum
import re

from wsdebug.http.head import tokens
from wsdebug.model.handshake import Head, of_kind


class Framing(enum.Enum):
    """A body whose length does not stand in its head."""

    CHUNKED = "chunked"
    UNTIL_CLOSE = "until-close"


# 18 digits stay below 2**63; longer is no length any recipient takes.
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?", re.DOTALL)
_SIZE_BYTES = 64
"""Bytes of a chunk-size line that are looked at; chunk extensions may go on."""


def body_length(head: Head, request_method: str | None = None) -> int | Framing:
    """Bytes of the body behind `head`; `request_method` is that of the request a response answers.

    A head that contradicts itself has no length anybody agrees on: it is read until the close.
    """
    status = head.status
    if status is not None:
        # RFC 9112 6.3, rules 1 and 2
        if request_method == "HEAD" or status < 200 or status in {204, 304}:
            return 0
        if request_method == "CONNECT" and status < 300:
            return 0
    return _declared(head)


@of_kind
def _declared(head: Head) -> int | Framing:
    """The length that a head with a body gives."""
    codings = tokens(head, "transfer-encoding")
    if codings:
        # RFC 9112 6.3, rules 3 and 4: Transfer-Encoding overrides Content-Length.
        return Framing.CHUNKED if codings[-1].lower() == "chunked" else Framing.UNTIL_CLOSE
    lengths = set(tokens(head, "content-length"))
    if len(lengths) == 1 and _LENGTH.fullmatch(length := lengths.pop()):
        return int(length)
    if lengths or head.all("content-length"):
        return Framing.UNTIL_CLOSE
    return 0 if head.method is not None else Framing.UNTIL_CLOSE


class _Part(enum.Enum):
    """Where in a chunked body (RFC 9112 7.1)."""

    SIZE = "size"
    DATA = "data"
    DATA_END = "data-end"
    TRAILER = "trailer"


class Body:
    """A body that is stepped over. `done` once its last byte was taken; `lost` when its chunks
    make no sense, so that nobody can say where it ends.
    """

    __slots__ = ("_line", "_part", "_rest", "done", "lost")

    def __init__(self, length: int | Framing) -> None:
        self._rest: int | None = length if isinstance(length, int) else None
        self._part: _Part | None = _Part.SIZE if length is Framing.CHUNKED else None
        self._line = b""
        self.done = length == 0
        self.lost = False

    def skip(self, data: bytes, at: int = 0) -> int:
        """Where in `data` the body ends or, if it goes on, the length of `data`."""
        while at < len(data) and not self.done and not self.lost:
            if self._part is None or self._part is _Part.DATA:
                at = self._skip_bytes(data, at)
            else:
                at = self._skip_line(data, at)
        return at

    def swallow(self, count: int) -> bool:
        """Whether `count` bytes lie inside this run of the body and do not end it; if so they are
        taken. The quick way for the many pieces of a download.
        """
        if self._rest is None:
            return self._part is None and not self.done
        if count >= self._rest:
            return False
        self._rest -= count
        return True

    def skip_gap(self, length: int | None) -> bool:
        """Whether the border stays known over `length` missing bytes; if so they are taken."""
        if self._rest is None:
            return self._part is None
        if length is None or length > self._rest:
            return False
        self._take(length)
        return True

    def _skip_bytes(self, data: bytes, at: int) -> int:
        if self._rest is None:
            return len(data)
        taken = min(self._rest, len(data) - at)
        self._take(taken)
        return at + taken

    def _take(self, count: int) -> None:
        assert self._rest is not None
        self._rest -= count
        if self._rest == 0:
            if self._part is _Part.DATA:
                self._part, self._rest = _Part.DATA_END, None
            else:
                self.done = True

    def _skip_line(self, data: bytes, at: int) -> int:
        end = data.find(b"\n", at)
        stop = len(data) if end < 0 else end
        if len(self._line) < _SIZE_BYTES:
            self._line += data[at : min(stop, at + _SIZE_BYTES - len(self._line))]
        if end < 0:
            return stop
        line, self._line = self._line.removesuffix(b"\r"), b""
        self._end_line(line)
        return end + 1

    def _end_line(self, line: bytes) -> None:
        if self._part is _Part.SIZE:
            found = _CHUNK_SIZE.fullmatch(line)
            if found is None:
                self.lost = True
                return
            size = int(found[1], 16)
            # RFC 9112 7.1: a chunk of size 0 is the last, trailers follow up to an empty line.
            self._part = _Part.DATA if size else _Part.TRAILER
            self._rest = size or None
        elif self._part is _Part.DATA_END:
            self._part = _Part.SIZE
            self.lost = bool(line)
        elif not line:
            self.done = True
