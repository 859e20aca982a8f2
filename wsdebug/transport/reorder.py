"""Bytes that came before their turn: sorted, without overlap, until the hole before them goes."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple, TypeAlias

from wsdebug.model.place import Mark

PIECE_COST = 256
"""Bytes of memory a waiting piece takes besides its data; counts against the buffer limits."""

_MOST_ACKS = 256

Difference: TypeAlias = tuple[int, bytes, bytes]
"""Offset of the first differing byte, up to 64 bytes from there as kept, and the others."""


class Piece(NamedTuple):
    """A run of bytes. Without data it is an edge: bytes up to here are known to exist, from a
    FIN, or (`cut`) from a packet that the snap length cut.
    """

    start: int
    data: bytes
    mark: Mark
    now: int
    cut: bool = False


class Waiting:
    """The pieces of one half that wait, and the acknowledgements that went beyond its bytes."""

    __slots__ = ("beyond", "cost", "pieces")

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.cost = 0
        self.beyond: list[tuple[int, int, int]] = []
        """(acknowledged up to, packet, time): evidence that the receiver has more than we."""

    @property
    def end(self) -> int:
        """Offset behind the last byte that waits."""
        if not self.pieces:
            return 0
        return self.pieces[-1].start + len(self.pieces[-1].data)

    def add(self, piece: Piece) -> Difference | None:
        """Keep what is new of `piece`; where bytes were there before, the first ones stay.
        Returns the first place at which they differ.
        """
        pieces, (start, data, mark, now, _) = self.pieces, piece
        at, end, difference = start, start + len(data), None
        index = bisect_left(pieces, (start,))
        if index and pieces[index - 1].start + len(pieces[index - 1].data) > start:
            index -= 1
        while at < end:
            if index < len(pieces) and pieces[index].start <= at:
                held = pieces[index]
                difference = difference or first_difference(held.start, held.data, start, data)
                at = max(at, held.start + len(held.data))
            else:
                stop = min(end, pieces[index].start) if index < len(pieces) else end
                self._insert(index, Piece(at, data[at - start : stop - start], mark, now))
                at = stop
            index += 1
        return difference

    def add_edge(self, edge: Piece) -> None:
        """Know that the stream reaches `edge.start` at least."""
        index = bisect_left(self.pieces, (edge.start,))
        if index < len(self.pieces) and self.pieces[index].start == edge.start:
            return
        if index and self.pieces[index - 1].start + len(self.pieces[index - 1].data) >= edge.start:
            return
        self._insert(index, edge)

    def add_proof(self, acked: int, number: int, now: int) -> None:
        """The receiver has everything before `acked`."""
        if len(self.beyond) >= _MOST_ACKS:
            self.beyond.pop()  # the later packet stands for both: the proof may only be late
        self.beyond.append((acked, number, now))

    def behind(self, start: int) -> Piece:
        """The first piece behind a place in a hole."""
        return self.pieces[bisect_left(self.pieces, (start + 1,))]

    def lacks(self, start: int, end: int) -> bool:
        """Whether some byte of the range is not here."""
        index = bisect_left(self.pieces, (start,))
        if index:
            start = max(start, self.pieces[index - 1].start + len(self.pieces[index - 1].data))
        while start < end and index < len(self.pieces) and self.pieces[index].start <= start:
            start = max(start, self.pieces[index].start + len(self.pieces[index].data))
            index += 1
        return start < end

    def take(self, offset: int) -> list[Piece]:
        """Remove and return the pieces that join on at `offset`, one after the other."""
        count = 0
        for piece in self.pieces:
            if piece.start > offset:
                break
            offset = max(offset, piece.start + len(piece.data))
            count += 1
        ready = self.pieces[:count]
        del self.pieces[:count]
        self.cost -= sum(len(piece.data) + PIECE_COST for piece in ready)
        return ready

    def _insert(self, index: int, piece: Piece) -> None:
        self.pieces.insert(index, piece)
        self.cost += len(piece.data) + PIECE_COST


def first_difference(start: int, kept: bytes, other_start: int, other: bytes) -> Difference | None:
    """Compare two runs of bytes where they overlap."""
    begin = max(start, other_start)
    size = min(start + len(kept), other_start + len(other)) - begin
    if size <= 0:
        return None
    kept = kept[begin - start : begin - start + size]
    other = other[begin - other_start : begin - other_start + size]
    if kept == other:
        return None
    at = next(i for i in range(size) if kept[i] != other[i])
    return begin + at, kept[at : at + 64], other[at : at + 64]
