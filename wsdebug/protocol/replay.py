"""Compressed messages inflated once more, to be shown: no judge, it reads what can be read.

A context that never refers back does no harm, so whether the sender gave it up need not be known.
A window of 15 bits reads what was compressed for a smaller one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from wsdebug.protocol.inflate import TAIL, WINDOW

_PIECE = 64 << 10


class Replay:
    """The messages of one side in their order: `feed` frame by frame."""

    __slots__ = ("_history", "_is_broken", "_zlib", "fault", "is_lost", "produced")

    def __init__(self, history: bytes = b"", *, is_lost: bool = False) -> None:
        """`history`: the inflated bytes before, at most a window of them; `is_lost`: not known."""
        self._history = bytearray(history)
        self._zlib = _primed(self._history)
        self.is_lost = is_lost
        """What came before is not known: messages that refer to it cannot be read."""
        self._is_broken = False
        self.fault: str | None = None
        """Why the last message ends early."""
        self.produced = 0
        """Inflated bytes so far."""

    def begin(self) -> None:
        """A message begins."""
        self.fault = None
        if self.is_lost or self._is_broken:
            self.is_lost, self._is_broken = True, False
            self._history.clear()
            self._zlib = _primed(self._history)

    def feed(self, data: bytes, last: bool, limit: int) -> tuple[bytes, bool]:
        """What a frame adds: the first `limit` bytes, and whether that is all. `last`: the message
        ends with it.
        """
        out = bytearray()
        size = 0
        for piece in self._pieces(data + TAIL if last else data):
            size += len(piece)
            out += piece[: max(0, limit - len(out))]
        if last and not self._is_broken:
            self.is_lost = False
        return bytes(out), size == len(out) and self.fault is None

    def lose(self) -> None:
        """Bytes of the message are missing."""
        self._is_broken = True
        self.fault = self.fault or "The capture lacks bytes of the message."

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        is_full = False
        while (data or is_full) and not self._is_broken:
            if self._zlib.eof and data == TAIL:
                return  # it ended with a last block and lacks the empty one behind it
            out, data = self._step(data)
            is_full = len(out) == _PIECE
            yield out

    def _step(self, data: bytes) -> tuple[bytes, bytes]:
        """Inflated bytes, and what is left of the data."""
        if self._zlib.eof:
            self._zlib = _primed(self._history)
        try:
            out = self._zlib.decompress(data, _PIECE)
        except zlib.error as error:
            self._is_broken = True
            lost = self.is_lost and "too far back" in str(error)
            self.fault = (
                "It refers to messages that the capture lacks."
                if lost
                else f"It cannot be inflated: {str(error).partition(': ')[2] or error}."
            )
            return b"", b""
        self.produced += len(out)
        self._history += out
        if len(self._history) > 2 * WINDOW:
            del self._history[:-WINDOW]
        rest = self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail
        return out, rest


def _primed(history: bytearray) -> zlib._Decompress:
    return zlib.decompressobj(-15, zdict=bytes(history[-WINDOW:]))
