"""Bytes that are in no capture file: what TLS carried, decrypted, in a temporary file.

The file has no name and belongs to the user alone; it goes with the last look at it. Of each side
it is noted where its stretches stand.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right

from wsdebug.capture.again import Spool
from wsdebug.transport.refill import Refill

_STRETCH = 16 << 10
"""Bytes of one side that are gathered before they are written in one piece."""


class PlainFile:
    """All plaintext of a session."""

    def __init__(self, limit: int) -> None:
        """`limit`: bytes on disk."""
        self._spool = Spool(limit)

    def side(self) -> PlainSide:
        """A direction of a connection begins."""
        return PlainSide(self._spool)

    def close(self) -> None:
        """Gives the space back."""
        self._spool.close()


class PlainSide:
    """One direction: one thread adds, others read."""

    __slots__ = ("_at", "_begins", "_holes", "_spool", "_tail")

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._begins = array("Q")
        """Offset in the stream of each stretch on disk."""
        self._at = array("Q")
        """Where it stands in the file."""
        self._holes: list[tuple[int, int]] = []
        """From where to where the capture lacks bytes; zeros stand there."""
        self._tail = (0, b"")
        """Length of the stream, and its end, which is not written yet. One object, so that who
        reads beside the writer sees both of one moment.
        """

    def add(self, data: bytes) -> None:
        """The next bytes of the stream."""
        size, tail = self._tail
        size, tail = size + len(data), tail + data
        if len(tail) >= _STRETCH:
            at = self._spool.size
            self._spool.write(tail)
            self._at.append(at)
            self._begins.append(size - len(tail))
            tail = b""
        self._tail = size, tail

    def skip(self, size: int) -> None:
        """Bytes that the capture lacks."""
        begin = self._tail[0]
        self._holes.append((begin, begin + size))
        self.add(bytes(size))

    def fill(self, refill: Refill, start: int) -> None:
        """Put the bytes from offset `start` on where they are wanted. Raises `GoneError`."""
        data = self.read(start, refill.size)
        at, stop = 0, len(data)
        for begin, end in self._holes:
            if start + at < end and begin < start + stop:
                refill.put(data[at : max(at, begin - start)], at)
                at = end - start
        if at < stop:
            refill.put(data[at:], at)

    def read(self, start: int, size: int) -> bytes:
        """Bytes of the stream; fewer at its end. Raises `GoneError`."""
        end, tail = self._tail
        begin = end - len(tail)
        parts: list[bytes] = []
        while size > 0 and start < begin:
            index = bisect_right(self._begins, start) - 1
            later = self._begins[index + 1] if index + 1 < len(self._begins) else begin
            stop = min(begin, later)
            part = self._spool.read(
                self._at[index] + start - self._begins[index], min(size, stop - start)
            )
            if not part:
                return b"".join(parts)
            parts.append(part)
            start, size = start + len(part), size - len(part)
        if size > 0 and start >= begin:
            parts.append(tail[start - begin : start - begin + size])
        return b"".join(parts)
