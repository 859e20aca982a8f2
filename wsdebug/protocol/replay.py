"""Compressed messages inflated once more, to be shown: no judge, it reads what can be read.

A context that never refers back does no harm, so whether the sender gave it up need not be known.
A window of 15 bits reads what was compressed for a smaller one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from wsdebug.protocol.small_messages import TAIL, WINDOW
from wsdebug.protocol.twins import Twins

_BITS = 15
_PIECE = 64 << 10
_LACKING = "The capture lacks bytes of the message."
_UNKNOWN = "It refers to messages that the capture lacks."


class Replay:
    """The messages of one side in their order: `begin`, then `feed` frame by frame."""

    __slots__ = ("_history", "_is_broken", "_twins", "_zlib", "fault", "is_lost")

    def __init__(self, history: bytes = b"", *, is_lost: bool = False) -> None:
        """`history`: the inflated bytes before, at most a window of them; `is_lost`: not known."""
        self._history = bytearray(history)
        self._zlib = _primed(self._history)
        self._twins: Twins | None = None
        self._is_broken = False
        self.is_lost = is_lost
        """What came before is not known: what does not refer to it can be read."""
        self.fault: str | None = None
        """Why the message ends early."""

    def begin(self) -> None:
        """A message begins."""
        if self._is_broken:
            self.is_lost, self._is_broken, self._twins = True, False, None
        if self.is_lost:
            self._twins = self._twins or Twins(_BITS)
        self.fault = None

    def lose(self) -> None:
        """Bytes of the message are missing."""
        self._break(_LACKING)

    def feed(self, data: bytes, last: bool, limit: int) -> tuple[bytes, bool]:
        """What a frame adds: the first `limit` bytes, and whether that is all. `last`: the message
        ends with it.
        """
        out = bytearray()
        size = 0
        for piece in self._pieces(data + TAIL if last else data):
            size += len(piece)
            out += piece[: max(0, limit - len(out))]
        known = self._twins.known() if last and self._twins is not None else None
        if known is not None and not self._is_broken:
            self._zlib, self._history = known
            self.is_lost, self._twins = False, None
        return bytes(out), size == len(out) and self.fault is None

    def _break(self, why: str) -> None:
        self._is_broken = True
        self.fault = self.fault or why

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        if self._is_broken:
            return
        try:
            yield from self._plain(data) if self._twins is None else self._known(self._twins, data)
        except zlib.error as error:
            self._break(f"It cannot be inflated: {str(error).partition(': ')[2] or error}.")

    def _known(self, twins: Twins, data: bytes) -> Iterator[bytes]:
        """What does not depend on what is lost, up to what does."""
        for out in twins.feed(data):
            if out is None:
                self.fault = self.fault or _UNKNOWN
            elif self.fault is None:
                yield out

    def _plain(self, data: bytes) -> Iterator[bytes]:
        is_full = False
        while data or is_full:
            if self._zlib.eof:
                if data == TAIL:
                    return  # it ended with a last block and lacks the empty one behind it
                self._zlib = _primed(self._history)
            out = self._zlib.decompress(data, _PIECE)
            data = self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail
            self._history += out
            if len(self._history) > 2 * WINDOW:
                del self._history[:-WINDOW]
            is_full = len(out) == _PIECE
            yield out


def _primed(history: bytearray) -> zlib._Decompress:
    return zlib.decompressobj(-_BITS, zdict=bytes(history[-WINDOW:]))
