"""Records out of one side's stream (RFC 8446 5.1), in whatever segments, with whatever holes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from wsdebug.model.place import Mark

HEADER = 5
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23
_LONGEST = (1 << 14) + 2_048
"""Bytes of a protected record in TLS 1.2 (RFC 5246 6.2.3); 1.3 allows fewer."""
_MOST_KEPT = 64 << 10
"""Bytes in which a border is searched before the first of them are given up."""
_MOST_SOUGHT = 4 << 20
"""Bytes behind one hole after which no border is searched any more."""
_CANDIDATE = re.compile(rb"[\x14-\x18]\x03[\x00-\x04]")

Piece = tuple[int, Mark]
"""Up to which byte of a record's body a segment brought it."""


class Record(NamedTuple):
    """One whole record. `end`: offset behind it in the TCP stream."""

    kind: int
    body: bytes
    end: int
    pieces: Sequence[Piece]


class Taker(Protocol):
    """Who is told of a side's records, in order."""

    def record(self, record: Record) -> None:
        """A record between two borders that are known."""

    def probe(self, record: Record) -> bool:
        """Whether this is a record, where no border is known; if so it is taken."""

    def missing(self, length: int | None, mark: Mark) -> None:
        """Bytes of the stream are missing; one or more records with them."""

    def strange(self) -> None:
        """No record stands where one must: nothing more is read of this side."""


def is_header(data: bytes, at: int = 0) -> bool:
    """Whether a record may begin there: a type that exists, version 3.x, an allowed length."""
    kind, major, minor = data[at], data[at + 1], data[at + 2]
    length = data[at + 3] << 8 | data[at + 4]
    return 20 <= kind <= 24 and major == 3 and minor <= 4 and 0 < length <= _LONGEST


class Records:
    """One side. `offset` is how far its TCP stream was read."""

    __slots__ = (
        "_buffer",
        "_marks",
        "_skip",
        "_sought",
        "_taker",
        "is_over",
        "is_seeking",
        "offset",
        "records",
    )

    def __init__(self, taker: Taker) -> None:
        self._taker = taker
        self._buffer = b""
        self._marks: list[Piece] = []
        """Offset in the stream up to which each segment reaches, of what is in the buffer."""
        self._skip = 0
        """Bytes up to the next border, of a record whose beginning is missing."""
        self._sought = 0
        self.offset = 0
        self.records = 0
        self.is_seeking = False
        self.is_over = False
        """What came was no record: nothing more is read."""

    @property
    def is_inside(self) -> bool:
        """The stream stopped within a record."""
        return bool(self._buffer or self._skip)

    def feed(self, data: bytes, mark: Mark) -> None:
        """The next bytes of the stream."""
        if self.is_over:
            return
        self.offset += len(data)
        if self._skip:
            skipped, self._skip = self._skip, max(0, self._skip - len(data))
            data = data[skipped:]
        if not data:
            return
        if self._buffer:
            self._marks.append((self.offset, mark))
            data = self._buffer + data
            self._buffer = b""
        elif self._is_one(data):
            self.records += 1
            size = len(data) - HEADER
            self._taker.record(Record(data[0], data[HEADER:], self.offset, ((size, mark),)))
            return
        else:
            self._marks = [(self.offset, mark)]
        at = self._seek(data, final=False) if self.is_seeking else 0
        self._read(data, at)

    def _is_one(self, data: bytes) -> bool:
        """A segment that is one whole record, as most are."""
        is_whole = len(data) > HEADER and len(data) == HEADER + (data[3] << 8 | data[4])
        return is_whole and not self.is_seeking and is_header(data)

    def _read(self, data: bytes, at: int) -> None:
        size, begin = len(data), self.offset - len(data)
        taker = self._taker
        while at + HEADER <= size and not self.is_seeking:
            if not is_header(data, at):
                self.is_over = True
                taker.strange()
                return
            stop = at + HEADER + (data[at + 3] << 8 | data[at + 4])
            if stop > size:
                break
            self.records += 1
            taker.record(self._record(data, at, stop, begin))
            at = stop
        self._keep(data, at)

    def _record(self, data: bytes, at: int, stop: int, begin: int) -> Record:
        body = data[at + HEADER : stop]
        if len(self._marks) == 1:
            return Record(data[at], body, begin + stop, ((len(body), self._marks[0][1]),))
        first, last = begin + at + HEADER, begin + stop
        pieces: list[Piece] = []
        for end, mark in self._marks:
            if end > begin + at:
                pieces.append((min(end, last) - first, mark))
            if end >= last:
                break
        return Record(data[at], body, last, pieces)

    def _keep(self, data: bytes, at: int) -> None:
        """What is not read waits for more."""
        if at == len(data):
            return
        self._buffer = data[at:]
        if len(self._marks) > 1 or not self._buffer:
            begin = self.offset - len(self._buffer)
            self._marks = [piece for piece in self._marks if piece[0] > begin]

    # ---- holes ------------------------------------------------------------------------------
    def gap(self, length: int | None, mark: Mark) -> None:
        """The capture lacks `length` bytes here (None: nobody knows how many)."""
        if self.is_over:
            return
        need = self._need()
        self.offset += length or 0
        self._buffer, self._marks = b"", []
        self._taker.missing(length, mark)
        if length is None or need is None or length > need:
            self._skip, self.is_seeking = 0, True
        else:
            self._skip = need - length

    def _need(self) -> int | None:
        """Bytes up to the next border, where that is known: 0 bytes before a border tell nothing of
        what the missing ones are.
        """
        if self.is_seeking:
            return None
        if self._skip:
            return self._skip
        if len(self._buffer) < HEADER:
            return None
        return HEADER + int.from_bytes(self._buffer[3:5]) - len(self._buffer)

    def end(self) -> None:
        """The stream is over: what was sought may still be found in what is there."""
        if self.is_seeking and self._buffer:
            data, self._buffer = self._buffer, b""
            self._read(data, self._seek(data, final=True))

    def _seek(self, data: bytes, *, final: bool) -> int:
        """Where to read on: behind the first record that is one, or where one may begin."""
        size, begin = len(data), self.offset - len(data)
        waits = -1
        for found in _CANDIDATE.finditer(data, 0, max(0, size - 2)):
            at = found.start()
            if at + HEADER > size or not is_header(data, at):
                continue
            stop = at + HEADER + (data[at + 3] << 8 | data[at + 4])
            if stop <= size:
                if self._taker.probe(self._record(data, at, stop, begin)):
                    self.records += 1
                    self.is_seeking, self._sought = False, 0
                    return stop
            elif waits < 0 and not final:
                waits = at
        self._sought += size
        self.is_over = self._sought > _MOST_SOUGHT
        keep = waits if waits >= 0 else max(0, size - HEADER)
        return max(keep, size - _MOST_KEPT)
