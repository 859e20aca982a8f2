"""Inflating behind a hole: which bytes do not depend on what is missing?

Two inflaters read the same data. Where the sender may refer to unknown bytes, one of them has
zeros and the other ones: every byte that comes from there differs between the two, and
every other byte is the sender's. Once a whole window of output is alike, nothing of the unknown is
left, and the context is known again (RFC 7692 7.2.3.2, RFC 1951 2).
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Iterator

WINDOW = 32 << 10
PIECE = 64 << 10
_FILLS = (b"\x00", b"\xff")


class Twins:
    """Both inflaters; `clean` bytes at the end of their output are certain."""

    __slots__ = ("_bits", "_histories", "_zlibs", "clean")

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self.clean = 0
        size = 1 << bits
        self._histories = [bytearray(fill * size) for fill in _FILLS]
        self._zlibs = [_primed(bits, history) for history in self._histories]

    def feed(self, data: bytes) -> Iterator[bytes | None]:
        """The output piece by piece: None for one that holds unknown bytes. Raises `zlib.error`."""
        while True:
            outs = [each.decompress(data, PIECE) for each in self._zlibs]
            first = self._zlibs[0]
            ended = first.eof
            data = first.unused_data if ended else first.unconsumed_tail
            if outs[0]:
                is_known = outs[0] == outs[1]
                self._keep(outs, is_known=is_known)
                yield outs[0] if is_known else None
            if ended:
                # RFC 7692 7.2.3.4: a block may be marked as last; others follow it all the same.
                self._zlibs = [_primed(self._bits, each) for each in self._histories]
            if not data and (ended or len(outs[0]) < PIECE):
                return

    def _keep(self, outs: list[bytes], *, is_known: bool) -> None:
        for history, out in zip(self._histories, outs, strict=True):
            history.extend(out)
            del history[: -(1 << self._bits)]
        self.clean = self.clean + len(outs[0]) if is_known else _alike_at_end(*outs)

    def known(self) -> tuple[zlib._Decompress, bytearray] | None:
        """The inflater and what it inflated last, once nothing unknown can be referred to."""
        if self.clean < 1 << self._bits:
            return None
        return self._zlibs[0], self._histories[0]


def _primed(bits: int, history: bytearray) -> zlib._Decompress:
    return zlib.decompressobj(-bits, zdict=bytes(history))


def _alike_at_end(one: bytes, other: bytes) -> int:
    """How many bytes at the end of both are the same."""
    size = len(one)
    return size - bisect_left(range(size), True, key=lambda at: one[at:] == other[at:])
