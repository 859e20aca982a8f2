"""DEFLATE (RFC 1951) taken apart to its symbols, each with the bits where it stands.

An inflater gives the bytes; this says which bits made them, so that a literal can be replaced by
another whose code is as long, and nothing else moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_LENGTHS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99,
            115, 131, 163, 195, 227, 258)  # fmt: skip
_LENGTH_BITS = (0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5,
                0)  # fmt: skip
_DISTANCES = (1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025,
              1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577)  # fmt: skip
_DISTANCE_BITS = (0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11,
                  12, 12, 13, 13)  # fmt: skip
_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
_END_OF_BLOCK = 256
_MOST_BITS = 15


class BrokenError(Exception):
    """No block can be read from bit `at` on; `is_cut`: only because the data ends."""

    def __init__(self, at: int, *, is_cut: bool) -> None:
        super().__init__(at)
        self.at = at
        self.is_cut = is_cut


class Table:
    """A Huffman code: symbols by the bits to come, and which literals are as long as which."""

    __slots__ = ("alike", "codes", "most", "symbols")

    def __init__(self, lengths: bytes) -> None:
        self.most = max(lengths, default=0)
        self.symbols: list[int] = [-1] * (1 << self.most)
        """Of the next `most` bits: length of the code, and above it the symbol."""
        self.codes: dict[int, tuple[int, int]] = {}
        """Of each literal: its code as it stands in the stream, and how long it is."""
        self.alike: dict[int, int] = {}
        """Literals with codes of so many bits, as bits of a number."""
        code = 0
        for size in range(1, self.most + 1):
            for symbol, length in enumerate(lengths):
                if length == size:
                    self._add(symbol, code, size)
                    code += 1
            code <<= 1

    def _add(self, symbol: int, code: int, size: int) -> None:
        if code >> size:
            raise ValueError("more codes than there is room for")
        turned = int(f"{code:0{size}b}"[::-1], 2)
        if symbol < _END_OF_BLOCK:
            self.codes[symbol] = turned, size
            self.alike[size] = self.alike.get(size, 0) | 1 << symbol
        entry = symbol << 4 | size
        for above in range(turned, 1 << self.most, 1 << size):
            self.symbols[above] = entry


class Literal(NamedTuple):
    """A byte that stands for itself, at bit `at`. `table` None: in a stored block."""

    byte: int
    at: int
    table: Table | None


class Match(NamedTuple):
    """`length` bytes once more, from `distance` back."""

    length: int
    distance: int


@lru_cache(maxsize=1)
def _fixed() -> tuple[Table, Table]:
    lengths = bytes([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8)
    return Table(lengths), Table(bytes([5] * 30))


class Reader:
    """Reads blocks, one behind another, until the data ends at a border."""

    def __init__(self, data: bytes) -> None:
        self._data = data + bytes(8)
        self._size = len(data) * 8
        self._at = 0
        self.block = 0
        """The bit at which the block begins that is being read."""

    def symbols(self) -> Iterator[Literal | Match]:
        """Every literal and match; `BrokenError` where there is no block, or no whole one."""
        while self._at < self._size:
            self.block = self._at
            if self._size - self._at < 3:
                return
            is_final, kind = self._take(1), self._take(2)
            if kind == 0:
                yield from self._stored()
            elif kind == 1:
                yield from self._packed(*_fixed())
            elif kind == 2:
                yield from self._packed(*self._tables())
            else:
                raise BrokenError(self.block, is_cut=False)
            if is_final:  # a new stream begins at the next byte (RFC 7692 7.2.3.4)
                self._at = self._at + 7 & ~7

    def _take(self, count: int) -> int:
        at = self._at
        if at + count > self._size:
            raise BrokenError(self.block, is_cut=True)
        self._at = at + count
        word = int.from_bytes(self._data[at >> 3 : (at >> 3) + 4], "little")
        return word >> (at & 7) & (1 << count) - 1

    def _stored(self) -> Iterator[Literal]:
        self._at = self._at + 7 & ~7
        length, check = self._take(16), self._take(16)
        if length ^ check != 0xFFFF:
            raise BrokenError(self.block, is_cut=False)
        for _ in range(length):
            at = self._at
            yield Literal(self._take(8), at, None)

    def _tables(self) -> tuple[Table, Table]:
        """RFC 1951 3.2.7."""
        literals, distances, count = self._take(5) + 257, self._take(5) + 1, self._take(4) + 4
        if literals > 286 or distances > 30:
            raise BrokenError(self.block, is_cut=False)
        orders = bytearray(19)
        for place in _ORDER[:count]:
            orders[place] = self._take(3)
        try:
            table = Table(bytes(orders))
            lengths = self._lengths(table, literals + distances)
            return Table(bytes(lengths[:literals])), Table(bytes(lengths[literals:]))
        except ValueError as error:
            raise BrokenError(self.block, is_cut=False) from error

    def _lengths(self, table: Table, count: int) -> bytearray:
        lengths = bytearray()
        while len(lengths) < count:
            symbol = self._symbol(table)
            if symbol < 16:
                lengths.append(symbol)
                continue
            if symbol == 16 and not lengths:
                raise ValueError("nothing to repeat")
            value = lengths[-1] if symbol == 16 else 0
            times = {16: (2, 3), 17: (3, 3), 18: (7, 11)}[symbol]
            lengths += bytes((value,)) * (self._take(times[0]) + times[1])
        if len(lengths) > count or not lengths[_END_OF_BLOCK]:
            raise ValueError("too many lengths, or no end of the block")
        return lengths

    def _symbol(self, table: Table) -> int:
        at = self._at
        word = int.from_bytes(self._data[at >> 3 : (at >> 3) + 4], "little")
        entry = table.symbols[word >> (at & 7) & (1 << table.most) - 1] if table.most else -1
        if entry < 0:
            raise BrokenError(self.block, is_cut=self._size - at < _MOST_BITS)
        self._at = at + (entry & 15)
        if self._at > self._size:
            raise BrokenError(self.block, is_cut=True)
        return entry >> 4

    def _packed(self, literals: Table, distances: Table) -> Iterator[Literal | Match]:
        while True:
            at = self._at
            symbol = self._symbol(literals)
            if symbol < _END_OF_BLOCK:
                yield Literal(symbol, at, literals)
                continue
            if symbol == _END_OF_BLOCK:
                return
            if symbol - 257 >= len(_LENGTHS):
                raise BrokenError(self.block, is_cut=False)
            length = _LENGTHS[symbol - 257] + self._take(_LENGTH_BITS[symbol - 257])
            place = self._symbol(distances)
            if place >= len(_DISTANCES):
                raise BrokenError(self.block, is_cut=False)
            yield Match(length, _DISTANCES[place] + self._take(_DISTANCE_BITS[place]))
